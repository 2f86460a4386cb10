"""Normalization layers whose second-order gradients are right on every backend.

TensorFlow's moments, which Keras' own normalization layers use, stop the gradient at the mean: that
changes nothing at first order, and makes a gradient penalty's gradient wrong. Statistics are taken in
float32 at least.
"""

import keras
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization (Ioffe and Szegedy 2015, arXiv 1502.03167), with the backend's fused kernel
    for images.

    Same values, weights and arguments as `keras.layers.BatchNormalization`. Inputs and outputs are
    (batch, ..., channels); the fused kernel takes (batch, height, width, channels), not in float64.

    Raises:
        ValueError: `renorm` or `synchronized` is on.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.renorm or self.synchronized:
            raise ValueError(
                "Arguments `renorm` and `synchronized` must be False: their second-order gradients are "
                f"not right on every backend. Received: renorm={self.renorm}, synchronized="
                f"{self.synchronized}. Use `keras.layers.BatchNormalization` where no gradient penalty "
                "is taken."
            )

    def call(self, inputs, training=None, mask=None):
        # Keras' way of the moving statistics and of masks has no moments.
        if not (training and self.trainable) or mask is not None:
            return super().call(inputs, training=training, mask=mask)
        axis = self.axis % len(inputs.shape)
        double = keras.backend.standardize_dtype(inputs.dtype) == "float64"
        if len(inputs.shape) == 4 and axis == 3 and self.scale and self.center and not double:
            gamma, beta = ops.convert_to_tensor(self.gamma), ops.convert_to_tensor(self.beta)
            outputs, mean, variance = backend.batch_norm(inputs, gamma, beta, self.epsilon)
        else:
            inputs = at_least_float32(inputs)
            mean, variance = _moments(inputs, [i for i in range(len(inputs.shape)) if i != axis])
            outputs = _scaled(_centred(inputs, mean, variance, self.epsilon), self, [axis])
        for moving, current in ((self.moving_mean, mean), (self.moving_variance, variance)):
            current = ops.cast(ops.stop_gradient(ops.reshape(current, moving.shape)), moving.dtype)
            moving.assign(moving * self.momentum + current * (1.0 - self.momentum))
        return ops.cast(outputs, self.compute_dtype)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class LayerNormalization(keras.layers.LayerNormalization):
    """Layer normalization (Ba et al. 2016, arXiv 1607.06450).

    Same values, weights and arguments as `keras.layers.LayerNormalization`: each sample is normalized
    over `axis`, the last by default. Inputs and outputs have the same shape, any with a batch axis.

    Raises:
        ValueError: `rms_scaling` is on, which Keras has deprecated.
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
        mean, variance = _moments(x, self.axis)
        outputs = _scaled(_centred(x, mean, variance, self.epsilon), self, self.axis)
        return ops.cast(outputs, self.compute_dtype)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class GroupNormalization(keras.layers.GroupNormalization):
    """Group normalization (Wu and He 2018, arXiv 1803.08494).

    Same values, weights and arguments as `keras.layers.GroupNormalization`: each sample is normalized
    over its other axes and over each of `groups` groups of channels. Inputs and outputs are
    (batch, ..., channels), or have the channels at `axis`.

    Raises:
        ValueError: the number of channels is unknown, or no multiple of `groups`.
    """

    def call(self, inputs):
        shape, axis = ops.shape(inputs), self.axis % len(inputs.shape)
        within = inputs.shape[axis] // self.groups
        x = ops.reshape(
            at_least_float32(inputs), (*shape[:axis], self.groups, within, *shape[axis + 1 :])
        )
        mean, variance = _moments(x, [i for i in range(1, len(x.shape)) if i != axis])
        x = ops.reshape(_centred(x, mean, variance, self.epsilon), shape)
        return ops.cast(_scaled(x, self, [axis]), self.compute_dtype)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class InstanceNormalization(GroupNormalization):
    """Instance normalization (Ulyanov et al. 2016, arXiv 1607.08022): each channel of each sample is
    normalized over its positions.

    Inputs and outputs are (batch, ..., channels) with at least one axis between.

    Args:
        axis: where the channels are.
        epsilon: added to the variance; 1e-5 as in the authors' code.
        **kwargs: as for `keras.layers.GroupNormalization`, without `groups`.

    Raises:
        ValueError: the inputs have no positions to normalize over.
    """

    def __init__(self, axis=-1, epsilon=1e-5, **kwargs):
        super().__init__(groups=-1, axis=axis, epsilon=epsilon, **kwargs)

    def build(self, input_shape):
        if len(input_shape) < 3:
            raise ValueError(
                "Inputs must be (batch, ..., channels) with positions between, such as "
                f"(None, 8, 8, 64). Received: shape {tuple(input_shape)}. Use `LayerNormalization` for "
                "vectors."
            )
        super().build(input_shape)

    def get_config(self):
        config = super().get_config()
        del config["groups"]
        return config


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ConditionalInstanceNormalization(keras.layers.Layer):
    """Instance normalization with a scale and an offset for each style (Dumoulin et al. 2016, arXiv
    1610.07629).

    Inputs are `[images, mix]`: (n, height, width, channels), and the weights of the styles for each
    image, (n, styles): usually a 1 and zeros. Outputs are like the images.

    Args:
        styles: how many.
        epsilon: added to the variance.
    """

    def __init__(self, styles: int, epsilon: float = 1e-5, **kwargs):
        super().__init__(**kwargs)
        self.styles, self.epsilon = styles, epsilon

    def build(self, input_shape):
        shape = (self.styles, input_shape[0][-1])
        self.gamma = self.add_weight(shape, "ones", name="gamma")
        self.beta = self.add_weight(shape, "zeros", name="beta")

    def call(self, inputs):
        images, mix = (at_least_float32(x) for x in inputs)
        gamma, beta = (ops.matmul(mix, ops.cast(w, mix.dtype)) for w in (self.gamma, self.beta))
        x = _centred(images, *_moments(images, [1, 2]), self.epsilon)
        return ops.cast(x * gamma[:, None, None] + beta[:, None, None], self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        return super().get_config() | {"styles": self.styles, "epsilon": self.epsilon}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class PixelNormalization(keras.layers.Layer):
    """Feature vectors of mean square 1 (Karras et al. 2017, arXiv 1710.10196): the channels of each
    pixel, or of each sample of latents.

    Inputs and outputs are (batch, ..., channels). There are no weights.

    Args:
        epsilon: added to the mean square.
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


def _moments(x, axes):
    mean = ops.mean(x, axes, keepdims=True)
    return mean, ops.mean(ops.square(x - mean), axes, keepdims=True)


def _centred(x, mean, variance, epsilon):
    return (x - mean) * ops.rsqrt(variance + epsilon)


def _scaled(x, layer, axes):
    """`layer`'s gamma and beta, which lie along `axes`, applied to x."""
    shape = [1] * len(x.shape)
    for axis in axes:
        shape[axis] = x.shape[axis]
    if layer.scale:
        x = x * ops.reshape(ops.cast(layer.gamma, x.dtype), shape)
    if layer.center:
        x = x + ops.reshape(ops.cast(layer.beta, x.dtype), shape)
    return x
