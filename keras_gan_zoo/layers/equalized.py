"""Layers with an equalized learning rate (Karras et al. 2017, arXiv 1710.10196)."""

import math

import keras
from keras import initializers, ops

from keras_gan_zoo import backend
from keras_gan_zoo.layers.blur import blur
from keras_gan_zoo.layers.convolution import Conv2D
from keras_gan_zoo.utils import checks


class _Equalized:
    """Mixin for an equalized learning rate: weights are scaled at run time, not at initialization.

    All layers then have the same effective learning rate under an optimizer with normalized steps,
    such as Adam. The kernel is initialized from N(0, 1 / lr_multiplier) and multiplied by
    gain * lr_multiplier / sqrt(fan_in) in each call; the bias is multiplied by lr_multiplier.
    """

    def _equalize(self, gain, lr_multiplier, bias):
        self.gain = checks.positive("gain", gain)
        self.lr_multiplier = checks.positive("lr_multiplier", lr_multiplier)
        self.bias_value = checks.finite("bias_value", bias)
        return {
            "kernel_initializer": initializers.RandomNormal(0.0, 1.0 / self.lr_multiplier),
            "bias_initializer": initializers.Constant(self.bias_value / self.lr_multiplier),
        }

    def scaled_kernel(self):
        """The kernel times its run-time scale, in the compute dtype."""
        kernel = ops.convert_to_tensor(self.kernel)
        return kernel * (self.gain * self.lr_multiplier / math.sqrt(math.prod(kernel.shape[:-1])))

    def _finish(self, outputs):
        if self.use_bias:
            outputs = outputs + self.bias * self.lr_multiplier
        return outputs if self.activation is None else self.activation(outputs)

    def get_config(self):
        own = ("gain", "lr_multiplier", "bias_value")
        return super().get_config() | {name: getattr(self, name) for name in own}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class EqualizedDense(_Equalized, keras.layers.Dense):
    """`keras.layers.Dense` with an equalized learning rate (Karras et al. 2017, arXiv 1710.10196).

    Inputs are (batch, ..., features), outputs (batch, ..., units).

    Args:
        units: number of outputs.
        gain: positive factor of the kernel. Defaults to 1; sqrt(2) before a ReLU preserves the scale of
            the activations.
        lr_multiplier: positive factor of the layer's learning rate. Defaults to 1; StyleGAN's mapping
            network uses 0.01.
        bias_value: initial value of the bias. Defaults to 0.
        **kwargs: as in `keras.layers.Dense`.

    Raises:
        ValueError: `gain` or `lr_multiplier` is not positive.
    """

    def __init__(self, units, gain=1.0, lr_multiplier=1.0, bias_value=0.0, **kwargs):
        initial = self._equalize(gain, lr_multiplier, bias_value)
        super().__init__(units, **initial | kwargs)

    def call(self, inputs, training=None):
        return self._finish(ops.matmul(inputs, self.scaled_kernel()))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Bias(keras.layers.Layer):
    """Addition of a learned bias per channel, initially 0, to inputs (batch, ..., channels)."""

    def build(self, input_shape):
        self.bias = self.add_weight(input_shape[-1:], "zeros", name="bias")

    def call(self, inputs):
        return inputs + self.bias

    def compute_output_shape(self, input_shape):
        return input_shape


@keras.saving.register_keras_serializable("keras_gan_zoo")
class EqualizedConv2D(_Equalized, Conv2D):
    """`Conv2D` of this package with an equalized learning rate (Karras et al. 2017, arXiv 1710.10196).

    Inputs are (batch, height, width, channels), outputs (batch, height, width, filters) with
    "same" padding, or half the height and width with `downsampling`.

    Args:
        filters, kernel_size: see `Conv2D`.
        gain, lr_multiplier, bias_value: see `EqualizedDense`.
        downsampling: whether to blur the images with [1, 3, 3, 1] and convolve with stride 2, as in
            StyleGAN2 (Karras et al. 2019, arXiv 1912.04958). Requires even sides and a 3x3 kernel.
            Defaults to False.
        **kwargs: as in `Conv2D`.

    Raises:
        ValueError: an argument is out of range; or, with `downsampling`, a side is odd or unknown.
    """

    def __init__(
        self,
        filters,
        kernel_size,
        gain=1.0,
        lr_multiplier=1.0,
        bias_value=0.0,
        downsampling=False,
        **kwargs,
    ):
        initial = self._equalize(gain, lr_multiplier, bias_value)
        super().__init__(filters, kernel_size, **initial | kwargs)
        self.downsampling = bool(downsampling)
        if self.downsampling and (self.kernel_size, self.strides) != ((3, 3), (1, 1)):
            raise ValueError(
                "Argument `downsampling` needs kernel_size=3 and strides=1. Received: kernel_size="
                f"{self.kernel_size}, strides={self.strides}. Use `BlurDownsampling2D` before other "
                "convolutions."
            )

    def build(self, input_shape):
        super().build(input_shape)
        if self.downsampling:
            checks.even_sides(input_shape)

    def call(self, inputs):
        kernel = self.scaled_kernel()
        if not self.downsampling:
            return self._finish(backend.conv(inputs, kernel, self.strides[0]))
        # The outputs need h + 1 blurred rows and columns; h + 2 keeps the sides even.
        outputs = backend.conv(blur(inputs, 2, 3), kernel, 2)
        return self._finish(outputs[:, :-1, :-1])

    def compute_output_shape(self, input_shape):
        n, *sides, channels = super().compute_output_shape(input_shape)
        sides = [side // 2 if self.downsampling else side for side in sides]
        return (n, *sides, channels)

    def get_config(self):
        return super().get_config() | {"downsampling": self.downsampling}
