"""The metrics as Keras metrics, fed with one batch after another."""

import itertools
from typing import Any

import keras
import numpy as np

from keras_gan_zoo.metrics import extractors, specs
from keras_gan_zoo.metrics.specs import MetricInputs


class GenerationMetric(keras.metrics.Metric):
    """A metric of generated against real images, batch by batch; subclasses say which.

    Pass it to `compile(metrics=[...])`, and `evaluate` reports it; or call `update_state(real, fake)`
    and `result()`. It works on numpy arrays in float64, outside of compiled functions, and keeps the
    features of every batch: its value depends neither on the batches' size nor on their order.

    Args:
        extractor: see `keras_gan_zoo.metrics.get_extractor`.
        name: in logs. None: the metric's usual one.
    """

    kind = ""

    def __init__(self, extractor: Any = None, name: str | None = None):
        super().__init__(name=name or self.kind)
        self.extractor = extractor
        self._real: list[MetricInputs] = []
        self._fake: list[MetricInputs] = []

    def update_state(self, real=None, fake=None) -> None:
        """Add real images, fakes, or both: (n, h, w, c), floats in [-1, 1]. Their n may differ."""
        for images, kept in ((real, self._real), (fake, self._fake)):
            if images is not None:
                kept.append(_material([self], np.asarray(images)))

    def result(self) -> float | dict[str, float]:
        """The value, or a dict of values where the metric has several."""
        return self._value(_joined(self._real, self.name), _joined(self._fake, self.name))

    def floor(self) -> float | dict[str, float]:
        """The value that real images get: one half of those seen against the other."""
        real = _joined(self._real, self.name)
        return self._value(real.part(slice(0, None, 2)), real.part(slice(1, None, 2)))

    def _value(self, real, fake):
        values = specs.SPECS[self.kind].measure(real, fake)
        return next(iter(values.values())) if len(values) == 1 else values

    def reset_state(self) -> None:
        """Forget all images."""
        self._real, self._fake = [], []

    def get_config(self) -> dict[str, Any]:
        """What a file keeps; a network of the user's own as extractor is not part of it."""
        extractor = self.extractor if isinstance(self.extractor, str) else None
        return {"kind": self.kind, "extractor": extractor, "name": self.name}


def _joined(parts, name):
    if not parts:
        raise ValueError(
            f"The metric {name!r} has seen no images. Call `update_state(real, fake)` first, or ask "
            "for it with `compile(metrics=[...])` and `evaluate`."
        )
    columns = zip(*parts, strict=True)
    return MetricInputs(*(None if column[0] is None else np.concatenate(column) for column in columns))


def _material(metrics, images):
    """What metrics of one extractor need of the images."""
    needs = {specs.SPECS[metric.kind].needs for metric in metrics}
    used = needs & {"features", "logits"}
    extractor = extractors.get_extractor(metrics[0].extractor, images.shape[1:]) if used else None
    return specs.material(images, extractor, needs)


def measure(metrics, real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    """Values of several metrics; those with one extractor share its features."""
    values = {}
    for _, group in itertools.groupby(
        sorted(metrics, key=lambda metric: id(metric.extractor)), lambda metric: metric.extractor
    ):
        group = list(group)
        sets = [_material(group, images) for images in (real, fake)]
        for metric in group:
            found = specs.SPECS[metric.kind].measure(*sets)
            values |= found if len(found) > 1 else {metric.name: next(iter(found.values()))}
    return values


class FrechetDistance(GenerationMetric):
    """`frechet_distance` (FID, Heusel et al. 2017, arXiv 1706.08500) as a Keras metric."""

    kind = "fid"


class KernelDistance(GenerationMetric):
    """`kernel_distance` (KID, Binkowski et al. 2018, arXiv 1801.01401) as a Keras metric."""

    kind = "kid"


class PRDC(GenerationMetric):
    """`prdc` (arXiv 1904.06991, arXiv 2002.09797) as a Keras metric of four values."""

    kind = "prdc"


class InceptionScore(GenerationMetric):
    """`inception_score` (Salimans et al. 2016, arXiv 1606.03498) as a Keras metric."""

    kind = "inception_score"


class MSSSIMDiversity(GenerationMetric):
    """`ms_ssim_diversity` (Odena et al. 2017, arXiv 1610.09585) as a Keras metric."""

    kind = "ms_ssim"


CLASSES = {kind.kind: kind for kind in GenerationMetric.__subclasses__()}


def get(metric: str | dict | GenerationMetric) -> GenerationMetric:
    """A metric by its name or config, or as it is.

    Raises:
        ValueError: none of these.
    """
    if isinstance(metric, GenerationMetric):
        return metric
    config = dict(metric) if isinstance(metric, dict) else {"kind": metric}
    name = config.pop("kind", None)
    specs.chosen([name])
    return CLASSES[name](**config)
