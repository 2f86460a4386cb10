"""Random crops of enlarged images, and random horizontal flips, of whole batches."""

import math
from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.pictures import resize

PIX2PIX_FACTOR = 286 / 256


class Augmentation(NamedTuple):
    """Random parameters for n images.

    Args:
        corners: int `(n, 2)`, top and left of the crop out of the enlarged image.
        flipped: bool `(n,)`.
    """

    corners: np.ndarray
    flipped: np.ndarray


def jitter_factor(jitter: Any) -> float:
    """Return the enlargement of the argument `jitter`: 1.0 for False, 286 / 256 for True."""
    if isinstance(jitter, bool):
        return PIX2PIX_FACTOR if jitter else 1.0
    if isinstance(jitter, int | float) and 1 <= jitter < math.inf:
        return float(jitter)
    raise ValueError(
        "Argument `jitter` must be True, False or a number of 1 or more, the enlargement before the "
        f"random crop. Received: jitter={jitter!r}. Pass True for 286 / 256, as in pix2pix."
    )


def enlarged_size(shape: tuple[int, ...], factor: float) -> tuple[int, int]:
    """Return the (height, width) out of which images of `shape` `(h, w, c)` are cropped."""
    return tuple(max(side, round(side * factor)) for side in shape[:2])


def sample(
    rng: np.random.Generator, n: int, shape: tuple[int, ...], factor: float, flip: bool
) -> Augmentation:
    """Sample parameters for n images of `shape` `(h, w, c)`.

    The generator advances by the same amount for any `factor` and `flip`.
    """
    slack = np.subtract(enlarged_size(shape, factor), shape[:2])
    corners = rng.integers(0, slack, size=(n, 2), endpoint=True)
    return Augmentation(corners, (rng.random(n) < 0.5) & flip)


def augment(images: np.ndarray, augmentation: Augmentation, factor: float) -> np.ndarray:
    """Return images `(n, h, w, c)` enlarged by `factor`, cropped to (h, w), and flipped.

    Args:
        images: uint8, or float32 in [-1, 1].
        augmentation: Parameters for each image.
        factor: The `factor` of `sample`.
    """
    size = np.array(images.shape[1:3])
    scale = size / enlarged_size(images.shape[1:], factor)
    result = images.copy()
    if (scale < 1).any():
        for image, target, corner in zip(images, result, augmentation.corners, strict=True):
            top, left = corner * scale
            bottom, right = np.minimum((corner + size) * scale, size)
            resize(image, target, (left, top, right, bottom))
    flipped = augmentation.flipped
    result[flipped] = result[flipped, :, ::-1]
    return result
