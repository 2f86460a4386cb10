"""Building blocks of StyleGAN2 (Karras et al. 2019, arXiv 1912.04958)."""

import math

import keras
from keras import initializers, ops

from keras_gan_zoo import backend
from keras_gan_zoo.layers.blur import blur
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.batch_mean import batch_mean
from keras_gan_zoo.utils.precision import at_least_float32

_MAX_FLOAT16 = 256.0


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ModulatedConv2D(keras.layers.Layer):
    """Modulated convolution: a style scales the input channels of each sample (Karras et al. 2019,
    arXiv 1912.04958).

    Inputs are `[images, styles]` of the shapes (batch, height, width, channels) and (batch, channels);
    outputs are (batch, height, width, filters), or twice the height and width with `upsampling`. The
    images are scaled before and after one convolution, which is equivalent to one kernel per sample.
    The kernel has an equalized learning rate, as in `EqualizedConv2D`.

    Args:
        filters: output channels.
        kernel_size: an odd integer; 3 with `upsampling`.
        demodulate: whether each output channel is divided by the norm of its modulated kernel, so that
            inputs of unit variance give outputs of unit variance for any style. Defaults to True.
        upsampling: whether to use a transposed convolution with stride 2, followed by the blur
            [1, 3, 3, 1]. Defaults to False.
        use_bias: whether to add a bias to the outputs. Defaults to True.

    Raises:
        ValueError: an argument is out of range, or the inputs are not such a pair.
    """

    def __init__(
        self, filters, kernel_size, demodulate=True, upsampling=False, use_bias=True, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters = checks.positive_integer("filters", filters)
        self.kernel_size = checks.positive_integer("kernel_size", kernel_size)
        self.demodulate, self.upsampling = bool(demodulate), bool(upsampling)
        self.use_bias = bool(use_bias)
        if self.kernel_size % 2 == 0 or (self.upsampling and self.kernel_size != 3):
            raise ValueError(
                "Argument `kernel_size` must be odd, and 3 with `upsampling`. Received: kernel_size="
                f"{kernel_size!r}, upsampling={upsampling!r}."
            )

    def build(self, input_shape):
        is_pair = isinstance(input_shape, list | tuple) and len(input_shape) == 2
        images, styles = input_shape if is_pair else ((), ())
        if len(images) != 4 or tuple(styles[1:]) != tuple(images[3:]):
            raise ValueError(
                "Inputs must be [images, styles] of the shapes (batch, height, width, channels) and "
                f"(batch, channels), such as (None, 8, 8, 64) and (None, 64). Received: {input_shape}."
            )
        if self.upsampling:
            checks.known_sides(images)
        shape = (self.kernel_size, self.kernel_size, images[3], self.filters)
        normal = initializers.RandomNormal(0.0, 1.0)
        self.kernel = self.add_weight(shape, normal, name="kernel", autocast=False)
        backend.arrange_kernel(self.kernel)
        if self.use_bias:
            self.bias = self.add_weight((self.filters,), "zeros", name="bias")

    def call(self, inputs):
        images, styles = inputs[0], at_least_float32(inputs[1])
        kernel = ops.convert_to_tensor(self.kernel)
        kernel = kernel / math.sqrt(math.prod(kernel.shape[:-1]))
        if self.demodulate and self.compute_dtype == "float16":
            # Demodulation cancels a common factor of all styles of a sample, which could overflow.
            largest = ops.max(ops.abs(styles), -1, keepdims=True)
            styles = styles / ops.maximum(largest, 1e-6)
        images = images * self._per_channel(styles)
        images = self._convolve(images, ops.cast(kernel, images.dtype))
        if self.demodulate:
            squares = ops.matmul(ops.square(styles), ops.sum(ops.square(kernel), (0, 1)))
            images = images * self._per_channel(ops.rsqrt(squares + 1e-8))
        return images + self.bias if self.use_bias else images

    def _per_channel(self, factors):
        return ops.cast(factors, self.compute_dtype)[:, None, None]

    def _convolve(self, images, kernel):
        if not self.upsampling:
            return backend.conv(images, kernel, 1)
        # Pad the last row and column, whose contributions would otherwise be cropped.
        images = ops.pad(images, ((0, 0), (0, 1), (0, 1), (0, 0)))
        images = backend.conv_transpose(images, ops.transpose(kernel, (0, 1, 3, 2)), 2)
        return blur(images, 1, 0, gain=4.0)

    def compute_output_shape(self, input_shape):
        n, h, w, _ = input_shape[0]
        return (n, 2 * h, 2 * w, self.filters) if self.upsampling else (n, h, w, self.filters)

    def get_config(self):
        own = ("filters", "kernel_size", "demodulate", "upsampling", "use_bias")
        return super().get_config() | {name: getattr(self, name) for name in own}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ScaledLeakyReLU(keras.layers.Layer):
    """Leaky ReLU with a gain: gain * max(x, slope * x).

    The defaults preserve the mean square of the activations. Inputs have any shape. In float16, outputs
    are clipped to [-256, 256] (Karras et al. 2020, arXiv 2006.06676).

    Args:
        gain: positive factor. Defaults to None, which uses sqrt(2).
        slope: factor of negative inputs, in [0, 1]. Defaults to 0.2.
    """

    def __init__(self, gain: float | None = None, slope: float = 0.2, **kwargs):
        super().__init__(**kwargs)
        self.gain = math.sqrt(2.0) if gain is None else checks.positive("gain", gain)
        self.slope = checks.fraction("slope", slope)

    def call(self, inputs):
        # Scale first: TensorFlow's graph optimizer fails on a bias followed by a LeakyReLU.
        outputs = ops.leaky_relu(inputs * self.gain, self.slope)
        if self.compute_dtype == "float16":
            outputs = ops.clip(outputs, -_MAX_FLOAT16, _MAX_FLOAT16)
        return outputs

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"gain": self.gain, "slope": self.slope}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ConstantInput(keras.layers.Layer):
    """Learned constant image, broadcast to the batch and initialized from N(0, 1).

    Inputs are (batch, ...), of which only the batch size is used; outputs are
    (batch, height, width, channels).

    Args:
        shape: (height, width, channels).
    """

    def __init__(self, shape, **kwargs):
        super().__init__(**kwargs)
        self.shape = checks.image_shape(shape)

    def build(self, input_shape):
        self.constant = self.add_weight(
            self.shape, initializers.RandomNormal(0.0, 1.0), name="constant"
        )

    def call(self, inputs):
        constant = ops.convert_to_tensor(self.constant)
        return ops.broadcast_to(constant[None], (ops.shape(inputs)[0], *self.shape))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.shape)

    def get_config(self):
        return super().get_config() | {"shape": list(self.shape)}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class MeanTracker(keras.layers.Layer):
    """Identity that tracks a moving average of its inputs, for the truncation trick.

    Truncation interpolates styles towards this average (Karras et al. 2018, arXiv 1812.04948). Inputs
    and outputs are (batch, features); the non-trainable weight `mean`, (features,), is updated in
    training only.

    Args:
        momentum: share of the average that remains after a batch, in [0, 1]. Defaults to 0.995.
    """

    def __init__(self, momentum: float = 0.995, **kwargs):
        super().__init__(**kwargs)
        self.momentum = checks.fraction("momentum", momentum)

    def build(self, input_shape):
        self.mean = self.add_weight(
            input_shape[1:], "zeros", name="mean", trainable=False, autocast=False
        )

    def call(self, inputs, training=None):
        if training:
            mean = batch_mean(ops.stop_gradient(at_least_float32(inputs)), 0)
            mean = ops.cast(mean, self.mean.dtype)
            self.mean.assign(self.mean * self.momentum + mean * (1.0 - self.momentum))
        return inputs

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"momentum": self.momentum}
