"""Images of twice or half the size."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BilinearUpsampling2D(keras.layers.Layer):
    """Twice the height and width: every second pixel is the mean of its neighbours.

    Inputs (batch, height, width, channels), outputs (batch, 2 * height, 2 * width, channels). The
    last row and column are repeated.
    """

    def call(self, inputs):
        return _double(_double(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, 2 * h, 2 * w, channels


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BilinearDownsampling2D(keras.layers.Layer):
    """Half the height and width: every second pixel of the image blurred with [1, 2, 1] / 4.

    Inputs (batch, height, width, channels), both sides even, outputs (batch, height / 2, width / 2,
    channels). The first row and column are repeated.
    """

    def call(self, inputs):
        return _halve(_halve(inputs, 1), 2)

    def compute_output_shape(self, input_shape):
        n, h, w, channels = input_shape
        return n, h // 2, w // 2, channels


def _cut(x, axis, start, stop):
    return x[:, start:stop] if axis == 1 else x[:, :, start:stop]


def _double(x, axis):
    n = x.shape[axis]
    following = ops.concatenate([_cut(x, axis, 1, n), _cut(x, axis, n - 1, n)], axis)
    pairs = ops.stack([x, 0.5 * (x + following)], axis + 1)
    return ops.reshape(pairs, (-1, *(2 * n if i == axis else x.shape[i] for i in (1, 2, 3))))


def _halve(x, axis):
    n = x.shape[axis] // 2
    shape = [-1, *x.shape[1:]]
    shape[axis : axis + 1] = [n, 2]
    pairs = ops.reshape(x, shape)
    even, odd = ops.unstack(pairs, 2, axis + 1)
    previous = ops.concatenate([_cut(even, axis, 0, 1), _cut(odd, axis, 0, n - 1)], axis)
    return 0.5 * even + 0.25 * (previous + odd)
