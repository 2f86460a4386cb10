"""SNGAN: residual networks, and a discriminator of bounded slope (Miyato et al. 2018)."""

import math

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
    """Spectrally normalized GAN with residual networks (Miyato et al. 2018, arXiv 1802.05957).

    `compile()` takes the paper's hinge loss, five updates of the discriminator for each one of the
    generator, and Adam with a learning rate of 2e-4, beta_1 0 and beta_2 0.9.

    Differs from the paper: every size has the networks that it has for 32x32 images, with one more
    block for every doubling; the updates of the discriminator in one step share their real images.

    Args:
        image_shape: (height, width, channels), see `DCGAN`.
        latent_dim: width of the standard normal latents.
        width: channels of the discriminator; the generator has twice as many.
        attention: shorter side of the images inside of both networks at which they get a
            self-attention layer (Zhang et al. 2018, arXiv 1805.08318), such as 16. None: none.
        seed: see `NoiseToImage`.
        **kwargs: `pack`: see `NoiseToImage`.

    Raises:
        ValueError: an impossible `image_shape` or `attention`; the message names the possible ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.SNGAN(image_shape=(32, 32, 3), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", image_size=32, channels=3), epochs=5)
    >>> images = model.generate(16)
    """

    default_losses = "hinge"
    default_d_steps = 5

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


def _gain(scale):
    return initializers.VarianceScaling(scale, "fan_avg", "uniform")


def _up_block(x, width):
    """Twice the size: normalize, enlarge and convolve twice, beside a 1x1 convolution."""
    y = layers.ReLU()(BatchNormalization()(x))
    y = Conv2D(width, 3, kernel_initializer=_gain(2.0))(layers.UpSampling2D(2)(y))
    y = layers.ReLU()(BatchNormalization()(y))
    y = Conv2D(width, 3, kernel_initializer=_gain(2.0))(y)
    # A 1x1 convolution gives the same before and after the enlargement, at a quarter of the cost.
    skip = Conv2D(width, 1, kernel_initializer=_gain(1.0))(x)
    return layers.Add()([y, layers.UpSampling2D(2)(skip)])


def _down_block(x, width, down, first):
    """Half the size where `down`. The first block sees images: it does not cut them off at 0."""
    y = x if first else layers.ReLU()(x)
    y = SpectralConv2D(width, 3, kernel_initializer=_gain(2.0))(y)
    y = SpectralConv2D(width, 3, kernel_initializer=_gain(2.0))(layers.ReLU()(y))
    skip = x
    if down:
        y, skip = layers.AveragePooling2D(2)(y), layers.AveragePooling2D(2)(skip)
    if first or down:
        skip = SpectralConv2D(width, 1, kernel_initializer=_gain(1.0))(skip)
    return layers.Add()([y, skip])
