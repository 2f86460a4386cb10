"""Self-attention over the positions of an image."""

import keras
from keras import ops

from keras_gan_zoo.layers.convolution import Conv2D
from keras_gan_zoo.layers.spectral import SpectralConv2D


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SelfAttention(keras.layers.Layer):
    """Self-attention of SAGAN (Zhang et al. 2018, arXiv 1805.08318): x + gamma * attention(x).

    Queries and keys have an eighth of the channels, values half of them (at least one each); a fourth
    1x1 convolution restores the number of channels. No convolution has a bias. gamma is a learned
    scalar that starts at 0, so the layer starts as the identity. Keys and values are max-pooled over
    2x2 positions, as in the authors' code but not in the paper's figure. Inputs and outputs are
    (batch, height, width, channels). An odd last row or column has queries but no keys and values.

    Args:
        spectral: whether the convolutions use spectral normalization (`SpectralConv2D`), as in SAGAN's
            generator and discriminator. Defaults to False.

    Raises:
        ValueError: the inputs are not 4-D, or a side is shorter than 2.
    """

    def __init__(self, spectral: bool = False, **kwargs):
        super().__init__(**kwargs)
        self.spectral = bool(spectral)

    def build(self, input_shape):
        sides = input_shape[1:3]
        if len(input_shape) != 4 or any(side is not None and side < 2 for side in sides):
            raise ValueError(
                "Inputs must be (batch, height, width, channels) with sides of 2 or more, such as "
                f"(None, 32, 32, 64). Received: shape {tuple(input_shape)}. Apply the layer to larger "
                "images."
            )
        channels = input_shape[-1]
        narrow, half = max(channels // 8, 1), max(channels // 2, 1)
        kind = SpectralConv2D if self.spectral else Conv2D
        widths = {"query": narrow, "key": narrow, "value": half, "output": channels}
        self.convolutions = {
            name: kind(width, 1, use_bias=False, dtype=self.dtype_policy, name=name)
            for name, width in widths.items()
        }
        for name, convolution in self.convolutions.items():
            convolution.build((*input_shape[:-1], half if name == "output" else channels))
        self.gamma = self.add_weight(name="gamma", shape=(), initializer="zeros")

    def call(self, inputs, training=None):
        def convolved(name, x):
            convolution = self.convolutions[name]
            return convolution(x, training=training) if self.spectral else convolution(x)

        batch, height, width, _ = ops.shape(inputs)
        queries, keys, values = (convolved(name, inputs) for name in ("query", "key", "value"))
        queries, keys, values = map(_positions, (queries, _pooled(keys), _pooled(values)))
        weights = ops.softmax(ops.matmul(queries, ops.swapaxes(keys, 1, 2)))
        attended = ops.reshape(ops.matmul(weights, values), (batch, height, width, values.shape[-1]))
        return inputs + self.gamma * convolved("output", attended)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"spectral": self.spectral}


def _pooled(x):
    return ops.max_pool(x, 2, 2, padding="valid", data_format="channels_last")


def _positions(x):
    return ops.reshape(x, (ops.shape(x)[0], -1, x.shape[-1]))
