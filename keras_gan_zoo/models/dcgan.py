"""DCGAN: convolutional networks with batch normalization (Radford et al. 2015, arXiv 1511.06434)."""

import math

import keras
from keras import initializers, layers

from keras_gan_zoo import checks
from keras_gan_zoo.layers import BatchNormalization, Conv2D, Conv2DTranspose
from keras_gan_zoo.models.noise_to_image import NoiseToImage
from keras_gan_zoo.networks import scales

UPSAMPLING = ("transposed", "resize")


@keras.saving.register_keras_serializable("keras_gan_zoo")
class DCGAN(NoiseToImage):
    """Deep convolutional GAN (Radford et al. 2015, arXiv 1511.06434).

    The generator doubles a small base, such as 4x4, up to the image; the discriminator mirrors it.

    Differs from the paper: latents are normal, not uniform, and the widest layer has
    `width * 2**(doublings - 1)` channels, 512 at 64x64 as in the authors' code (figure 1 shows twice
    that: `width=128`).

    Args:
        image_shape: (height, width, channels). Both sides must be the same power of two times a base
            whose shorter side is 4 to 7: 28x28, 32x32, 64x64, 48x96 ...
        latent_dim: width of the standard normal latents.
        width: channels of the layers next to the image; they double with every halving.
        upsampling: `"transposed"` convolutions as in the paper, or `"resize"`: nearest-neighbour
            enlargement and a convolution, which has no checkerboard artefacts and costs more.
        seed: see `NoiseToImage`.
        **kwargs: `pack`, `d_norm`, `minibatch`: see `NoiseToImage`.

    Raises:
        ValueError: an impossible `image_shape`; the message names the nearest possible ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.DCGAN(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(16)
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (64, 64, 3),
        latent_dim: int = 100,
        width: int = 64,
        upsampling: str = "transposed",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.width = checks.positive_integer("width", width)
        self.upsampling = checks.one_of("upsampling", upsampling, UPSAMPLING)
        self.base, self.doublings = scales.plan(self.image_shape)
        self.make_networks()

    def _widths(self):
        """Channels from the image inwards, such as 64, 128, 256, 512."""
        return [self.width * 2**level for level in range(self.doublings)]

    def make_generator(self):
        *outer, widest = self._widths()
        network = keras.Sequential([keras.Input((self.latent_dim,))], name="generator")
        network.add(layers.Dense(math.prod(self.base) * widest, use_bias=False, **_NORMAL))
        network.add(layers.Reshape((*self.base, widest)))
        for filters in reversed(outer):
            _add_norm(network, layers.ReLU())
            self._add_doubling(network, filters, use_bias=False)
        _add_norm(network, layers.ReLU())
        self._add_doubling(network, self.image_shape[2], activation="tanh")
        return network

    def _add_doubling(self, network, filters, **kwargs):
        if self.upsampling == "resize":
            network.add(layers.UpSampling2D(2))
            network.add(Conv2D(filters, 3, **_NORMAL, **kwargs))
        else:
            network.add(Conv2DTranspose(filters, 4, 2, **_NORMAL, **kwargs))

    def make_discriminator(self):
        network = keras.Sequential([keras.Input(self.judged_shape)], name="discriminator")
        for level, filters in enumerate(self._widths()):
            network.add(Conv2D(filters, 4, 2, use_bias=False, **_NORMAL))
            if level == 0:
                network.add(layers.LeakyReLU(0.2))
            else:
                _add_norm(network, layers.LeakyReLU(0.2))
        network.add(layers.Flatten())
        network.add(layers.Dense(1, use_bias=False, **_NORMAL))
        return network

    def get_config(self):
        return super().get_config() | {"width": self.width, "upsampling": self.upsampling}


_NORMAL = {"kernel_initializer": initializers.RandomNormal(0.0, 0.02)}


def _add_norm(network, activation):
    network.add(
        BatchNormalization(
            momentum=0.9, epsilon=1e-5, gamma_initializer=initializers.RandomNormal(1.0, 0.02)
        )
    )
    network.add(activation)
