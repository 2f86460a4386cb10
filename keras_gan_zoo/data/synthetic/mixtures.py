"""Data with known modes, for the measurement of mode collapse.

The three data sets are those of the VEEGAN and PacGAN papers (Srivastava et al. 2017, arXiv 1705.07761;
Lin et al. 2018, arXiv 1712.04086). `keras_gan_zoo.metrics.modes` counts the covered modes.
"""

import math

import numpy as np

from keras_gan_zoo.data.synthetic.digits import digits
from keras_gan_zoo.utils import checks

_MAX_DIGITS = 10_000


def gaussian_ring(
    n: int, seed: int = 0, *, modes: int = 8, radius: float = 1.0, sigma: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Sample points from equally likely Gaussians, evenly spaced on a circle ("2D-ring").

    Args:
        n: Number of points, positive.
        seed: Non-negative integer.
        modes: Number of Gaussians.
        radius: Radius of the circle.
        sigma: Standard deviation of each Gaussian, the same in all directions.

    Returns:
        A tuple `(points, labels)`: float32 `(n, 2)`, and int32 `(n,)`, the index of the Gaussian of
        each point in `ring_centres(modes, radius)`.

    Raises:
        ValueError: If a number is not positive.

    Example:

    >>> points, labels = gaussian_ring(100_000)
    >>> points.shape, labels.max()
    ((100000, 2), 7)
    """
    return _sample(n, seed, ring_centres(modes, radius), sigma)


def gaussian_grid(
    n: int, seed: int = 0, *, modes: int = 25, spacing: float = 2.0, sigma: float = 0.05
) -> tuple[np.ndarray, np.ndarray]:
    """Sample points from equally likely Gaussians on a square grid around the origin ("2D-grid").

    With the defaults, the points lie approximately in [-4, 4], not in [-1, 1].

    Args:
        n: Number of points, positive.
        seed: Non-negative integer.
        modes: Number of Gaussians, a square number.
        spacing: Distance of neighbours.
        sigma: Standard deviation of each Gaussian, the same in all directions.

    Returns:
        A tuple `(points, labels)`: float32 `(n, 2)`, and int32 `(n,)`, the index of the Gaussian of
        each point in `grid_centres(modes, spacing)`.

    Raises:
        ValueError: If a number is not positive, or `modes` is not a square number.
    """
    return _sample(n, seed, grid_centres(modes, spacing), sigma)


def ring_centres(modes: int = 8, radius: float = 1.0) -> np.ndarray:
    """Return the centres of `gaussian_ring`, float64 `(modes, 2)`, the first on the right.

    Args:
        modes: number of centres, a positive integer.
        radius: of the ring, a positive number.

    Raises:
        ValueError: an invalid number.
    """
    modes = checks.positive_integer("modes", modes)
    angles = 2 * np.pi * np.arange(modes) / modes
    return np.stack([np.cos(angles), np.sin(angles)], axis=1) * _positive("radius", radius)


def grid_centres(modes: int = 25, spacing: float = 2.0) -> np.ndarray:
    """Return the centres of `gaussian_grid`, float64 `(modes, 2)`, sorted by x, then by y.

    Args:
        modes: number of centres, a square number.
        spacing: distance of neighbours, a positive number.

    Raises:
        ValueError: an invalid number.
    """
    side = math.isqrt(checks.positive_integer("modes", modes))
    if side**2 != modes:
        raise ValueError(
            f"Argument `modes` must be a square number. Received: modes={modes}. "
            f"Pass {side**2} or {(side + 1) ** 2}."
        )
    line = (np.arange(side) - (side - 1) / 2) * _positive("spacing", spacing)
    return np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)


def stacked_digits(
    n: int, seed: int = 0, images: np.ndarray | None = None, labels: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Stack three random digits as red, green and blue channels: 1000 modes ("stacked MNIST").

    Args:
        n: Number of stacks, positive.
        seed: Non-negative integer.
        images: Digits to stack, uint8 `(m, h, w)` or `(m, h, w, 1)`, such as those of MNIST. `None`
            for up to 10,000 of `keras_gan_zoo.data.digits`, which are the same for every `seed`.
        labels: Classes of `images`, integers `(m,)` in 0..9. `None` with `images=None`.

    Returns:
        A tuple `(images, labels)`: uint8 `(n, h, w, 3)`, 28x28 by default, and int32 `(n,)` in 0..999:
        100 times the red digit, 10 times the green one and the blue one.

    Raises:
        ValueError: If `n` or `seed` is out of range, one of `images` and `labels` comes without the
            other, or they are of another type or shape.

    Example:

    >>> images, labels = stacked_digits(128_000)
    >>> dataset = ImageDataset(images, batch_size=64)
    """
    n = checks.positive_integer("n", n)
    seed = checks.non_negative_integer("seed", seed)
    if images is None and labels is None:
        images, labels = digits(min(_MAX_DIGITS, -(-3 * n // 10) * 10))
    images, labels = _check_digits(images, labels)
    chosen = np.random.default_rng(seed).integers(len(images), size=(n, 3))
    stacks = np.empty((n, *images.shape[1:], 3), "uint8")
    for channel in range(3):
        stacks[..., channel] = images[chosen[:, channel]]
    return stacks, (labels[chosen] @ [100, 10, 1]).astype("int32")


def _sample(n: int, seed: int, centres: np.ndarray, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """Sample `n` points around random centres."""
    n = checks.positive_integer("n", n)
    sigma = _positive("sigma", sigma)
    rng = np.random.default_rng(checks.non_negative_integer("seed", seed))
    labels = rng.integers(len(centres), size=n, dtype="int32")
    points = centres[labels] + sigma * rng.standard_normal((n, 2))
    return points.astype("float32"), labels


def _positive(name: str, value: float) -> float:
    """Return `value` if it is a finite number above 0."""
    if not isinstance(value, int | float) or not 0 < value < math.inf:
        raise ValueError(
            f"Argument `{name}` must be a positive number. Received: {name}={value!r}. "
            "Leave it out for the value of the papers."
        )
    return float(value)


def _check_digits(
    images: np.ndarray | None, labels: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return digits as uint8 (m, h, w) and their labels as int64 (m,)."""
    if images is None or labels is None:
        missing = "images" if images is None else "labels"
        raise ValueError(
            f"Arguments `images` and `labels` must come together. Received: {missing}=None. Pass both, "
            "or neither for synthetic digits."
        )
    images, labels = np.asarray(images), np.asarray(labels)
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if images.ndim != 3 or images.dtype != np.uint8 or images.size == 0:
        raise ValueError(
            "Argument `images` must be uint8 of shape (m, h, w) or (m, h, w, 1), grey digits. "
            f"Received: {images.dtype} of shape {images.shape}. Pass for example x_train of MNIST."
        )
    whole = labels.dtype.kind in "iu"
    if labels.shape != (len(images),) or not whole or not 0 <= labels.min() <= labels.max() <= 9:
        bounds = f" in {labels.min()}..{labels.max()}" if whole and labels.size else ""
        raise ValueError(
            f"Argument `labels` must be integers in 0..9, of shape ({len(images)},) as there are "
            f"{len(images)} images. Received: {labels.dtype} of shape {labels.shape}{bounds}."
        )
    return images, labels.astype("int64")
