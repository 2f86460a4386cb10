"""Random crops of enlarged images, and mirror images, of whole batches."""

import math
from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.pictures import resize

PAPER = 286 / 256


class Moves(NamedTuple):
    """What is done to each of n images.

    Args:
        corners: int `(n, 2)`, top and left of the crop out of the enlarged image.
        mirrored: bool `(n,)`.
    """

    corners: np.ndarray
    mirrored: np.ndarray


def factor(jitter: Any) -> float:
    """Returns by how much `jitter` enlarges: 1.0 for False, 286 / 256 for True."""
    if isinstance(jitter, bool):
        return PAPER if jitter else 1.0
    if isinstance(jitter, int | float) and 1 <= jitter < math.inf:
        return float(jitter)
    raise ValueError(
        "Argument `jitter` must be True, False or a number of 1 or more, by which images are enlarged "
        f"before they are cropped. Received: jitter={jitter!r}. Pass True for 286 / 256, as in pix2pix."
    )


def enlarged(shape: tuple[int, ...], factor: float) -> tuple[int, int]:
    """Returns the (height, width) out of which images of `shape` `(h, w, c)` are cropped."""
    return tuple(max(side, round(side * factor)) for side in shape[:2])


def draw(rng: np.random.Generator, n: int, shape: tuple[int, ...], factor: float, flip: bool) -> Moves:
    """Draws what is done to n images of `shape` `(h, w, c)`; as much for any arguments."""
    slack = np.subtract(enlarged(shape, factor), shape[:2])
    corners = rng.integers(0, slack, size=(n, 2), endpoint=True)
    return Moves(corners, (rng.random(n) < 0.5) & flip)


def move(images: np.ndarray, moves: Moves, factor: float) -> np.ndarray:
    """Returns images `(n, h, w, c)` enlarged by `factor`, cropped to (h, w), and mirrored.

    Args:
        images: uint8, or float32 in [-1, 1].
        moves: For each of them.
        factor: As `draw` got it.
    """
    size = np.array(images.shape[1:3])
    scale = size / enlarged(images.shape[1:], factor)
    moved = images.copy()
    if (scale < 1).any():
        for image, target, corner in zip(images, moved, moves.corners, strict=True):
            top, left = corner * scale
            bottom, right = np.minimum((corner + size) * scale, size)
            resize(image, target, (left, top, right, bottom))
    moved[moves.mirrored] = moved[moves.mirrored, :, ::-1]
    return moved
