"""Metrics by name: the inputs that each one needs and the names of its values."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo import registry
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.metrics.extractors import Extractor
from keras_gan_zoo.metrics.frechet import frechet_distance
from keras_gan_zoo.metrics.inception_score import inception_score
from keras_gan_zoo.metrics.kernel import kernel_distance
from keras_gan_zoo.metrics.neighbours import prdc
from keras_gan_zoo.metrics.ssim import ms_ssim_diversity
from keras_gan_zoo.utils import checks


class MetricInputs(NamedTuple):
    """A set of images in the forms that metrics need; forms that no metric needs are None.

    Args:
        images: Shape (n, h, w, c), in [-1, 1].
        features: Activations of an extractor, float32 of shape (n, d).
        logits: Class logits of an extractor, shape (n, classes).
    """

    images: np.ndarray | None = None
    features: np.ndarray | None = None
    logits: np.ndarray | None = None

    def rows(self, rows: slice) -> "MetricInputs":
        """A subset of the images."""
        return MetricInputs(*(None if values is None else values[rows] for values in self))


class MetricSpec(NamedTuple):
    """A metric by the function that computes it.

    Args:
        function: Maps the `MetricInputs` of real and of generated images to one number per value.
        needs: The field of `MetricInputs` that the function reads.
        values: Names of the values. `{extractor}` stands for the extractor's name: distances in the
            feature space of one network are not comparable with those of another.
    """

    function: Callable[[MetricInputs, MetricInputs], Sequence[float]]
    needs: str
    values: tuple[str, ...]

    def names(self, extractor: Extractor | None) -> list[str]:
        """Names of the values in logs."""
        name = None if extractor is None else extractor.log_name
        return [value.format(extractor=name) for value in self.values]

    def measure(
        self, real: MetricInputs, fake: MetricInputs, extractor: Extractor | None
    ) -> dict[str, float]:
        """Values by name, without a standard error that cannot be estimated."""
        values = dict(zip(self.names(extractor), self.function(real, fake), strict=True))
        return {k: v for k, v in values.items() if not (k.endswith("_error") and np.isnan(v))}


SPECS = {
    "frechet": MetricSpec(
        lambda real, fake: [frechet_distance(real.features, fake.features)],
        "features",
        ("frechet_{extractor}",),
    ),
    "kernel": MetricSpec(
        lambda real, fake: kernel_distance(real.features, fake.features),
        "features",
        ("kernel_{extractor}", "kernel_{extractor}_error"),
    ),
    "prdc": MetricSpec(
        lambda real, fake: prdc(real.features, fake.features),
        "features",
        ("precision", "recall", "density", "coverage"),
    ),
    "inception_score": MetricSpec(
        lambda real, fake: [inception_score(fake.logits)], "logits", ("inception_score",)
    ),
    "ms_ssim": MetricSpec(lambda real, fake: [ms_ssim_diversity(fake.images)], "images", ("ms_ssim",)),
}


def select(metrics: str | Iterable[str]) -> dict[str, MetricSpec]:
    """Look up metrics by name.

    Args:
        metrics: A list of names, or a string of names separated by commas.

    Raises:
        ValueError: There are no names, or one is unknown or reserved.
    """
    names = metrics.split(",") if isinstance(metrics, str) else list(metrics)
    names = [name.strip() if isinstance(name, str) else name for name in names]
    if not names:
        raise ValueError(
            f"Argument `metrics` must name at least one of {', '.join(SPECS)}. Received: none."
        )
    for name in names:
        if name in registry.RESERVED_METRICS:
            raise ValueError(f"Argument `metrics`: {registry.reserved_metric(name)} Received: {names}.")
    return {name: SPECS[checks.one_of("metrics", name, SPECS)] for name in names}


def collect_inputs(
    images: np.ndarray, extractor: Extractor | None, needs: set[str], extract: Any = None
) -> MetricInputs:
    """Compute the inputs that metrics need.

    Args:
        images: Shape (n, h, w, c), uint8 or floats in [-1, 1].
        extractor: Network for features and logits, or None if neither is needed.
        needs: Fields of `MetricInputs` to compute.
        extract: Function of the images that replaces `extractor`, such as one with a cache.
            Defaults to `None`, which calls `extractor`.

    Raises:
        ValueError: Logits are needed and the extractor has none.
    """
    if extractor is None:
        return MetricInputs(scaled(images))
    outputs = (extract or extractor)(images)
    if "logits" in needs and outputs.logits is None:
        raise ValueError(
            "The inception score needs an extractor with class logits. Received: "
            f"{extractor.name!r}, which returns features only. Let the Keras model return a dict with "
            '"features" and "logits".'
        )
    return MetricInputs(scaled(images) if "images" in needs else None, *outputs)
