"""Normalization layers whose scale and offset depend on a condition."""

import keras
from keras import ops

from keras_gan_zoo.layers.normalization import BatchNormalization, moments, standardize
from keras_gan_zoo.layers.spectral import SpectralDense
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ConditionalBatchNormalization(keras.layers.Layer):
    """Batch normalization whose scale and offset are linear functions of a condition.

    Used by class-conditional generators such as SNGAN (Miyato and Koyama 2018, arXiv 1802.05637) and
    BigGAN (Brock et al. 2018, arXiv 1809.11096), after Dumoulin et al. 2016 (arXiv 1610.07629) and de
    Vries et al. 2017 (arXiv 1707.00683). The images are normalized per channel as in
    `BatchNormalization`, then multiplied by gamma = 1 + W_gamma c and shifted by beta = W_beta c, where
    c is the condition: for example a one-hot class, or a class embedding concatenated with latents.

    Inputs are `[images, condition]` of the shapes (batch, height, width, channels) and (batch, d);
    outputs have the shape of the images. Training uses the statistics of the batch and moves the
    moving averages towards them; inference, and a layer with `trainable = False`, uses the averages.
    Second-order gradients are correct on every backend.

    Args:
        momentum: share of the moving averages that remains after a training batch, in [0, 1]. Defaults
            to 0.9, as in the authors' PyTorch code of BigGAN.
        epsilon: added to the variance. Defaults to 1e-5, as there.
        kernel_initializer: of W_gamma and W_beta, both (d, channels). Defaults to `"orthogonal"`, as in
            BigGAN. With `"zeros"` the layer starts as batch normalization for every condition, as in
            SNGAN.
        spectral: whether W_gamma and W_beta are divided by their spectral norm (`SpectralDense`), as in
            BigGAN. Defaults to False.

    Raises:
        ValueError: the inputs are not such a pair, or channels or d are unknown.

    Example:

    >>> images, condition = keras.Input((8, 8, 64)), keras.Input((148,))
    >>> outputs = kgz.layers.ConditionalBatchNormalization()([images, condition])
    """

    def __init__(
        self,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        kernel_initializer="orthogonal",
        spectral: bool = False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.momentum, self.epsilon, self.spectral = momentum, epsilon, bool(spectral)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.normalization = BatchNormalization(
            momentum=momentum,
            epsilon=epsilon,
            scale=False,
            center=False,
            dtype=self.dtype_policy,
            name="normalization",
        )

    def build(self, input_shape):
        images, condition = _shapes(input_shape)
        self.normalization.build(images)
        self.gamma, self.beta = (self._linear(images[-1], name) for name in ("gamma", "beta"))
        self.gamma.build(condition)
        self.beta.build(condition)

    def _linear(self, channels, name):
        kind = SpectralDense if self.spectral else keras.layers.Dense
        initializer = self.kernel_initializer
        if isinstance(initializer, keras.initializers.Initializer):
            initializer = initializer.clone()  # a shared one would give both layers the same values
        return kind(
            channels,
            use_bias=False,
            kernel_initializer=initializer,
            dtype=self.dtype_policy,
            name=name,
        )

    def call(self, inputs, training=None):
        images, condition = inputs
        arguments = {"training": training} if self.spectral else {}
        gamma = 1.0 + self.gamma(condition, **arguments)
        beta = self.beta(condition, **arguments)
        x = self.normalization(images, training=training)
        return x * gamma[:, None, None] + beta[:, None, None]

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        return super().get_config() | {
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "spectral": self.spectral,
        }


def _shapes(input_shape):
    """The shapes of images and condition, or a ValueError."""
    is_pair = isinstance(input_shape, list | tuple) and len(input_shape) == 2
    images, condition = input_shape if is_pair else ((), ())
    try:
        valid = len(images) == 4 and len(condition) == 2 and None not in (images[-1], condition[-1])
    except TypeError:  # a single shape of two numbers
        valid = False
    if not valid:
        raise ValueError(
            "Inputs must be [images, condition] of the shapes (batch, height, width, channels) and "
            f"(batch, d), such as (None, 8, 8, 64) and (None, 148). Received: {input_shape}."
        )
    return tuple(images), tuple(condition)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ConditionalInstanceNormalization(keras.layers.Layer):
    """Instance normalization with a scale and an offset per style (Dumoulin et al. 2016, arXiv
    1610.07629).

    Inputs are `[images, mix]` of the shapes (batch, height, width, channels) and (batch, styles): the
    weight of each style, usually one-hot. Outputs have the shape of the images.

    Args:
        styles: number of styles.
        epsilon: added to the variance. Defaults to 1e-5.
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
        x = standardize(images, *moments(images, [1, 2]), self.epsilon)
        return ops.cast(x * gamma[:, None, None] + beta[:, None, None], self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])

    def get_config(self):
        return super().get_config() | {"styles": self.styles, "epsilon": self.epsilon}
