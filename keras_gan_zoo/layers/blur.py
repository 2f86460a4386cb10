"""Resampling by a factor of 2 without aliasing, with the filter [1, 3, 3, 1]."""

import keras
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.utils import checks


def blur(images, before: int, after: int, gain: float = 1.0, stride: int = 1):
    """Pad images with zeros and filter them with [1, 3, 3, 1] / 8 along both axes.

    Args:
        images: (n, h, w, c) with known sides.
        before: zeros added on the top and on the left.
        after: zeros added on the bottom and on the right.
        gain: factor of the result.
        stride: step between the pixels of the result, out of
            (h + before + after - 3, w + before + after - 3).
    """
    sides = (before, after)
    images = backend.binomial_blur(ops.pad(images, ((0, 0), sides, sides, (0, 0))), stride)
    return images if gain == 1.0 else images * gain


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BlurUpsampling2D(keras.layers.Layer):
    """Upsampling by 2 with zero insertion and the filter [1, 3, 3, 1] / 4 along both axes.

    As in StyleGAN2 (Karras et al. 2019, arXiv 1912.04958; Zhang 2019, arXiv 1904.11486). Inputs are
    (batch, height, width, channels), outputs (batch, 2 * height, 2 * width, channels). Pixels outside
    the image are 0.

    Raises:
        ValueError: a side is unknown.
    """

    def build(self, input_shape):
        checks.known_sides(input_shape)

    def call(self, inputs):
        _, h, w, channels = inputs.shape
        for axis in (2, 4):
            inputs = ops.stack([inputs, ops.zeros_like(inputs)], axis)
        return blur(ops.reshape(inputs, (-1, 2 * h, 2 * w, channels)), 2, 1, gain=4.0)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, 2 * h, 2 * w, channels


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BlurDownsampling2D(keras.layers.Layer):
    """Downsampling by 2 after the filter [1, 3, 3, 1] / 8 along both axes.

    As in StyleGAN2 (Karras et al. 2019, arXiv 1912.04958; Zhang 2019, arXiv 1904.11486). Inputs are
    (batch, height, width, channels) with even sides, outputs (batch, height / 2, width / 2, channels).
    Pixels outside the image are 0.

    Raises:
        ValueError: a side is odd or unknown.
    """

    def build(self, input_shape):
        checks.even_sides(input_shape)

    def call(self, inputs):
        return blur(inputs, 1, 1, stride=2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, h // 2, w // 2, channels
