"""Inputs made from pictures, so that any pictures give pairs: grey for colour, edges for a photo."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan_zoo.data.pictures import adapt, check_images


def grey(images: np.ndarray) -> np.ndarray:
    """Returns the luma of images in colour, `(n, h, w, 1)` of the same type."""
    if images.shape[-1] != 3:
        raise ValueError(
            "Argument `make` must not be 'grey' for pictures that are grey already. Received: "
            f"pictures of shape {images.shape[1:]}. Pass make='edges', or pictures in colour."
        )
    return adapt(images, None, 1)


def edges(images: np.ndarray) -> np.ndarray:
    """Returns dark lines on white, uint8 `(n, h, w, 1)`: how steep the luma is, by Sobel's filter.

    A step from black to half grey, or any that is as high, gives a black line.
    """
    luma = adapt(images, None, 1)[..., 0]
    lines = np.empty(luma.shape, "uint8")
    for image, target in zip(luma, lines, strict=True):
        image = image.astype("float32") * (1 if luma.dtype == np.uint8 else 127.5)
        across, down = _slope(image), _slope(image.T).T
        target[...] = 255 - np.minimum(np.hypot(across, down) / 2, 255)
    return lines[..., None]


def _slope(image: np.ndarray) -> np.ndarray:
    """Returns Sobel's derivative along the rows of `(h, w)`; a step of 1 gives 4."""
    padded = np.pad(image, 1, mode="edge")
    smooth = padded[:-2] + 2 * padded[1:-1] + padded[2:]
    return smooth[:, 2:] - smooth[:, :-2]


MAKES: dict[str, Callable[[np.ndarray], np.ndarray]] = {"grey": grey, "edges": edges}


def check(make: Any) -> Callable[[np.ndarray], np.ndarray]:
    """Returns the function that `make` names or is."""
    if callable(make):
        return make
    if isinstance(make, str) and make in MAKES:
        return MAKES[make]
    raise ValueError(
        f"Argument `make` must be one of {', '.join(map(repr, MAKES))}, a function of an array of "
        f"images, or None. Received: make={make!r}."
    )


def made(images: np.ndarray, make: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Returns what `make` makes of images `(n, h, w, c)`, if it is as many images."""
    result = np.asarray(make(images))
    if len(result) != len(images):
        raise ValueError(
            "Argument `make` must be a function that returns an image for each that it gets. Received: "
            f"shape {result.shape} for images of shape {images.shape}."
        )
    return check_images(result, "make")
