"""Keeping the colours of a picture whose style changes (Gatys et al. 2016, arXiv 1606.05897)."""

import numpy as np

WAYS = ("luminance", "histogram")

# RGB to YIQ: luminance, and two numbers of colour.
_YIQ = np.array(
    [
        [0.299, 0.587, 0.114],
        [0.595716, -0.274453, -0.321263],
        [0.211456, -0.522591, 0.311135],
    ]
)


def luminance(image: np.ndarray) -> np.ndarray:
    """Brightness of an RGB image (..., 3) in [-1, 1], as grey of the same shape."""
    return np.repeat(image @ _YIQ[:1].T, 3, axis=-1).astype("float32")


def coloured(image: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Brightness of one RGB image (..., 3), hue and saturation of another; clipped to [-1, 1]."""
    yiq = np.concatenate([image @ _YIQ[:1].T, colours @ _YIQ[1:].T], axis=-1)
    return np.clip(yiq @ np.linalg.inv(_YIQ).T, -1.0, 1.0).astype("float32")


def matched(image: np.ndarray, model: np.ndarray) -> np.ndarray:
    """An image whose pixels have the mean and the covariance of another image's.

    Args:
        image: (height, width, channels) in [-1, 1].
        model: (other height, other width, channels) in [-1, 1].

    Returns:
        float32, of the shape of `image`, clipped to [-1, 1].
    """
    pixels, wanted = (x.reshape(-1, x.shape[-1]).astype("float64") for x in (image, model))
    spread = _root(_covariance(wanted), 0.5) @ _root(_covariance(pixels), -0.5)
    result = (pixels - pixels.mean(0)) @ spread.T + wanted.mean(0)
    return np.clip(result, -1.0, 1.0).reshape(image.shape).astype("float32")


def _covariance(pixels):
    # A picture of one colour has none: what is added lets the inverse exist.
    return np.cov(pixels, rowvar=False, ddof=0).reshape(2 * pixels.shape[1:]) + 1e-5 * np.eye(
        pixels.shape[1]
    )


def _root(matrix, power):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**power) @ vectors.T
