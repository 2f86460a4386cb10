"""Colour preservation in style transfer (Gatys et al. 2016, arXiv 1606.05897)."""

import numpy as np

MODES = ("luminance", "histogram")

# RGB to YIQ: one luminance and two chrominance channels.
_YIQ = np.array(
    [
        [0.299, 0.587, 0.114],
        [0.595716, -0.274453, -0.321263],
        [0.211456, -0.522591, 0.311135],
    ]
)


def to_luminance(image: np.ndarray) -> np.ndarray:
    """Luminance of an RGB image (..., 3) in [-1, 1], repeated to 3 channels."""
    return np.repeat(image @ _YIQ[:1].T, 3, axis=-1).astype("float32")


def replace_chrominance(image: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Combine the luminance of `image` (..., 3) with the chrominance of `colours`, in [-1, 1]."""
    yiq = np.concatenate([image @ _YIQ[:1].T, colours @ _YIQ[1:].T], axis=-1)
    return np.clip(yiq @ np.linalg.inv(_YIQ).T, -1.0, 1.0).astype("float32")


def match_statistics(image: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """Give the pixels of an image the mean and covariance of the pixels of a reference.

    Args:
        image: (height, width, channels) in [-1, 1].
        reference: (other height, other width, channels) in [-1, 1].

    Returns:
        float32 array with the shape of `image`, clipped to [-1, 1].
    """
    source, target = (x.reshape(-1, x.shape[-1]).astype("float64") for x in (image, reference))
    transform = _matrix_power(_covariance(target), 0.5) @ _matrix_power(_covariance(source), -0.5)
    result = (source - source.mean(0)) @ transform.T + target.mean(0)
    return np.clip(result, -1.0, 1.0).reshape(image.shape).astype("float32")


def _covariance(pixels):
    covariance = np.cov(pixels, rowvar=False, ddof=0).reshape(2 * pixels.shape[1:])
    # The covariance of an image of one colour is 0: the added diagonal makes it invertible.
    return covariance + 1e-5 * np.eye(pixels.shape[1])


def _matrix_power(matrix, power):
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * values**power) @ vectors.T
