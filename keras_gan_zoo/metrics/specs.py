"""Metrics by name: the inputs that each one needs and the names of its values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.metrics.cmmd import cmmd_distance
from keras_gan_zoo.metrics.extractors import Extractor, get_extractor
from keras_gan_zoo.metrics.frechet import frechet_distance
from keras_gan_zoo.metrics.inception_score import inception_score
from keras_gan_zoo.metrics.kernel import kernel_distance
from keras_gan_zoo.metrics.memorization import memorization
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
        network: Name of the extractor that the metric is defined on, or "" for any.
        all_images: Whether the metric compares with all real images that are known, however few are
            compared otherwise.
    """

    function: Callable[[MetricInputs, MetricInputs], Sequence[float]]
    needs: str
    values: tuple[str, ...]
    network: str = ""
    all_images: bool = False

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


def _frechet(real, fake):
    return [frechet_distance(real.features, fake.features)]


def _kernel(real, fake):
    return kernel_distance(real.features, fake.features)


SPECS = {
    "frechet": MetricSpec(_frechet, "features", ("frechet_{extractor}",)),
    "kernel": MetricSpec(_kernel, "features", ("kernel_{extractor}", "kernel_{extractor}_error")),
    "prdc": MetricSpec(
        lambda real, fake: prdc(real.features, fake.features),
        "features",
        ("precision", "recall", "density", "coverage"),
    ),
    "inception_score": MetricSpec(
        lambda real, fake: [inception_score(fake.logits)], "logits", ("inception_score",)
    ),
    "ms_ssim": MetricSpec(lambda real, fake: [ms_ssim_diversity(fake.images)], "images", ("ms_ssim",)),
    "memorization": MetricSpec(
        lambda real, fake: memorization(real.features, fake.features),
        "features",
        ("copied", "authenticity", "c_t"),
        all_images=True,
    ),
    "fid": MetricSpec(_frechet, "features", ("fid",), "inception_2015"),
    "fid_clean": MetricSpec(_frechet, "features", ("fid_clean",), "inception_2015_clean"),
    "kid": MetricSpec(_kernel, "features", ("kid", "kid_error"), "inception_2015"),
    "kid_clean": MetricSpec(
        _kernel, "features", ("kid_clean", "kid_clean_error"), "inception_2015_clean"
    ),
    "fd_dinov2": MetricSpec(_frechet, "features", ("fd_{extractor}",), "dinov2"),
    "cmmd": MetricSpec(
        lambda real, fake: [cmmd_distance(real.features, fake.features)],
        "features",
        ("cmmd_{extractor}",),
        "clip",
    ),
}


def select(metrics: str | Iterable[str]) -> dict[str, MetricSpec]:
    """Look up metrics by name.

    Args:
        metrics: A list of names, or a string of names separated by commas.

    Raises:
        ValueError: There are no names, or one is unknown.
    """
    names = metrics.split(",") if isinstance(metrics, str) else list(metrics)
    names = [name.strip() if isinstance(name, str) else name for name in names]
    if not names:
        raise ValueError(
            f"Argument `metrics` must name at least one of {', '.join(SPECS)}. Received: none."
        )
    return {name: SPECS[checks.one_of("metrics", name, SPECS)] for name in names}


def images_needed(metrics: Iterable[str], samples: int | None) -> int | None:
    """Number of real images for a reference of `samples` and as many others; None for all."""
    whole = samples is None or any(SPECS[name].all_images for name in metrics)
    return None if whole else 2 * samples


class Group(NamedTuple):
    """Metrics that share their inputs.

    Args:
        extractor: Network of the features, or None for metrics of images.
        network, all_images: See `MetricSpec`.
        specs: The metrics by name.
    """

    extractor: Extractor | None
    network: str
    all_images: bool
    specs: dict[str, MetricSpec]


def grouped(
    selected: Mapping[str, MetricSpec],
    image_shape: tuple[int, ...],
    extractor: Any = None,
    networks: Mapping[str, Any] | None = None,
) -> list[Group]:
    """Group metrics by their extractor.

    Args:
        selected: Metrics by name.
        image_shape: (height, width, channels) of the images.
        extractor, networks: See `get_extractor`; `extractor` is for metrics of any network.

    Raises:
        ValueError, ImportError, OSError: See `get_extractor`.
    """
    groups: dict[Any, Group] = {}
    for name, spec in selected.items():
        found = None
        if spec.needs != "images":
            if not spec.network:
                extractor = get_extractor(extractor, image_shape, networks)
            found = get_extractor(spec.network or extractor, image_shape, networks)
        key = id(found), spec.network, spec.all_images
        groups.setdefault(key, Group(found, *key[1:], {})).specs[name] = spec
    return list(groups.values())


def collect_inputs(images: np.ndarray, group: Group, extract: Any = None) -> MetricInputs:
    """Compute the inputs of the metrics of a group.

    Args:
        images: Shape (n, h, w, c), uint8 or floats in [-1, 1].
        group: Metrics and their extractor.
        extract: Function of the images that replaces the extractor, such as one with a cache.
            Defaults to `None`, which calls the extractor.

    Raises:
        ValueError: Logits are needed and the extractor has none.
    """
    if group.extractor is None:
        return MetricInputs(scaled(images))
    outputs = (extract or group.extractor)(images)
    needs_logits = any(spec.needs == "logits" for spec in group.specs.values())
    if needs_logits and outputs.logits is None:
        raise ValueError(
            "The inception score needs an extractor with class logits. Received: "
            f"{group.extractor.name!r}, which returns features only. Let the Keras model return a dict "
            'with "features" and "logits".'
        )
    return MetricInputs(None, outputs.features, outputs.logits if needs_logits else None)
