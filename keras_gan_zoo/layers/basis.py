"""Between vectors and small images: one learned picture for each channel."""

import keras
from keras import initializers, ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BasisExpansion(keras.layers.Layer):
    """Each entry of a vector times a learned picture of its own.

    Inputs (batch, channels), outputs (batch, height, width, channels). The pictures start as
    standard normal noise.

    Args:
        size: (height, width) of the pictures.
    """

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = tuple(size)

    def build(self, input_shape):
        shape = (*self.size, input_shape[-1])
        self.basis = self.add_weight(shape, initializers.RandomNormal(0.0, 1.0), name="basis")

    def call(self, inputs):
        return inputs[:, None, None, :] * ops.convert_to_tensor(self.basis)

    def compute_output_shape(self, input_shape):
        return input_shape[0], *self.size, input_shape[1]

    def get_config(self):
        return super().get_config() | {"size": list(self.size)}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BasisProjection(keras.layers.Layer):
    """The product of each channel with a learned picture, summed over all pixels.

    Inputs (batch, height, width, channels), outputs (batch, channels): a depthwise convolution with
    a kernel as large as the image. The pictures start normal, with the standard deviation
    1 / sqrt(height * width).
    """

    def build(self, input_shape):
        _, h, w, channels = input_shape
        normal = initializers.RandomNormal(0.0, (h * w) ** -0.5)
        self.basis = self.add_weight((h, w, channels), normal, name="basis")

    def call(self, inputs):
        return ops.sum(inputs * ops.convert_to_tensor(self.basis), (1, 2))

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[3]
