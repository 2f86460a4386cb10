"""The metrics by name: what each needs of two sets of images, and the values that it gives."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.metrics.extractors import Extractor
from keras_gan_zoo.metrics.frechet import frechet_distance
from keras_gan_zoo.metrics.inception_score import inception_score
from keras_gan_zoo.metrics.kernel import kernel_distance
from keras_gan_zoo.metrics.neighbours import prdc
from keras_gan_zoo.metrics.ssim import ms_ssim_diversity
from keras_gan_zoo.utils import checks


class MetricInputs(NamedTuple):
    """A set of images as the metrics want it; what no metric asks for is None.

    Args:
        images: (n, h, w, c) in [-1, 1].
        features: float32 (n, d).
        logits: (n, classes).
    """

    images: np.ndarray | None = None
    features: np.ndarray | None = None
    logits: np.ndarray | None = None

    def part(self, rows: slice) -> "MetricInputs":
        """Some of the images."""
        return MetricInputs(*(None if values is None else values[rows] for values in self))


def _fid(real, fake):
    return {"fid": frechet_distance(real.features, fake.features)}


def _kid(real, fake):
    return dict(zip(("kid", "kid_error"), kernel_distance(real.features, fake.features), strict=True))


def _prdc(real, fake):
    return prdc(real.features, fake.features)._asdict()


def _inception_score(real, fake):
    return {"inception_score": inception_score(fake.logits)}


def _ms_ssim(real, fake):
    return {"ms_ssim": ms_ssim_diversity(fake.images)}


class MetricSpec(NamedTuple):
    """One metric.

    Args:
        measure: `(real, fake)`, two `MetricInputs`s, to a dict of values.
        needs: the part of the material it reads.
        values: names of the values that it gives.
    """

    measure: Callable[[MetricInputs, MetricInputs], dict[str, float]]
    needs: str
    values: tuple[str, ...]


SPECS = {
    "fid": MetricSpec(_fid, "features", ("fid",)),
    "kid": MetricSpec(_kid, "features", ("kid", "kid_error")),
    "prdc": MetricSpec(_prdc, "features", ("precision", "recall", "density", "coverage")),
    "inception_score": MetricSpec(_inception_score, "logits", ("inception_score",)),
    "ms_ssim": MetricSpec(_ms_ssim, "images", ("ms_ssim",)),
}


def chosen(metrics: str | Iterable[str]) -> dict[str, MetricSpec]:
    """The kinds of these names; a string may hold several, with commas."""
    names = metrics.split(",") if isinstance(metrics, str) else list(metrics)
    if not names:
        raise ValueError(f"Argument `metrics` must name at least one of {', '.join(SPECS)}.")
    return {name: SPECS[checks.one_of("metrics", name, SPECS)] for name in names}


def material(
    images: np.ndarray, extractor: Extractor | None, needs: set[str], extract: Any = None
) -> MetricInputs:
    """What `needs` asks for of the images.

    Args:
        images: (n, h, w, c), uint8 or floats in [-1, 1].
        extractor: for features and logits; None if they are not needed.
        needs: parts of the material.
        extract: function that calls the extractor on images. None: the extractor itself.
    """
    if extractor is None:
        return MetricInputs(scaled(images))
    found = (extract or extractor)(images)
    if "logits" in needs and found.logits is None:
        raise ValueError(
            "The inception score needs a network that classifies. Received: the extractor "
            f"{extractor.name!r}, which gives features only. Let the Keras model return a dict with "
            '"features" and "logits".'
        )
    return MetricInputs(scaled(images) if "images" in needs else None, *found)
