"""Checks of the images and style weights passed to the style transfer models."""

import numpy as np

from keras_gan_zoo.data.pictures import adapt, check_images, scaled


def check_pictures(argument: str, value, channels: int) -> np.ndarray:
    """Validated images as float32 in [-1, 1], (n, height, width, channels).

    Args:
        argument: name of the argument, for error messages.
        value: (height, width), (height, width, c) or (n, height, width, c), floats in [-1, 1] or uint8.
        channels: 1 or 3, the number of channels to convert to.
    """
    images = np.asarray(value)
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


def check_styles(value, channels: int) -> list[np.ndarray]:
    """Validated style images (height, width, channels) of any sizes."""
    if value is None or (isinstance(value, list | tuple) and not value):
        raise ValueError(
            f"Argument `style` must be a picture, or a list of pictures. Received: style={value!r}."
        )
    items = value if isinstance(value, list | tuple) else [value]
    batches = [check_pictures("style", item, channels) for item in items]
    return [picture for batch in batches for picture in batch]


def normalize_style_weights(value, count: int) -> np.ndarray:
    """Weights of the styles, (count,), scaled to a sum of 1. `None` stands for equal weights."""
    weights = np.ones(count) if value is None else np.asarray(value, "float64").reshape(-1)
    is_valid = len(weights) == count and np.isfinite(weights).all() and weights.min() >= 0
    if not is_valid or not weights.any():
        raise ValueError(
            f"Argument `style_weights` must be {count} numbers of 0 or more, one for each style, and "
            f"one of them above 0. Received: style_weights={value!r}."
        )
    return weights / weights.sum()
