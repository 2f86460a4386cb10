"""Linear maps between vectors and small images, with one learned basis image per channel."""

import keras
from keras import initializers, ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BasisExpansion(keras.layers.Layer):
    """Multiplication of each entry of a vector by a learned basis image.

    Inputs are (batch, channels), outputs (batch, height, width, channels). The basis images are
    initialized from N(0, 1).

    Args:
        size: (height, width) of the basis images.
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
    """Inner product of each channel with a learned basis image.

    Inputs are (batch, height, width, channels), outputs (batch, channels): a depthwise convolution
    whose kernel has the size of the image. The basis images are initialized from a normal distribution
    of standard deviation 1 / sqrt(height * width).
    """

    def build(self, input_shape):
        _, h, w, channels = input_shape
        normal = initializers.RandomNormal(0.0, (h * w) ** -0.5)
        self.basis = self.add_weight((h, w, channels), normal, name="basis")

    def call(self, inputs):
        return ops.sum(inputs * ops.convert_to_tensor(self.basis), (1, 2))

    def compute_output_shape(self, input_shape):
        return input_shape[0], input_shape[3]
