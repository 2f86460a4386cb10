"""Images of twice or half the size without aliasing, through the filter [1, 3, 3, 1].

Sums of shifted images and nothing else: exact in every order of differentiation on every backend.
"""

import keras
from keras import ops

from keras_gan_zoo import checks


def blur(images, before: int, after: int, gain: float = 1.0):
    """Images (n, h, w, c) between zeros, filtered with [1, 3, 3, 1] / 8 along both axes.

    Args:
        images: sides are known.
        before, after: zeros on the left and on top, on the right and at the bottom.
        gain: factor of the result, (n, h + before + after - 3, w + before + after - 3, c).
    """
    sides = (before, after)
    images = ops.pad(images, ((0, 0), sides, sides, (0, 0)))
    for axis, factor in ((1, gain / 8), (2, 1 / 8)):
        for _ in range(3):  # [1, 3, 3, 1] is [1, 1] three times
            n = images.shape[axis]
            images = _cut(images, axis, 0, n - 1) + _cut(images, axis, 1, n)
        images = images * factor
    return images


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BlurUpsampling2D(keras.layers.Layer):
    """Twice the height and width, smooth: zeros between the pixels, then [1, 3, 3, 1] / 4 along both
    axes (Karras et al. 2019, arXiv 1912.04958; Zhang 2019, arXiv 1904.11486).

    Inputs (batch, height, width, channels), outputs (batch, 2 * height, 2 * width, channels). Beyond
    the border are zeros.

    Raises:
        ValueError: a side is unknown.
    """

    def build(self, input_shape):
        checks.known_sides(input_shape)

    def call(self, inputs):
        return _double(_double(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, 2 * h, 2 * w, channels


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BlurDownsampling2D(keras.layers.Layer):
    """Half the height and width, without aliasing: every second pixel of the image filtered with
    [1, 3, 3, 1] / 8 along both axes (Karras et al. 2019, arXiv 1912.04958; Zhang 2019, arXiv
    1904.11486).

    Inputs (batch, height, width, channels), both sides even, outputs (batch, height / 2, width / 2,
    channels). Beyond the border are zeros.

    Raises:
        ValueError: a side is odd or unknown.
    """

    def build(self, input_shape):
        checks.even_sides(input_shape)

    def call(self, inputs):
        return _halve(_halve(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, h // 2, w // 2, channels


def _cut(x, axis, start, stop):
    return x[:, start:stop] if axis == 1 else x[:, :, start:stop]


def _padded(x, axis):
    return ops.pad(x, [(1, 1) if i == axis else (0, 0) for i in range(4)])


def _double(x, axis):
    n, padded = x.shape[axis], _padded(x, axis)
    before, after = _cut(padded, axis, 0, n), _cut(padded, axis, 2, n + 2)
    pairs = ops.stack([0.25 * before + 0.75 * x, 0.75 * x + 0.25 * after], axis + 1)
    return ops.reshape(pairs, (-1, *(2 * n if i == axis else x.shape[i] for i in (1, 2, 3))))


def _halve(x, axis):
    n = x.shape[axis] // 2
    shape = [-1, *x.shape[1:]]
    shape[axis : axis + 1] = [n, 2]
    even, odd = ops.unstack(ops.reshape(x, shape), 2, axis + 1)
    before, after = _cut(_padded(odd, axis), axis, 0, n), _cut(_padded(even, axis), axis, 2, n + 2)
    return 0.375 * (even + odd) + 0.125 * (before + after)
