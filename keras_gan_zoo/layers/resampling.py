"""Bilinear resampling by a factor of 2."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BilinearUpsampling2D(keras.layers.Layer):
    """Bilinear upsampling by 2: even pixels are copied, odd pixels are the mean of their neighbours.

    Inputs are (batch, height, width, channels), outputs (batch, 2 * height, 2 * width, channels). The
    last row and column are repeated.
    """

    def call(self, inputs):
        return _double(_double(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, 2 * h, 2 * w, channels


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BilinearDownsampling2D(keras.layers.Layer):
    """Bilinear downsampling by 2: every second pixel of the image filtered with [1, 2, 1] / 4.

    Inputs are (batch, height, width, channels) with even sides, outputs (batch, height / 2, width / 2,
    channels). The first row and column are repeated.
    """

    def call(self, inputs):
        return _halve(_halve(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, h // 2, w // 2, channels


def _slice(x, axis, start, stop):
    return x[:, start:stop] if axis == 1 else x[:, :, start:stop]


def _double(x, axis):
    n = x.shape[axis]
    following = ops.concatenate([_slice(x, axis, 1, n), _slice(x, axis, n - 1, n)], axis)
    pairs = ops.stack([x, 0.5 * (x + following)], axis + 1)
    return ops.reshape(pairs, (-1, *(2 * n if i == axis else x.shape[i] for i in (1, 2, 3))))


def _halve(x, axis):
    n = x.shape[axis] // 2
    shape = [-1, *x.shape[1:]]
    shape[axis : axis + 1] = [n, 2]
    pairs = ops.reshape(x, shape)
    even, odd = ops.unstack(pairs, 2, axis + 1)
    previous = ops.concatenate([_slice(even, axis, 0, 1), _slice(odd, axis, 0, n - 1)], axis)
    return 0.5 * even + 0.25 * (previous + odd)
