"""Inputs computed from the target pictures: grey for colourization, edges for edges-to-photo."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan_zoo.data.pictures import adapt, check_images

Transform = Callable[[np.ndarray], np.ndarray]


def grey(images: np.ndarray) -> np.ndarray:
    """Return the luma of RGB images, `(n, h, w, 1)` of the same dtype."""
    if images.shape[-1] != 3:
        raise ValueError(
            "Argument `make` must not be 'grey' for pictures that are grey already. Received: "
            f"pictures of shape {images.shape[1:]}. Pass make='edges', or pictures in colour."
        )
    return adapt(images, None, 1)


def edges(images: np.ndarray) -> np.ndarray:
    """Return the Sobel gradient magnitude of the luma as dark lines on white, uint8 `(n, h, w, 1)`.

    A step of at least half the range, such as from black to medium grey, gives a black line.
    """
    luma = adapt(images, None, 1)[..., 0]
    lines = np.empty(luma.shape, "uint8")
    for image, target in zip(luma, lines, strict=True):
        image = image.astype("float32") * (1 if luma.dtype == np.uint8 else 127.5)
        horizontal, vertical = _sobel(image), _sobel(image.T).T
        target[...] = 255 - np.minimum(np.hypot(horizontal, vertical) / 2, 255)
    return lines[..., None]


def _sobel(image: np.ndarray) -> np.ndarray:
    """Return the Sobel derivative along the rows of `(h, w)`; a step of 1 gives 4."""
    padded = np.pad(image, 1, mode="edge")
    blurred = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return blurred[:, 2:] - blurred[:, :-2]


TRANSFORMS: dict[str, Transform] = {"grey": grey, "edges": edges}


def get(make: Any) -> Transform:
    """Return the transform of the argument `make`: a name of `TRANSFORMS` or a function."""
    if callable(make):
        return make
    if isinstance(make, str) and make in TRANSFORMS:
        return TRANSFORMS[make]
    raise ValueError(
        f"Argument `make` must be one of {', '.join(map(repr, TRANSFORMS))}, a function of an array "
        f"of images, or None. Received: make={make!r}."
    )


def apply(images: np.ndarray, make: Transform) -> np.ndarray:
    """Return `make(images)` for images `(n, h, w, c)`, checked to be as many images."""
    inputs = np.asarray(make(images))
    if len(inputs) != len(images):
        raise ValueError(
            "Argument `make` must be a function that returns an image for each image. Received: "
            f"shape {inputs.shape} for images of shape {images.shape}."
        )
    return check_images(inputs, "make")
