"""Structural similarity of images, at one or several scales, and the mean over pairs of a set."""

import numpy as np

from keras_gan_zoo.utils import checks

_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
_WINDOW = 11


def ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Structural similarity (SSIM) of image pairs (Wang et al. 2004, doi 10.1109/TIP.2003.819861).

    Uses Gaussian windows of 11 pixels with a standard deviation of 1.5, K1 0.01 and K2 0.03, at all
    positions inside the images, for each channel by itself.

    Args:
        a, b: Images of shape (n, h, w, c) in [-1, 1], with h and w of at least 11.

    Returns:
        Similarities of shape (n,), float64, at most 1; 1 for equal images.

    Raises:
        ValueError: The shapes differ, or the images are too small.
    """
    luminance, contrast = _compare(*_checked(a, b))
    return (luminance * contrast).mean((1, 2, 3))


def ms_ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Multi-scale structural similarity (MS-SSIM) of image pairs (Wang et al. 2003).

    Uses Gaussian windows of 11 pixels with a standard deviation of 1.5, and the paper's weights. Of
    the paper's five scales only those with at least 11 pixels on the shorter side are used, with
    normalized weights.

    Args:
        a, b: Images of shape (n, h, w, c) in [-1, 1], with h and w of at least 11.

    Returns:
        Similarities of shape (n,), float64, at most 1; 1 for equal images.

    Raises:
        ValueError: The shapes differ, or the images are too small.
    """
    a, b = _checked(a, b)
    side, scales = min(a.shape[1:3]), 1
    while side // 2**scales >= _WINDOW and scales < len(_WEIGHTS):
        scales += 1
    weights = _WEIGHTS[:scales] / _WEIGHTS[:scales].sum()
    result = np.ones((len(a), a.shape[3]))
    for scale, weight in enumerate(weights):
        luminance, contrast = _compare(a, b)
        value = luminance * contrast if scale == scales - 1 else contrast
        result *= np.maximum(value.mean((1, 2)), 0.0) ** weight
        a, b = _downsampled(a), _downsampled(b)
    return result.mean(1)


def ms_ssim_diversity(images: np.ndarray, pairs: int = 1000, seed: int = 0) -> float:
    """Mean `ms_ssim` of random pairs of images; high values mean low diversity.

    Odena et al. 2017, arXiv 1610.09585. Interpret it relative to the value of real images.

    Args:
        images: At least 2 images of shape (n, h, w, c) in [-1, 1], with h and w of at least 11.
        pairs: Number of pairs to draw.
        seed: Seed of the pairs.

    Returns:
        The mean similarity, in [0, 1].

    Raises:
        ValueError: There are fewer than 2 images, or they are too small.
    """
    checks.positive_integer("pairs", pairs)
    images = np.asarray(images)
    if len(images) < 2:
        raise ValueError(f"Argument `images` must hold at least 2 images. Received: {len(images)}.")
    rng = np.random.default_rng(seed)
    first = rng.integers(len(images), size=pairs)
    second = (first + rng.integers(1, len(images), size=pairs)) % len(images)
    batches = [slice(start, start + 250) for start in range(0, pairs, 250)]
    values = [ms_ssim(images[first[batch]], images[second[batch]]) for batch in batches]
    return float(np.concatenate(values).mean())


def _checked(a, b):
    """Both sets of images, float64 in [0, 1]."""
    a, b = ((np.asarray(images, "float64") + 1.0) / 2.0 for images in (a, b))
    if a.ndim != 4 or a.shape != b.shape or min(a.shape[1:3], default=0) < _WINDOW:
        raise ValueError(
            f"Arguments `a` and `b` must be images of the same shape (n, h, w, c), h and w at least "
            f"{_WINDOW}. Received: {a.shape} and {b.shape}."
        )
    return a, b


def _compare(a, b):
    """Luminance and contrast-structure maps of images in [0, 1], one value per window and channel."""
    c1, c2 = 0.01**2, 0.03**2
    mean_a, mean_b = _blurred(a), _blurred(b)
    product, squares = mean_a * mean_b, mean_a**2 + mean_b**2
    covariance = _blurred(a * b) - product
    variances = _blurred(a**2 + b**2) - squares
    return (2 * product + c1) / (squares + c1), (2 * covariance + c2) / (variances + c2)


def _blurred(images):
    offsets = np.arange(_WINDOW) - _WINDOW // 2
    window = np.exp(-(offsets**2) / (2 * 1.5**2))
    window /= window.sum()
    for axis in (1, 2):
        length = images.shape[axis] - _WINDOW + 1
        shifted = (images.take(range(i, i + length), axis) for i in range(_WINDOW))
        images = sum(weight * image for weight, image in zip(window, shifted, strict=True))
    return images


def _downsampled(images):
    n, h, w, c = images.shape
    h, w = h // 2, w // 2
    return images[:, : 2 * h, : 2 * w].reshape(n, h, 2, w, 2, c).mean((2, 4))
