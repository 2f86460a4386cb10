"""Callback that plots generated points during training."""

import os
import re
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan_zoo.callbacks.image_snapshots import ImageSnapshots
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.plots import figures


class ScatterSnapshots(ImageSnapshots):
    """Write PNG scatter plots of generated over real points, and an animated GIF when training ends.

    Files are those of `ImageSnapshots`. All plots have the same axes, around the real points; the title
    has the percentage of generated points outside them. Needs Matplotlib.

    Args:
        folder: Folder of the files, created if it does not exist.
        real: Real points, shape (n, 2), of which at most `samples` are drawn.
        every: Epochs between plots.
        every_steps: Training steps between plots. Defaults to `None`, which uses `every`.
        samples: Generated points per plot.
        seed: Seed of the fixed latents.
        frame_ms: Duration of a plot in the animation, in milliseconds. `None` writes no animation.

    Raises:
        ImportError: Matplotlib is not installed.
        ValueError: The folder cannot be written to, a number is not positive, or `real` is not finite
            or has another shape. At the first plot: the model does not generate points in the plane.

    Example:

    >>> points, _ = kgz.data.gaussian_ring(100_000)
    >>> snapshots = kgz.callbacks.ScatterSnapshots("runs/ring", points)
    >>> model.fit(points, batch_size=100, epochs=20, callbacks=[snapshots])
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        real: np.ndarray,
        every: int = 1,
        *,
        every_steps: int | None = None,
        samples: int = 2500,
        seed: int = 0,
        frame_ms: int | None = 150,
    ):
        figures.check_matplotlib()
        real = _check_real(real)
        super().__init__(
            folder, every, every_steps=every_steps, samples=samples, seed=seed, frame_ms=frame_ms
        )
        low, high = real.min(axis=0), real.max(axis=0)
        middle, reach = (low + high) / 2, 0.65 * max(*(high - low), 1e-6)
        self._limits = np.stack([middle - reach, middle + reach], axis=1)
        self.real = real[evenly_spaced(len(real), self.samples)]

    def draw(self, name: str) -> Image.Image:
        """Return one plot.

        Args:
            name: File name of the picture, whose epoch or step is the title.
        """
        points = np.asarray(self.model.generate(self.samples, seed=self.seed))
        if points.shape != (self.samples, 2):
            raise ValueError(
                "`ScatterSnapshots` needs a model that generates points in the plane, of shape "
                f"({self.samples}, 2). Received: {points.shape}. `ImageSnapshots` is for images."
            )
        title = re.sub("_0*(?=[0-9])", " ", Path(name).stem)  # step_0000100: step 100
        return self.scatter(points, title)

    def scatter(self, points: np.ndarray, title: str) -> Image.Image:
        """Plot points (n, 2) over the real ones, as an image of 480x480 pixels."""
        figure = figures.new(4.8, 4.8, dpi=100)
        axes = figure.add_subplot(aspect="equal", xlim=self._limits[0], ylim=self._limits[1])
        inside = (points >= self._limits[:, 0]) & (points <= self._limits[:, 1])
        outside = 1 - inside.all(axis=1).mean()
        axes.set_title(f"{title}, {outside:.0%} outside", fontsize=9)
        axes.scatter(*self.real.T, s=8, c="tab:orange", alpha=0.25, linewidths=0, label="real")
        axes.scatter(*points.T, s=4, c="tab:blue", alpha=0.5, linewidths=0, label="generated")
        legend = figure.legend(loc="outside lower center", ncols=2, markerscale=3, frameon=False)
        for handle in legend.legend_handles:
            handle.set_alpha(1)
        figure.canvas.draw()
        return Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")


def _check_real(real):
    real = np.asarray(real, "float64")
    if real.ndim != 2 or real.shape[1] != 2 or len(real) == 0 or not np.isfinite(real).all():
        not_finite = ", not all finite" if not np.isfinite(real).all() else ""
        raise ValueError(
            f"Argument `real` must be finite points of shape (n, 2). Received: shape {real.shape}"
            f"{not_finite}. Pass for example the points of `keras_gan_zoo.data.gaussian_ring(2500)`."
        )
    return real
