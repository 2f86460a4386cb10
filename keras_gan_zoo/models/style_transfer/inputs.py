"""The pictures that models of style transfer are given, looked at before any time is lost."""

import numpy as np

from keras_gan_zoo.data.pictures import adapt, check_images, scaled


def pictures(argument: str, given, channels: int) -> np.ndarray:
    """One picture, grey without an axis for it or not, or several: float32 (n, height, width, c)."""
    images = np.asarray(given)
    if images.ndim == 2:
        images = images[..., None]
    if images.ndim == 3:
        images = images[None]
    images = adapt(scaled(check_images(images, argument)), None, channels)
    if min(images.shape[1:3]) < 2:
        raise ValueError(
            f"Argument `{argument}` must have sides of 2 pixels at least. Received: {images.shape}."
        )
    return images


def styles(given, channels: int) -> list[np.ndarray]:
    """Pictures (height, width, channels) of any sizes."""
    if given is None or (isinstance(given, list | tuple) and not given):
        raise ValueError(
            f"Argument `style` must be a picture, or a list of pictures. Received: style={given!r}."
        )
    listed = given if isinstance(given, list | tuple) else [given]
    found = [pictures("style", picture, channels) for picture in listed]
    return [picture for batch in found for picture in batch]


def style_weights(given, count: int) -> np.ndarray:
    """(styles,), with a sum of 1."""
    weights = np.ones(count) if given is None else np.asarray(given, "float64").reshape(-1)
    usable = len(weights) == count and np.isfinite(weights).all() and weights.min() >= 0
    if not usable or not weights.any():
        raise ValueError(
            f"Argument `style_weights` must be {count} numbers of 0 or more, one for each style, and "
            f"one of them above 0. Received: style_weights={given!r}."
        )
    return weights / weights.sum()
