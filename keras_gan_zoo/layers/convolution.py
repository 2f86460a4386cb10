"""Convolutions with the backend's fastest implementation."""

import keras
from keras import ops

from keras_gan_zoo import backend


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with the backend's fastest implementation.

    Values and weights equal those of `keras.layers.Conv2D`. On a CPU, JAX avoids XLA's slow paths, and
    JAX and TensorFlow compute grouped convolutions group by group. Inputs are (batch, height, width,
    in_channels), outputs (batch, height', width', filters).

    Args:
        filters, kernel_size: as in `keras.layers.Conv2D`.
        strides: one stride for both axes. Defaults to 1.
        padding: `"same"` (default) or `"valid"`.
        **kwargs: as in `keras.layers.Conv2D`, except channels first and dilation.

    Raises:
        ValueError: a configuration that this layer does not support.
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="same", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, **kwargs)
        if not _is_supported(self) or self.padding not in ("same", "valid"):
            raise ValueError(
                "This layer needs padding='same' or 'valid', channels last, equal strides and no "
                "dilation. "
                f"Received: strides={self.strides}, padding={self.padding!r}, data_format="
                f"{self.data_format!r}, dilation_rate={self.dilation_rate}. Use "
                "`keras.layers.Conv2D` for other configurations."
            )

    def build(self, input_shape):
        super().build(input_shape)
        backend.arrange_kernel(self.kernel)

    def call(self, inputs):
        return self.convolve(inputs, ops.convert_to_tensor(self.kernel))

    def convolve(self, inputs, kernel):
        """Outputs of the layer with the tensor `kernel` in place of its own kernel."""
        return add_bias_and_activate(self, backend.conv(inputs, kernel, self.strides[0], self.padding))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Conv2DTranspose(keras.layers.Conv2DTranspose):
    """`keras.layers.Conv2DTranspose` with the backend's fastest implementation.

    Values and weights equal those of `keras.layers.Conv2DTranspose`. The kernel gradient on JAX and the
    padding on PyTorch differ in implementation; benchmarks/README.md has the measurements. Inputs are
    (batch, height, width, in_channels), outputs (batch, height', width', filters).

    Args:
        filters: output channels.
        kernel_size: at least the stride; with `"same"` padding larger than it by an even number.
        strides: one stride for both axes. Defaults to 1.
        padding: `"same"` (default) or `"valid"`.
        **kwargs: as in `keras.layers.Conv2DTranspose`, except channels first, dilation and output
            padding.

    Raises:
        ValueError: a configuration that this layer does not support.
    """

    def __init__(self, filters, kernel_size, strides=(1, 1), padding="same", **kwargs):
        super().__init__(filters, kernel_size, strides, padding, **kwargs)
        excess = [size - self.strides[0] for size in self.kernel_size]
        if (
            not _is_supported(self)
            or self.padding not in ("same", "valid")
            or any(side < 0 or (side % 2 and self.padding == "same") for side in excess)
            or self.output_padding is not None
        ):
            raise ValueError(
                "This layer needs channels last, equal strides, no dilation and a kernel of at least "
                "the stride's size, with padding='same' larger by an even number, such as "
                "kernel_size=4, strides=2. "
                f"Received: kernel_size={self.kernel_size}, strides={self.strides}, padding="
                f"{self.padding!r}. Use `keras.layers.Conv2DTranspose` for other "
                "configurations."
            )

    def build(self, input_shape):
        super().build(input_shape)
        backend.arrange_kernel(self.kernel)

    def call(self, inputs):
        kernel = ops.convert_to_tensor(self.kernel)
        outputs = backend.conv_transpose(inputs, kernel, self.strides[0], self.padding)
        return add_bias_and_activate(self, outputs)


def _is_supported(layer):
    return (
        layer.data_format == "channels_last"
        and layer.strides[0] == layer.strides[1]
        and layer.dilation_rate in (1, (1, 1))
    )


def add_bias_and_activate(layer, outputs):
    """Apply the bias and the activation of `layer`, where it has them."""
    if layer.use_bias:
        outputs = outputs + layer.bias
    return outputs if layer.activation is None else layer.activation(outputs)
