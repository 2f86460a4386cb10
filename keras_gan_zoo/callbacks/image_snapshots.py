"""Callback that writes images of fixed latents during training."""

import os

import keras
import numpy as np
from PIL import Image

from keras_gan_zoo import backend
from keras_gan_zoo.plots import animations, grids
from keras_gan_zoo.utils import checks, files

_MAX_FRAMES = 120
_LAST_FRAME_MS = 2000


class ImageSnapshots(keras.callbacks.Callback):
    """Write PNG grids of images of fixed latents, and an animated GIF when training ends.

    A grid of a conditional model has one row for each class or attribute, and the same latents in each
    column.

    Files in the folder: `epoch_00001.png` ... or `step_0000100.png` ..., and `training.gif`, an
    animation of at most 120 of them, evenly spaced, including those of an earlier, interrupted run.

    Args:
        folder: Folder of the files, created if it does not exist.
        every: Epochs between grids.
        every_steps: Training steps between grids. Defaults to `None`, which uses `every`.
        samples: Images per grid. For a conditional model this is the maximum, rounded down to full
            rows, but at least one column.
        labels: Labels of the rows, for conditional models: integers of shape (rows,) or attribute
            vectors of shape (rows, attributes). Defaults to `None`, which means all classes, or each
            attribute alone.
        seed: Seed of the fixed latents.
        frame_ms: Duration of a grid in the animation, in milliseconds. `None` writes no animation.

    Raises:
        ValueError: The folder cannot be written to, or a number is not positive. When training starts:
            the labels do not fit the model.
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        every: int = 1,
        *,
        every_steps: int | None = None,
        samples: int = 64,
        labels=None,
        seed: int = 0,
        frame_ms: int | None = 150,
    ):
        super().__init__()
        self.every = checks.positive_integer("every", every)
        self.every_steps = checks.optional_positive_integer("every_steps", every_steps)
        self.samples = checks.positive_integer("samples", samples)
        self.labels = labels
        self.seed = seed
        self.frame_ms = frame_ms
        self.folder = files.writable_folder(folder, "folder")
        if every_steps is None:
            # Keras runs steps asynchronously only if no callback listens to them.
            self.on_train_batch_end = super().on_train_batch_end

    @property
    def animation(self):
        """Path of the animated GIF, which is written when training ends."""
        return self.folder / "training.gif"

    def on_train_begin(self, logs=None):
        if self.labels is not None:
            self.model.generate_grid(1, self.labels, self.seed)  # raises for wrong labels
        self._step = self.model.steps

    def on_train_batch_end(self, batch, logs=None):
        before, self._step = self._step, self._step + self.model.steps_per_execution
        if self._step // self.every_steps > before // self.every_steps:
            self.snapshot(f"step_{self._step:07d}.png")

    def on_epoch_end(self, epoch, logs=None):
        self._step = self.model.steps
        if self.every_steps is None and (epoch + 1) % self.every == 0:
            self.snapshot(f"epoch_{epoch + 1:05d}.png")

    def on_train_end(self, logs=None):
        self.animate()

    def snapshot(self, name: str) -> None:
        """Write one picture; of several processes the first does so.

        Args:
            name: File name in the folder.
        """
        picture = self.draw(name)
        if backend.process()[0] == 0:
            files.writable_folder(self.folder, "folder")  # it may have been deleted since
            grids.save(picture, self.folder / name)

    def draw(self, name: str) -> Image.Image:
        """Return one grid; NaN is drawn as black. All processes of a training call it.

        Args:
            name: File name of the picture.
        """
        images, columns = self.model.generate_grid(self.samples, self.labels, self.seed)
        images = np.nan_to_num(images, nan=-1.0, posinf=1.0, neginf=-1.0)
        return grids.grid(images, columns=columns)

    def animate(self) -> None:
        """Write the animation of the grids in the folder, if there are any."""
        if backend.process()[0] > 0:
            return
        kind = "epoch" if self.every_steps is None else "step"
        frames = sorted(self.folder.glob(f"{kind}_*.png"))
        if self.frame_ms is not None and frames:
            animations.save(
                frames,
                self.animation,
                fps=1000.0 / self.frame_ms,
                last_frame_ms=max(self.frame_ms, _LAST_FRAME_MS),
                max_frames=_MAX_FRAMES,
            )
