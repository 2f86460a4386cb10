"""Residual GAN with spectral normalization (Miyato et al. 2018, arXiv 1802.05957)."""

import math
from types import MappingProxyType

import keras
from keras import initializers, layers, ops

from keras_gan_zoo.layers import (
    BatchNormalization,
    Conv2D,
    SelfAttention,
    SpectralConv2D,
    SpectralDense,
)
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.networks import scales
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SNGAN(NoiseToImage):
    """Residual GAN with spectral normalization (Miyato et al. 2018, arXiv 1802.05957).

    All weights of the discriminator are spectrally normalized, which bounds its Lipschitz constant.
    `compile()` uses the paper's hinge loss, five discriminator updates per generator update, and Adam
    with a learning rate of 2e-4, beta_1 0 and beta_2 0.9. `compile(recipe="robust")` has a single
    discriminator update, with which narrow networks learn faster.

    Differences from the paper: images of every size use the paper's networks for 32x32, with one more
    block for every doubling of the size; the discriminator updates of one step use the same real
    images; batch normalization has Keras' epsilon of 1e-3 and momentum of 0.99 (2e-5 and 0.9 in the
    authors' code). In the authors' code, the learning rate decreases linearly to 0, and the generator's
    update has twice as many images as those of the discriminator; here the rate is constant, and all
    updates have the same number.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of the standard normal latents.
        width: positive integer, channels of the discriminator. The generator has twice as many.
        attention: resolution (shorter side, such as 16) at which both networks get a self-attention
            layer (Zhang et al. 2018, arXiv 1805.08318). Defaults to `None`, no self-attention.
        seed: see `NoiseToImage`.
        **kwargs: `pack` of `NoiseToImage`.

    Raises:
        ValueError: an invalid argument. For `image_shape` and `attention`, the message names valid
            values.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.SNGAN(image_shape=(32, 32, 3), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", image_size=32, channels=3), epochs=5)
    >>> images = model.generate(16)
    """

    default_losses = "hinge"
    default_d_steps = 5
    reference_width = 128
    robust_arguments = MappingProxyType({"d_steps": 1})
    cpu_arguments = MappingProxyType({"width": 32})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (32, 32, 3),
        latent_dim: int = 128,
        width: int = 128,
        attention: int | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.width = checks.positive_integer("width", width)
        self.base, self.num_upsamples = scales.plan(self.image_shape)
        sides = [min(self.base) * 2**level for level in range(1, self.num_upsamples)]
        self.attention = checks.one_of("attention", attention, (None, *sides))
        self.make_networks()

    def default_optimizer(self):
        return keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9)

    def make_generator(self):
        width = 2 * self.width
        latents = keras.Input((self.latent_dim,))
        x = layers.Dense(math.prod(self.base) * width, kernel_initializer="glorot_uniform")(latents)
        x = layers.Reshape((*self.base, width))(x)
        for _ in range(self.num_upsamples):
            x = _up_block(x, width)
            if min(x.shape[1:3]) == self.attention:
                x = SelfAttention()(x)
        x = layers.ReLU()(BatchNormalization()(x))
        images = Conv2D(self.image_shape[2], 3, activation="tanh", kernel_initializer="glorot_uniform")(
            x
        )
        return keras.Model(latents, images, name="generator")

    def make_discriminator(self):
        images = x = keras.Input(self.view_shape)
        downs = self.num_upsamples - 1
        for index in range(downs + 2):
            x = _down_block(x, self.width, down=index < downs, first=index == 0)
            if min(x.shape[1:3]) == self.attention and index < downs:
                x = SelfAttention(spectral=True)(x)
        x = ops.sum(layers.ReLU()(x), axis=(1, 2))
        logits = SpectralDense(1, kernel_initializer="glorot_uniform")(x)
        return keras.Model(images, logits, name="discriminator")

    def get_config(self):
        return super().get_config() | {"width": self.width, "attention": self.attention}


def _glorot(scale):
    return initializers.VarianceScaling(scale, "fan_avg", "uniform")


def _up_block(x, width):
    """Residual block that doubles the size, with batch normalization and a 1x1 convolution as skip."""
    y = layers.ReLU()(BatchNormalization()(x))
    y = Conv2D(width, 3, kernel_initializer=_glorot(2.0))(layers.UpSampling2D(2)(y))
    y = layers.ReLU()(BatchNormalization()(y))
    y = Conv2D(width, 3, kernel_initializer=_glorot(2.0))(y)
    # A 1x1 convolution commutes with the upsampling; applying it before costs a quarter.
    skip = Conv2D(width, 1, kernel_initializer=_glorot(1.0))(x)
    return layers.Add()([y, layers.UpSampling2D(2)(skip)])


def _down_block(x, width, down, first):
    """Residual block that halves the size if `down`; the first block has no ReLU on its input."""
    y = x if first else layers.ReLU()(x)
    y = SpectralConv2D(width, 3, kernel_initializer=_glorot(2.0))(y)
    y = SpectralConv2D(width, 3, kernel_initializer=_glorot(2.0))(layers.ReLU()(y))
    skip = x
    if down:
        y, skip = layers.AveragePooling2D(2)(y), layers.AveragePooling2D(2)(skip)
    if first or down:
        skip = SpectralConv2D(width, 1, kernel_initializer=_glorot(1.0))(skip)
    return layers.Add()([y, skip])
