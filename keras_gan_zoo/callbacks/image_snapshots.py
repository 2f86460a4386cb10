"""Watch the generator learn: pictures of the same latents, again and again."""

import os

import keras

from keras_gan_zoo.plots import grids
from keras_gan_zoo.utils import checks, files


class ImageSnapshots(keras.callbacks.Callback):
    """Write a PNG grid of fixed latents now and then, and an animated GIF at the end.

    Of a conditional model, a grid has a row for each class or attribute, with the same latents in each
    column.

    Files in the folder: `epoch_00001.png` ... or `step_0000100.png` ..., and `training.gif`, made of
    all of them, also of those of an earlier, interrupted run.

    Args:
        folder: made if it does not exist.
        every: epochs between two grids.
        every_steps: training steps between two grids, instead of `every`.
        samples: images in a grid; of a conditional model, at most, if they make a column.
        labels: of the rows, for conditional models: integers (rows,) or vectors of attributes (rows,
            attributes). None: all classes, or each attribute alone.
        seed: of the fixed latents.
        frame_ms: milliseconds that the animation shows a grid. None: no animation.

    Raises:
        ValueError: the folder cannot be written to, or a number is not positive.
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
        if every_steps is not None:
            every_steps = checks.positive_integer("every_steps", every_steps)
        self.every_steps = every_steps
        self.samples = checks.positive_integer("samples", samples)
        self.labels = labels
        self.seed = seed
        self.frame_ms = frame_ms
        self.folder = files.writable_folder(folder, "folder")
        if every_steps is None:
            # Keras dispatches the steps asynchronously only if no callback listens to them.
            self.on_train_batch_end = super().on_train_batch_end

    @property
    def animation(self):
        return self.folder / "training.gif"

    def on_train_begin(self, logs=None):
        if self.labels is not None:
            self.model.generate_grid(1, self.labels, self.seed)  # refuses wrong ones at once
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
        """Write one grid."""
        images, columns = self.model.generate_grid(self.samples, self.labels, self.seed)
        grids.save(grids.grid(images, columns), self.folder / name)

    def animate(self) -> None:
        """Write the animation from the grids in the folder, if there are any."""
        kind = "epoch" if self.every_steps is None else "step"
        frames = sorted(self.folder.glob(f"{kind}_*.png"))
        if self.frame_ms is not None and frames:
            grids.save_animation(frames, self.animation, self.frame_ms)
