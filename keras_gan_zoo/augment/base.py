"""Base class and helpers of augmentations."""

from typing import Any

import keras
from keras import ops

from keras_gan_zoo.utils.precision import at_least_float32


class Augmentation:
    """Base class of random augmentations of the discriminator's inputs, real and generated.

    Images are (n, height, width, channels), nominally in [-1, 1]; outputs are not clipped and can
    exceed this range. For given random numbers the outputs are an affine function of the images, so
    they are differentiable to any order. Half precision is computed in float32.

    A subclass defines `augment(images, seed, probability)` for images of float32 or float64. Objects
    store arguments only, no state.

    Attributes:
        adaptive: whether training updates the probability with `adapt`.
    """

    adaptive = False

    def __call__(self, images, seed, probability=1.0):
        """Augment images.

        Args:
            images: floating-point tensor (n, height, width, channels) with static sides and channels.
            seed: `keras.random.SeedGenerator`, which advances with each call.
            probability: number or scalar tensor in [0, 1]. 0 returns the images unchanged. Defaults
                to 1.

        Returns:
            Tensor of the shape and dtype of `images`.
        """
        images = ops.convert_to_tensor(images)
        dtype = keras.backend.standardize_dtype(images.dtype)
        return ops.cast(self.augment(at_least_float32(images), seed, probability), dtype)

    def augment(self, images, seed, probability):
        """Return transformed images; float32, otherwise as `__call__`."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


def subset(argument: str, value: Any, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """Parse one or more names.

    Args:
        argument: name of the user's argument, for the error message.
        value: sequence of names, or a string of names with commas.
        allowed: the valid names.

    Returns:
        The names of `value` in the order of `allowed`.

    Raises:
        ValueError: no name, or a name that is not allowed.
    """
    names = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(names, list | tuple | set) or not names or not set(names) <= set(allowed):
        choices = ", ".join(map(repr, allowed))
        raise ValueError(
            f"Argument `{argument}` must be one or more of {choices}. Received: {argument}={value!r}."
        )
    return tuple(part for part in allowed if part in names)


def per_image(values, like):
    """Reshape values (n,) to (n, 1, 1, 1), in the dtype of the images `like`."""
    return ops.cast(ops.reshape(values, (-1, 1, 1, 1)), like.dtype)


def gather(images, rows, columns):
    """Gather pixels: the result at [i, y, x] is images[i, rows[i, y, x], columns[i, y, x]].

    Args:
        images: (n, height, width, c).
        rows, columns: int32 indices, broadcast to (n, h, w), within the image.

    Returns:
        Tensor (n, h, w, c).
    """
    _, height, width, channels = images.shape
    starts = ops.arange(ops.shape(images)[0], dtype="int32") * (height * width)
    index = starts[:, None, None] + rows * width + columns
    # Without the axis of size 1, PyTorch uses an embedding, whose gradient is slow.
    pixels = ops.take(ops.reshape(images, (-1, 1, channels)), index, axis=0)
    return ops.squeeze(pixels, axis=3)
