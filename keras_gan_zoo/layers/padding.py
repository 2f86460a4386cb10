"""Reflection padding."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ReflectionPadding2D(keras.layers.Layer):
    """Reflection padding on all sides, without repeating the border pixels.

    Inputs are (batch, height, width, channels), outputs
    (batch, height + 2 * size, width + 2 * size, channels).

    Args:
        size: pixels added on each side, smaller than height and width.
    """

    def __init__(self, size: int, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def call(self, images):
        sides = (self.size, self.size)
        return ops.pad(images, ((0, 0), sides, sides, (0, 0)), mode="reflect")

    def compute_output_shape(self, shape):
        n, *sides, channels = shape
        return (n, *(side if side is None else side + 2 * self.size for side in sides), channels)

    def get_config(self):
        return super().get_config() | {"size": self.size}
