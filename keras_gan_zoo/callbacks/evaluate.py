"""Metrics between epochs."""

import math
import os
from collections.abc import Iterable
from typing import Any

import keras

from keras_gan_zoo.metrics import specs
from keras_gan_zoo.metrics.reference import Reference, cache_folder, real_images
from keras_gan_zoo.utils import checks


class Evaluate(keras.callbacks.Callback):
    """Measure generated images against real ones now and then, and log it as `val_fid` and the like.

    `ModelCheckpoint(monitor="val_kid", save_best_only=True)`, `EarlyStopping` and `ReduceLROnPlateau`
    (inside `ForOptimizer`) find the values, wherever they stand in the list of callbacks, and know
    which way is better. In epochs without a measurement the last value stands.

    Args:
        metrics: `"fid"`, `"kid"`, `"prdc"`, `"inception_score"`, `"ms_ssim"`: a list, or a string
            with commas.
        data: real images: an array or a dataset. None: those that `fit` trains on.
        every: epochs between two measurements; the first epoch is measured, too.
        samples: fakes, and real images. None: 5,000, or as many as there are real images.
        extractor: see `keras_gan_zoo.metrics.get_extractor`. None: the shipped one that fits.
        seed: of the latents and of the choice of real images.
        cache: folder that keeps features of the real images. `"auto"`: `keras_gan_zoo` in
            Keras' own folder (`KERAS_HOME`). None: nowhere.

    Attributes:
        floor: after training has started, the values of real images: what cannot be beaten.

    Raises:
        ValueError: unknown metrics; when training starts, before its first step: too few samples or
            images that do not fit the extractor.

    Example:

    >>> best = keras.callbacks.ModelCheckpoint("best.keras", monitor="val_fid", save_best_only=True)
    >>> model.fit(dataset, epochs=20, callbacks=[kgz.callbacks.Evaluate(["fid", "kid"]), best])
    """

    adds_logs = True

    def __init__(
        self,
        metrics: str | Iterable[str] = ("fid", "kid"),
        data: Any = None,
        *,
        every: int = 1,
        samples: int | None = None,
        extractor: Any = None,
        seed: int = 0,
        cache: str | os.PathLike | None = "auto",
    ):
        super().__init__()
        self.metrics = list(specs.chosen(metrics))
        self.data = data
        self.every = checks.positive_integer("every", every)
        self.samples = None if samples is None else checks.positive_integer("samples", samples)
        self.extractor = extractor
        self.seed = seed
        self.cache = cache_folder() if cache == "auto" else cache
        self.reference = None
        self._measured = None
        self._last: dict[str, float] = {}

    @property
    def floor(self) -> dict[str, float] | None:
        return None if self.reference is None else self.reference.floor

    def on_train_begin(self, logs=None):
        data = self.model.training_data if self.data is None else self.data
        if self.reference is not None and data is self._measured:
            return
        self.reference, self._measured = self._make_reference(data), data
        self._last = {}
        floors = [f"{name} {value:.4g}" for name, value in self.floor.items() if not math.isnan(value)]
        extractor = self.reference.extractor
        print(
            f"Evaluate: {self.reference.samples} samples"
            + (f", features of {extractor.label}" if extractor else "")
            + f"; real images get: {', '.join(floors) or 'too few to tell'}",
            flush=True,
        )

    def _make_reference(self, data):
        if data is None:
            raise ValueError(
                "`Evaluate` needs real images: pass `data=`, an array or a dataset of them. Received: "
                "None, outside of the `fit` of a model of keras_gan_zoo."
            )
        images = real_images(data, None if self.samples is None else 2 * self.samples)
        samples = self.samples or min(5000, len(images))
        return Reference(images, self.metrics, samples, self.extractor, self.seed, self.cache)

    def on_epoch_end(self, epoch, logs=None):
        if not self._last or (epoch + 1) % self.every == 0:
            fakes = self.model.samples(self.reference.samples, self.seed, self._measured)
            self._last = {f"val_{k}": v for k, v in self.reference.measure(fakes).items()}
        if logs is not None:
            logs.update(self._last)
