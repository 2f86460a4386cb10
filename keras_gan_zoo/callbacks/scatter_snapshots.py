"""Watch a generator of points learn."""

import os
import re
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan_zoo.callbacks.image_snapshots import ImageSnapshots
from keras_gan_zoo.data.arguments import spread
from keras_gan_zoo.plots import grids


class ScatterSnapshots(ImageSnapshots):
    """Write a PNG of generated points over real ones now and then, and an animated GIF at the end.

    Files are those of `ImageSnapshots`. All pictures show the same part of the plane, around the real
    points; the part of the generated ones that lies outside is written above. Needs matplotlib.

    Args:
        folder: made if it does not exist.
        real: real points, (n, 2), of which at most `samples` are drawn.
        every: epochs between two pictures.
        every_steps: training steps between two pictures, instead of `every`.
        samples: generated points in a picture.
        seed: of the fixed latents.
        frame_ms: milliseconds that the animation shows a picture. None: no animation.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: the folder cannot be written to, a number is not positive, or `real` is not finite
            or of another shape; at the first picture: the model makes no points in the plane.

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
        _matplotlib()  # before hours of training
        real = _check_real(real)
        super().__init__(
            folder, every, every_steps=every_steps, samples=samples, seed=seed, frame_ms=frame_ms
        )
        low, high = real.min(axis=0), real.max(axis=0)
        middle, reach = (low + high) / 2, 0.65 * max(*(high - low), 1e-6)
        self._limits = np.stack([middle - reach, middle + reach], axis=1)
        self.real = real[spread(len(real), self.samples)]

    def snapshot(self, name: str) -> None:
        """Write one picture."""
        points = np.asarray(self.model.generate(self.samples, seed=self.seed))
        if points.shape != (self.samples, 2):
            raise ValueError(
                "`ScatterSnapshots` needs a model that makes points in the plane, of shape "
                f"({self.samples}, 2). Received: {points.shape}. `ImageSnapshots` is for images."
            )
        title = re.sub("_0*(?=[0-9])", " ", Path(name).stem)  # step_0000100: step 100
        grids.save(self.scatter(points, title), self.folder / name)

    def scatter(self, points: np.ndarray, title: str) -> Image.Image:
        """Points (n, 2) over the real ones, as a picture of 480x480 pixels."""
        Figure, FigureCanvasAgg = _matplotlib()
        figure = Figure(figsize=(4.8, 4.8), dpi=100, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        axes = figure.add_subplot(aspect="equal", xlim=self._limits[0], ylim=self._limits[1])
        inside = (points >= self._limits[:, 0]) & (points <= self._limits[:, 1])
        outside = 1 - inside.all(axis=1).mean()
        axes.set_title(f"{title}, {outside:.0%} outside", fontsize=9)
        axes.scatter(*self.real.T, s=8, c="tab:orange", alpha=0.25, linewidths=0, label="real")
        axes.scatter(*points.T, s=4, c="tab:blue", alpha=0.5, linewidths=0, label="generated")
        legend = figure.legend(loc="outside lower center", ncols=2, markerscale=3, frameon=False)
        for handle in legend.legend_handles:
            handle.set_alpha(1)
        canvas.draw()
        return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def _matplotlib():
    # Not pyplot, which keeps every figure and may want a display.
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "`ScatterSnapshots` draws with matplotlib, which cannot be imported. Install it with "
            'pip install "keras-gan-zoo[plots]".'
        ) from error
    return Figure, FigureCanvasAgg


def _check_real(real):
    real = np.asarray(real, "float64")
    if real.ndim != 2 or real.shape[1] != 2 or len(real) == 0 or not np.isfinite(real).all():
        broken = ", not all finite" if not np.isfinite(real).all() else ""
        raise ValueError(
            f"Argument `real` must be finite points of shape (n, 2). Received: shape {real.shape}"
            f"{broken}. Pass for example the points of `keras_gan_zoo.data.gaussian_ring(2500)`."
        )
    return real
