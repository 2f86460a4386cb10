"""The metrics as Keras metrics, fed with one batch after another."""

from typing import Any

import keras
import numpy as np

from keras_gan_zoo.metrics import extractors, kinds
from keras_gan_zoo.metrics.kinds import Material


class GenerationMetric(keras.metrics.Metric):
    """A metric of generated against real images, batch by batch; subclasses say which.

    Pass it to `compile(metrics=[...])`, and `evaluate` reports it; or call `update_state(real, fake)`
    and `result()`. It works on numpy arrays in float64, outside of compiled functions, and keeps the
    features of every batch: its value depends neither on the batches' size nor on their order.

    Args:
        extractor: see `keras_gan_zoo.metrics.extractor`.
        name: in logs. None: the metric's usual one.
    """

    kind = ""

    def __init__(self, extractor: Any = None, name: str | None = None):
        super().__init__(name=name or self.kind)
        self.extractor = extractor
        self._real: list[Material] = []
        self._fake: list[Material] = []

    def update_state(self, real=None, fake=None) -> None:
        """Add real images, fakes, or both: (n, h, w, c), floats in [-1, 1]. Their n may differ."""
        for images, kept in ((real, self._real), (fake, self._fake)):
            if images is not None:
                kept.append(self._material(np.asarray(images)))

    def _material(self, images):
        needs = {kinds.KINDS[self.kind].needs}
        extractor = None if "images" in needs else extractors.get(self.extractor, images.shape[1:])
        return kinds.material(images, extractor, needs)

    def result(self) -> float | dict[str, float]:
        """The value, or a dict of values where the metric has several."""
        return self._value(_joined(self._real, self.name), _joined(self._fake, self.name))

    def floor(self) -> float | dict[str, float]:
        """The value that real images get: one half of those seen against the other."""
        real = _joined(self._real, self.name)
        odd, even = (Material(*(None if p is None else p[i::2] for p in real)) for i in (0, 1))
        return self._value(odd, even)

    def _value(self, real, fake):
        values = kinds.KINDS[self.kind].measure(real, fake)
        return next(iter(values.values())) if len(values) == 1 else values

    def reset_state(self) -> None:
        """Forget all images."""
        self._real, self._fake = [], []

    def get_config(self) -> dict[str, Any]:
        """Raises ValueError for an extractor that is a network of the user's own."""
        if not isinstance(self.extractor, str | None):
            raise ValueError("A metric with an extractor that is not named cannot be written to a file.")
        return {"extractor": self.extractor, "name": self.name}


def _joined(parts, name):
    if not parts:
        raise ValueError(
            f"The metric {name!r} has seen no images. Call `update_state(real, fake)` first, or ask for "
            "it with `compile(metrics=[...])` and `evaluate`."
        )
    columns = zip(*parts, strict=True)
    return Material(*(None if column[0] is None else np.concatenate(column) for column in columns))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class FrechetDistance(GenerationMetric):
    """`frechet_distance` (FID, Heusel et al. 2017, arXiv 1706.08500) as a Keras metric."""

    kind = "fid"


@keras.saving.register_keras_serializable("keras_gan_zoo")
class KernelDistance(GenerationMetric):
    """`kernel_distance` (KID, Binkowski et al. 2018, arXiv 1801.01401) as a Keras metric."""

    kind = "kid"


@keras.saving.register_keras_serializable("keras_gan_zoo")
class PRDC(GenerationMetric):
    """`prdc` (arXiv 1904.06991, arXiv 2002.09797) as a Keras metric of four values."""

    kind = "prdc"


@keras.saving.register_keras_serializable("keras_gan_zoo")
class InceptionScore(GenerationMetric):
    """`inception_score` (Salimans et al. 2016, arXiv 1606.03498) as a Keras metric."""

    kind = "inception_score"


@keras.saving.register_keras_serializable("keras_gan_zoo")
class MSSSIMDiversity(GenerationMetric):
    """`ms_ssim_diversity` (Odena et al. 2017, arXiv 1610.09585) as a Keras metric."""

    kind = "ms_ssim"


CLASSES = {kind.kind: kind for kind in GenerationMetric.__subclasses__()}


def get(metric: str | GenerationMetric) -> GenerationMetric:
    """A metric by its name, or as it is.

    Raises:
        ValueError: neither a known name nor a `GenerationMetric`.
    """
    if isinstance(metric, GenerationMetric):
        return metric
    kinds.chosen([metric])
    return CLASSES[metric]()
