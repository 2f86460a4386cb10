"""Callback that measures generated images between epochs."""

import math
import os
from collections.abc import Iterable, Mapping
from typing import Any

import keras

from keras_gan_zoo.metrics import specs
from keras_gan_zoo.metrics.reference import Reference, cache_folder, real_images
from keras_gan_zoo.utils import checks


class Evaluate(keras.callbacks.Callback):
    """Measure generated images against real ones and log values such as `val_frechet_grey28`.

    `ModelCheckpoint(monitor="val_kernel_grey28", save_best_only=True)`, `EarlyStopping` and
    `ReduceLROnPlateau` (in `ForOptimizer`) can monitor the values at any position in the list of
    callbacks; their direction is set automatically. Epochs without a measurement repeat the last
    values.

    Logged names are `val_frechet_NAME`, `val_kernel_NAME` and `val_kernel_NAME_error` (standard error),
    `val_precision`, `val_recall`, `val_density`, `val_coverage`, `val_inception_score`, `val_ms_ssim`,
    `val_copied`, `val_authenticity`, `val_c_t`, `val_fid`, `val_kid` and so on, where NAME is the
    extractor's name: `grey28` or `rgb64` by default.

    Args:
        metrics: Any of those of `keras_gan_zoo.metrics.Reference`, as a list or as a string separated
            by commas.
        data: Real images, an array or a dataset. Defaults to `None`, which uses the training data.
        every: Epochs between measurements; the first epoch is always measured.
        samples: Number of generated and of real images. Defaults to `None`, which means 5,000, or
            all real images if there are fewer.
        extractor: See `keras_gan_zoo.metrics.get_extractor`. Defaults to `None`, which uses the
            bundled network that fits the images.
        seed: Seed of the latents and of the selection of real images.
        cache: Folder to store features of the real images in. Defaults to `"auto"`, the folder
            `keras_gan_zoo` in Keras' own folder (`KERAS_HOME`). `None` stores nothing.
        networks: Files or presets of the networks of papers, see `keras_gan_zoo.metrics.get_extractor`.
            Defaults to `None`, which downloads them on first use.

    Attributes:
        floor: Values of real images by name, without `val_`, available once training has started; no
            generator can be expected to be better.

    Raises:
        ValueError: A metric is unknown. When training starts, before the first step: there
            are too few real images, or they do not fit the extractor.

    Example:

    >>> best = keras.callbacks.ModelCheckpoint(
    ...     "best.keras", monitor="val_frechet_rgb64", save_best_only=True
    ... )
    >>> evaluate = kgz.callbacks.Evaluate(["frechet", "kernel"])
    >>> model.fit(dataset, epochs=20, callbacks=[evaluate, best])
    """

    adds_logs = True

    def __init__(
        self,
        metrics: str | Iterable[str] = ("frechet", "kernel"),
        data: Any = None,
        *,
        every: int = 1,
        samples: int | None = None,
        extractor: Any = None,
        seed: int = 0,
        cache: str | os.PathLike | None = "auto",
        networks: Mapping[str, Any] | None = None,
    ):
        super().__init__()
        self.metrics = list(specs.select(metrics))
        self.data = data
        self.every = checks.positive_integer("every", every)
        self.samples = None if samples is None else checks.positive_integer("samples", samples)
        self.extractor = extractor
        self.seed = seed
        self.cache = cache_folder() if cache == "auto" else cache
        self.networks = networks
        self.reference = None
        self._reference_data = None
        self._last: dict[str, float] = {}

    @property
    def floor(self) -> dict[str, float] | None:
        """Values of the metrics for other real images, by name; None before training."""
        return None if self.reference is None else self.reference.floor

    def on_train_begin(self, logs=None):
        data = self.model.training_data if self.data is None else self.data
        if self.reference is not None and data is self._reference_data:
            return
        self.reference, self._reference_data = self._make_reference(data), data
        self._last = {}
        floors = [
            f"{name} {value:.4g}"
            for name, value in self.floor.items()
            if not (math.isnan(value) or name.endswith("_error"))
        ]
        extractor = self.reference.extractor
        print(
            f"Evaluate: {self.reference.samples} samples"
            + (f", features of {extractor.label}" if extractor else "")
            + f"; values of real images: {', '.join(floors) or 'none, too few images'}",
            flush=True,
        )

    def _make_reference(self, data):
        if data is None:
            raise ValueError(
                "`Evaluate` needs real images: pass `data=`, an array or a dataset of them. Received: "
                "None, outside of the `fit` of a model of keras_gan_zoo."
            )
        images = real_images(data, specs.images_needed(self.metrics, self.samples))
        samples = self.samples or min(5000, len(images))
        return Reference(
            images, self.metrics, samples, self.extractor, self.seed, self.cache, self.networks
        )

    def get_state(self) -> dict[str, Any]:
        """Return the last values, for `Checkpoint`."""
        return dict(self._last)

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue with the values of a checkpoint."""
        self._last = state

    def on_epoch_end(self, epoch, logs=None):
        if not self._last or (epoch + 1) % self.every == 0:
            fakes = self.model.samples(self.reference.samples, self.seed, self._reference_data)
            self._last = {f"val_{k}": v for k, v in self.reference.measure(fakes).items()}
        if logs is not None:
            logs.update(self._last)
