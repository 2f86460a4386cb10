"""What the augmentations share."""

from typing import Any

import keras
from keras import ops

from keras_gan_zoo.utils.precision import at_least_float32


class Augmentation:
    """Random changes of the images that a discriminator sees, real and generated ones alike.

    Images are (n, height, width, channels), nominally in [-1, 1]; what comes out may lie outside, as
    nothing is clipped. The result is differentiable in the images, to any order: for given random
    numbers it is linear in them, plus a constant. Half precision is computed in float32.

    `adaptive` says whether the probability is to be moved during training, with `adapt`. Objects
    hold arguments only, no state.

    A subclass defines `augment(images, seed, probability)`, for images of float32 or more.
    """

    adaptive = False

    def __call__(self, images, seed, probability=1.0):
        """Augmented images, of the shape and the dtype of `images`.

        Args:
            images: floating-point tensor (n, height, width, channels); all but n static.
            seed: `keras.random.SeedGenerator`. Each call draws anew.
            probability: number or scalar tensor in [0, 1]; with 0 the images come back as they are.
        """
        images = ops.convert_to_tensor(images)
        dtype = keras.backend.standardize_dtype(images.dtype)
        return ops.cast(self.augment(at_least_float32(images), seed, probability), dtype)

    def augment(self, images, seed, probability):
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def subset(name: str, given: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """`given`, names in a sequence or a string with commas, in the order of `allowed`."""
    names = [part.strip() for part in given.split(",")] if isinstance(given, str) else given
    if not isinstance(names, list | tuple | set) or not names or not set(names) <= set(allowed):
        known = ", ".join(map(repr, allowed))
        raise ValueError(
            f"Argument `{name}` must be one or more of {known}. Received: {name}={given!r}."
        )
    return tuple(part for part in allowed if part in names)


def per_image(values, like):
    """Numbers (n,) as a factor or summand (n, 1, 1, 1) of the images `like`."""
    return ops.cast(ops.reshape(values, (-1, 1, 1, 1)), like.dtype)


def gather(images, rows, columns):
    """Pixels (n, h, w, c): at [i, y, x] that of image i at (rows[i, y, x], columns[i, y, x]).

    Args:
        images: (n, height, width, c).
        rows, columns: int32, broadcast to (n, h, w); within the image.
    """
    _, height, width, channels = images.shape
    starts = ops.arange(ops.shape(images)[0], dtype="int32") * (height * width)
    index = starts[:, None, None] + rows * width + columns
    # The axis of size 1: without it this is an embedding on PyTorch, whose gradient is slow.
    found = ops.take(ops.reshape(images, (-1, 1, channels)), index, axis=0)
    return ops.squeeze(found, axis=3)
