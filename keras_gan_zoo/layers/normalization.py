"""Normalization layers with correct second-order gradients on every backend.

Keras' own normalization layers use TensorFlow's moments, which stop the gradient at the mean: the first
order is unaffected, but the gradient of a gradient penalty is wrong. Statistics are computed in float32
or float64.
"""

import keras
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.utils.batch_mean import batch_mean
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization (Ioffe and Szegedy 2015, arXiv 1502.03167).

    Same values, weights and arguments as `keras.layers.BatchNormalization`. Inputs and outputs are
    (batch, ..., channels). Images (batch, height, width, channels), except in float64, use the
    backend's fused kernel.

    Raises:
        ValueError: `renorm` or `synchronized` is True.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.renorm or self.synchronized:
            raise ValueError(
                "Arguments `renorm` and `synchronized` must be False: their second-order gradients are "
                f"wrong on some backends. Received: renorm={self.renorm}, synchronized="
                f"{self.synchronized}. Use `keras.layers.BatchNormalization` in networks without a "
                "gradient penalty."
            )

    def call(self, inputs, training=None, mask=None):
        # Keras' branches for moving statistics and for masks do not use TensorFlow's moments.
        if not (training and self.trainable) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        axis = self.axis % len(inputs.shape)
        is_float64 = keras.backend.standardize_dtype(inputs.dtype) == "float64"
        is_fused = len(inputs.shape) == 4 and axis == 3 and not is_float64
        if is_fused and backend.replicas() == 1:
            like = ops.convert_to_tensor(self.moving_mean)
            gamma = ops.convert_to_tensor(self.gamma) if self.scale else ops.ones_like(like)
            beta = ops.convert_to_tensor(self.beta) if self.center else ops.zeros_like(like)
            outputs, mean, variance = backend.batch_norm(inputs, gamma, beta, self.epsilon)
        else:
            inputs = at_least_float32(inputs)
            axes = [i for i in range(len(inputs.shape)) if i != axis]
            mean, variance = moments(inputs, axes, batch_mean)
            outputs = _scale_and_shift(standardize(inputs, mean, variance, self.epsilon), self, [axis])
        for moving, current in ((self.moving_mean, mean), (self.moving_variance, variance)):
            current = ops.cast(ops.stop_gradient(ops.reshape(current, moving.shape)), moving.dtype)
            moving.assign(moving * self.momentum + current * (1.0 - self.momentum))
        return ops.cast(outputs, self.compute_dtype)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class LayerNormalization(keras.layers.LayerNormalization):
    """Layer normalization (Ba et al. 2016, arXiv 1607.06450).

    Same values, weights and arguments as `keras.layers.LayerNormalization`: each sample is normalized
    over `axis`, by default the last. Inputs and outputs are (batch, ...), of the same shape.

    Raises:
        ValueError: `rms_scaling` is True, which Keras has deprecated.
    """

    def __init__(self, *args, **kwargs):
        if kwargs.get("rms_scaling"):
            raise ValueError(
                "Argument `rms_scaling` must be False. Received: rms_scaling=True. Use "
                "`keras.layers.RMSNormalization`."
            )
        super().__init__(*args, **kwargs)

    def call(self, inputs):
        x = at_least_float32(inputs)
        mean, variance = moments(x, self.axis)
        outputs = _scale_and_shift(standardize(x, mean, variance, self.epsilon), self, self.axis)
        return ops.cast(outputs, self.compute_dtype)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class GroupNormalization(keras.layers.GroupNormalization):
    """Group normalization (Wu and He 2018, arXiv 1803.08494).

    Same values, weights and arguments as `keras.layers.GroupNormalization`: each sample is normalized
    over its positions and over the channels of each of `groups` groups. Inputs and outputs are
    (batch, ..., channels), or have the channels at `axis`.

    Raises:
        ValueError: the number of channels is unknown or not a multiple of `groups`.
    """

    def call(self, inputs):
        shape, axis = ops.shape(inputs), self.axis % len(inputs.shape)
        within = inputs.shape[axis] // self.groups
        x = ops.reshape(
            at_least_float32(inputs), (*shape[:axis], self.groups, within, *shape[axis + 1 :])
        )
        mean, variance = moments(x, [i for i in range(1, len(x.shape)) if i != axis])
        x = ops.reshape(standardize(x, mean, variance, self.epsilon), shape)
        return ops.cast(_scale_and_shift(x, self, [axis]), self.compute_dtype)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class InstanceNormalization(GroupNormalization):
    """Instance normalization (Ulyanov et al. 2016, arXiv 1607.08022).

    Each channel of each sample is normalized over its positions. Inputs and outputs are
    (batch, ..., channels) with at least one axis of positions.

    Args:
        axis: axis of the channels. Defaults to -1.
        epsilon: added to the variance. Defaults to 1e-5, as in the authors' code.
        **kwargs: arguments of `keras.layers.GroupNormalization` except `groups`.

    Raises:
        ValueError: the inputs have no axis of positions.
    """

    def __init__(self, axis=-1, epsilon=1e-5, **kwargs):
        super().__init__(groups=-1, axis=axis, epsilon=epsilon, **kwargs)

    def build(self, input_shape):
        if len(input_shape) < 3:
            raise ValueError(
                "Inputs must be (batch, ..., channels) with at least one axis of positions, such as "
                f"(None, 8, 8, 64). Received: shape {tuple(input_shape)}. Use `LayerNormalization` for "
                "vectors."
            )
        super().build(input_shape)

    def get_config(self):
        config = super().get_config()
        del config["groups"]
        return config


@keras.saving.register_keras_serializable("keras_gan_zoo")
class PixelNormalization(keras.layers.Layer):
    """Pixelwise feature normalization (Karras et al. 2017, arXiv 1710.10196).

    Divides the channels of each pixel, or of each latent vector, by their root mean square. Inputs and
    outputs are (batch, ..., channels). The layer has no weights.

    Args:
        epsilon: added to the mean square. Defaults to 1e-8.
    """

    def __init__(self, epsilon: float = 1e-8, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def call(self, inputs):
        x = at_least_float32(inputs)
        x = x * ops.rsqrt(ops.mean(ops.square(x), -1, keepdims=True) + self.epsilon)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"epsilon": self.epsilon}


def moments(x, axes, mean_of=ops.mean):
    """Mean and biased variance of `x` over `axes`, with these axes kept as size 1.

    Args:
        mean_of: `batch_mean` if the batch is one of the axes.
    """
    mean = mean_of(x, axes, keepdims=True)
    centred = x - mean
    # litert-torch cannot convert the square of five axes.
    return mean, mean_of(centred * centred, axes, keepdims=True)


def standardize(x, mean, variance, epsilon):
    """(x - mean) / sqrt(variance + epsilon)."""
    return (x - mean) * ops.rsqrt(variance + epsilon)


def _scale_and_shift(x, layer, axes):
    """Apply the layer's `gamma` and `beta`, which lie along `axes`, to `x`."""
    shape = [1] * len(x.shape)
    for axis in axes:
        shape[axis] = x.shape[axis]
    if layer.scale:
        x = x * ops.reshape(ops.cast(layer.gamma, x.dtype), shape)
    if layer.center:
        x = x + ops.reshape(ops.cast(layer.beta, x.dtype), shape)
    return x
