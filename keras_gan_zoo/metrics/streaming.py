"""Keras metrics that accumulate real and generated images over batches."""

from typing import Any

import keras
import numpy as np

from keras_gan_zoo.metrics import extractors, specs
from keras_gan_zoo.metrics.specs import MetricInputs

# Metrics of files that release 0.1 wrote, which measured on other networks than papers do.
_RENAMED = {"fid": "frechet", "kid": "kernel"}


class GenerationMetric(keras.metrics.Metric):
    """Base class of metrics that compare generated with real images.

    Pass an object to `compile(metrics=[...])` to have it in the results of `evaluate`, or call
    `update_state(real, fake)` and `result()`. Values are computed on NumPy arrays in float64, outside
    compiled functions. The features of all batches are kept, so a value depends neither on the batch
    size nor on the order of the batches.

    Args:
        extractor: See `keras_gan_zoo.metrics.get_extractor`. Defaults to `None`, which uses the
            network that the metric is defined on, or else the bundled network that fits the images.
        name: Name in logs, for metrics with a single value. Defaults to `None`, which uses the
            metric's own name, such as `frechet_grey28` for the extractor `grey28`.
    """

    kind = ""  # key of `specs.SPECS`; part of saved compile configs, as "metric"

    def __init__(self, extractor: Any = None, name: str | None = None):
        super().__init__(name=name or self.kind)
        self.extractor = extractor
        self._resolved_extractor: extractors.Extractor | None = None
        self._real: list[MetricInputs] = []
        self._fake: list[MetricInputs] = []

    def update_state(self, real=None, fake=None) -> None:
        """Add a batch of real images, of generated images, or of both.

        Args:
            real, fake: Images of shape (n, h, w, c), floats in [-1, 1]; n may differ.
        """
        for images, batches in ((real, self._real), (fake, self._fake)):
            if images is not None:
                images = np.asarray(images)
                group = _group([self], images)
                self._resolved_extractor = group.extractor
                batches.append(specs.collect_inputs(images, group))

    def result(self) -> float | dict[str, float]:
        """Return the value, or a dict of values by name if the metric has several."""
        return self._value(_concatenate(self._real, self.name), _concatenate(self._fake, self.name))

    def floor(self) -> float | dict[str, float]:
        """Return the value of real images, measured between two halves of those accumulated."""
        real = _concatenate(self._real, self.name)
        return self._value(real.rows(slice(0, None, 2)), real.rows(slice(1, None, 2)))

    def _value(self, real, fake):
        spec = specs.SPECS[self.kind]
        values = spec.measure(real, fake, self._resolved_extractor)
        return values if len(spec.values) > 1 else next(iter(values.values()))

    def reset_state(self) -> None:
        """Discard all accumulated images."""
        self._real, self._fake = [], []

    def get_config(self) -> dict[str, Any]:
        """Return the configuration; a custom network as extractor is not part of it."""
        extractor = self.extractor if isinstance(self.extractor, str) else None
        return {"metric": self.kind, "extractor": extractor, "name": self.name}


def _concatenate(batches, name):
    if not batches:
        raise ValueError(
            f"The metric {name!r} has no images to compare. Call `update_state(real, fake)` first, or "
            "pass the metric to `compile(metrics=[...])` and call `evaluate`."
        )
    columns = zip(*batches, strict=True)
    return MetricInputs(*(None if column[0] is None else np.concatenate(column) for column in columns))


def _group(metrics, images):
    """The group of metrics that share an extractor."""
    selected = {metric.kind: specs.SPECS[metric.kind]._replace(all_images=False) for metric in metrics}
    extractor = metrics[0].extractor
    if extractor is not None:  # also in place of the network that the metric is defined on
        selected = {kind: spec._replace(network="") for kind, spec in selected.items()}
    (group,) = specs.grouped(selected, images.shape[1:], extractor)
    return group


