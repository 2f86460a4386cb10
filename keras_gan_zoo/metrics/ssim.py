"""Multi-scale structural similarity, and how alike a set's images are by it."""

import numpy as np

from keras_gan_zoo.utils import checks

_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
_WINDOW = 11


def ms_ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Multi-scale structural similarity of image pairs (Wang et al. 2003).

    Gaussian windows of 11 pixels with standard deviation 1.5, the paper's weights. As many of its
    five scales as leave 11 pixels on the shorter side; their weights are normalized.

    Args:
        a, b: images (n, h, w, c) in [-1, 1], sides of at least 11.

    Returns:
        float64 (n,); 1 for equal images.

    Raises:
        ValueError: shapes that differ, or images that are too small.
    """
    a, b = ((np.asarray(images, "float64") + 1.0) / 2.0 for images in (a, b))
    if a.ndim != 4 or a.shape != b.shape or min(a.shape[1:3], default=0) < _WINDOW:
        raise ValueError(
            f"Arguments `a` and `b` must be images of one shape (n, h, w, c), h and w at least "
            f"{_WINDOW}. Received: {a.shape} and {b.shape}."
        )
    side, scales = min(a.shape[1:3]), 1
    while side // 2**scales >= _WINDOW and scales < len(_WEIGHTS):
        scales += 1
    weights = _WEIGHTS[:scales] / _WEIGHTS[:scales].sum()
    result = np.ones((len(a), a.shape[3]))
    for scale, weight in enumerate(weights):
        luminance, contrast = _compare(a, b)
        value = luminance * contrast if scale == scales - 1 else contrast
        result *= np.maximum(value.mean((1, 2)), 0.0) ** weight
        a, b = _halved(a), _halved(b)
    return result.mean(1)


def ms_ssim_diversity(images: np.ndarray, pairs: int = 1000, seed: int = 0) -> float:
    """Mean `ms_ssim` of random pairs of a set, in [0, 1]: high where the images are alike.

    Odena et al. 2017, arXiv 1610.09585. Meaningful beside the value of real images only.

    Args:
        images: (n, h, w, c) in [-1, 1], at least 2.
        pairs: how many pairs are drawn.
        seed: of the pairs.

    Raises:
        ValueError: fewer than 2 images, or too small ones.
    """
    checks.positive_integer("pairs", pairs)
    images = np.asarray(images)
    if len(images) < 2:
        raise ValueError(f"Argument `images` must hold at least 2 images. Received: {len(images)}.")
    rng = np.random.default_rng(seed)
    first = rng.integers(len(images), size=pairs)
    second = (first + rng.integers(1, len(images), size=pairs)) % len(images)
    parts = [slice(start, start + 250) for start in range(0, pairs, 250)]
    values = [ms_ssim(images[first[part]], images[second[part]]) for part in parts]
    return float(np.concatenate(values).mean())


def _compare(a, b):
    """Luminance and contrast-structure maps of images in [0, 1], a value per window and channel."""
    c1, c2 = 0.01**2, 0.03**2
    mean_a, mean_b = _blurred(a), _blurred(b)
    mixed, squares = mean_a * mean_b, mean_a**2 + mean_b**2
    covariance = _blurred(a * b) - mixed
    variances = _blurred(a**2 + b**2) - squares
    return (2 * mixed + c1) / (squares + c1), (2 * covariance + c2) / (variances + c2)


def _blurred(images):
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    window = np.exp(-(offsets**2) / (2 * 1.5**2))
    window /= window.sum()
    for axis in (1, 2):
        length = images.shape[axis] - _WINDOW + 1
        shifted = (images.take(range(i, i + length), axis) for i in range(_WINDOW))
        images = sum(weight * part for weight, part in zip(window, shifted, strict=True))
    return images


def _halved(images):
    n, h, w, c = images.shape
    h, w = h // 2, w // 2
    return images[:, : 2 * h, : 2 * w].reshape(n, h, 2, w, 2, c).mean((2, 4))
