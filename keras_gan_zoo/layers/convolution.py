"""Convolutions."""

import keras
from keras import ops

from keras_gan_zoo import backend


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` that is as fast as the backend can be.

    Same values and same weights. On JAX the work takes another way where XLA's own is slow on a CPU;
    so do groups on JAX and TensorFlow. `padding="same"` unless `"valid"` is asked for; only channels
    last, one stride for both axes, no dilation.

    Raises:
        ValueError: another configuration.
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="same", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, **kwargs)
        if not _is_plain(self) or self.padding not in ("same", "valid"):
            raise ValueError(
                "This layer needs padding='same' or 'valid', channels last, equal strides and no "
                "dilation. "
                f"Received: strides={self.strides}, padding={self.padding!r}, data_format="
                f"{self.data_format!r}, dilation_rate={self.dilation_rate}. Use "
                "`keras.layers.Conv2D` for others."
            )

    def call(self, inputs):
        return self.convolve(inputs, ops.convert_to_tensor(self.kernel))

    def convolve(self, inputs, kernel):
        """The layer's outputs with another kernel, a tensor, in place of its own."""
        return finish(self, backend.conv(inputs, kernel, self.strides[0], self.padding))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose` that is as fast as the backend can be.

    Same values and same weights. On JAX the kernel gradient, on PyTorch the padding takes another way
    than Keras': what they cost is in benchmarks/README.md. `padding="same"`, for kernels that are wider
    than the stride by an even number, or `"valid"`, for ones that are at least as wide; only channels
    last, one stride for both axes, no dilation.

    Raises:
        ValueError: another configuration.
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="same", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, **kwargs)
        excess = [size - self.strides[0] for size in self.kernel_size]
        if (
            not _is_plain(self)
            or self.padding not in ("same", "valid")
            or any(side < 0 or (side % 2 and self.padding == "same") for side in excess)
            or self.output_padding is not None
        ):
            raise ValueError(
                "This layer needs channels last, equal strides, no dilation and kernels at least as "
                "wide as the stride, with padding='same' wider by an even number, such as "
                "kernel_size=4, strides=2. "
                f"Received: kernel_size={self.kernel_size}, strides={self.strides}, padding="
                f"{self.padding!r}. Use `keras.layers.Conv2DTranspose` for others."
            )

    def call(self, inputs):
        kernel = ops.convert_to_tensor(self.kernel)
        outputs = backend.conv_transpose(inputs, kernel, self.strides[0], self.padding)
        return finish(self, outputs)


def _is_plain(layer):
    return (
        layer.data_format == "channels_last"
        and layer.strides[0] == layer.strides[1]
        and layer.dilation_rate in (1, (1, 1))
    )


def finish(layer, outputs):
    """Bias and activation, whichever `layer` has."""
    if layer.use_bias:
        outputs = outputs + layer.bias
    return outputs if layer.activation is None else layer.activation(outputs)