def measure(metrics, real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """Compute several metrics; features are shared between metrics with the same extractor.

    Args:
        metrics: `GenerationMetric` objects.
        real, fake: Images of shape (n, h, w, c).

    Returns:
        Values by name.
    """
    groups, values = {}, {}
    for metric in metrics:
        spec = specs.SPECS[metric.kind]
        groups.setdefault((id(metric.extractor), spec.network, spec.needs == "images"), []).append(
            metric
        )
    for members in groups.values():
        group = _group(members, real)
        inputs = [specs.collect_inputs(images, group) for images in (real, fake)]
        for metric in members:
            spec = specs.SPECS[metric.kind]
            measured = spec.measure(*inputs, group.extractor)
            if len(spec.values) == 1 and metric.name != metric.kind:  # a name of the user's choice
                measured = {metric.name: next(iter(measured.values()))}
            values |= measured
    return values


class FrechetDistance(GenerationMetric):
    """`frechet_distance` (Heusel et al. 2017, arXiv 1706.08500) as a Keras metric."""

    kind = "frechet"


class KernelDistance(GenerationMetric):
    """`kernel_distance` (Binkowski et al. 2018, arXiv 1801.01401) as a Keras metric of two values."""

    kind = "kernel"


class PRDC(GenerationMetric):
    """`prdc` (arXiv 1904.06991, arXiv 2002.09797) as a Keras metric of four values."""

    kind = "prdc"


class InceptionScore(GenerationMetric):
    """`inception_score` (Salimans et al. 2016, arXiv 1606.03498) as a Keras metric."""

    kind = "inception_score"


class MSSSIMDiversity(GenerationMetric):
    """`ms_ssim_diversity` (Odena et al. 2017, arXiv 1610.09585) as a Keras metric."""

    kind = "ms_ssim"


class Memorization(GenerationMetric):
    """`memorization` (arXiv 2102.08921, arXiv 2004.05675) as a Keras metric of three values."""

    kind = "memorization"


class FID(GenerationMetric):
    """Fréchet Inception Distance of papers (Heusel et al. 2017, arXiv 1706.08500); see `inception`."""

    kind = "fid"


class CleanFID(GenerationMetric):
    """`FID` with the resizing of clean-fid (Parmar et al. 2022, arXiv 2104.11222)."""

    kind = "fid_clean"


class KID(GenerationMetric):
    """Kernel Inception Distance of papers (Binkowski et al. 2018, arXiv 1801.01401), with its error."""

    kind = "kid"


class CleanKID(GenerationMetric):
    """`KID` with the resizing of clean-fid (Parmar et al. 2022, arXiv 2104.11222)."""

    kind = "kid_clean"


class FDDINOv2(GenerationMetric):
    """Fréchet distance on DINOv2 (Stein et al. 2023, arXiv 2306.04675); see `dinov2`."""

    kind = "fd_dinov2"


class CMMD(GenerationMetric):
    """`cmmd_distance` on CLIP (Jayasumana et al. 2023, arXiv 2401.09603); see `clip`."""

    kind = "cmmd"


CLASSES = {metric.kind: metric for metric in GenerationMetric.__subclasses__()}


def get(metric: str | dict | GenerationMetric) -> GenerationMetric:
    """Return a metric for a name, a config of `get_config`, or an object, which stays as it is.

    Configs of files that release 0.1 wrote have `"kind"` in place of `"metric"`.

    Raises:
        ValueError: The name is unknown.
    """
    if isinstance(metric, GenerationMetric):
        return metric
    if not isinstance(metric, dict):
        specs.select([metric])
        return CLASSES[metric]()
    config = dict(metric)
    kind = config.pop("metric", None)
    if kind is None:
        old = config.pop("kind", None)
        kind = _RENAMED.get(old, old)
        if kind != old and config.get("name") == old:
            config["name"] = None
    specs.select([kind])
    return CLASSES[kind](**config)
