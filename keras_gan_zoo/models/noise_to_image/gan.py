"""GAN with dense networks (Goodfellow et al. 2014, arXiv 1406.2661)."""

import math
import random

import keras
from keras import initializers, layers

from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class GAN(NoiseToImage):
    """GAN with dense networks (Goodfellow et al. 2014, arXiv 1406.2661).

    Differences from the paper: layer sizes, optimizer and initialization are those of the common
    tutorial GAN for MNIST. The paper uses maxout units and gives no fixed sizes.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: positive integer, dimension of the standard normal latents.
        dropout: float in [0, 1], dropout rate of the discriminator.
        width: positive integer, units of the smallest hidden layer. The others have two and four times
            as many.
        seed: see `NoiseToImage`.
        **kwargs: `pack`, `d_norm`, `minibatch` and `d_output` of `NoiseToImage`.

    Raises:
        ValueError: an invalid argument.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.GAN(image_shape=(28, 28, 1))
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", batch_size=128), epochs=20)
    >>> images = model.generate(16)
    """

    default_batch_size = 64

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        latent_dim: int = 100,
        dropout: float = 0.3,
        seed: int | None = None,
        width: int = 256,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.dropout = checks.fraction("dropout", dropout)
        self.width = checks.positive_integer("width", width)
        self.make_networks()

    def make_generator(self):
        network = keras.Sequential([keras.Input((self.latent_dim,))], name="generator")
        for index, units in enumerate((self.width, 2 * self.width, 4 * self.width)):
            network.add(layers.Dense(units, kernel_initializer=_kernel_initializer(index)))
            network.add(layers.LeakyReLU(0.2))
        network.add(layers.Dense(math.prod(self.image_shape), activation="tanh"))
        network.add(layers.Reshape(self.image_shape))
        return network

    def make_discriminator(self):
        network = keras.Sequential([keras.Input(self.view_shape)], name="discriminator")
        network.add(layers.Flatten())
        for index, units in enumerate((4 * self.width, 2 * self.width, self.width)):
            network.add(layers.Dense(units, kernel_initializer=_kernel_initializer(index)))
            network.add(layers.LeakyReLU(0.2))
            # Without an explicit seed, Keras' dropout on PyTorch ignores the saved seed state.
            network.add(layers.Dropout(self.dropout, seed=random.randrange(1, 10**9)))
        network.add(layers.Dense(1))
        return network

    def get_config(self):
        return super().get_config() | {"dropout": self.dropout, "width": self.width}


def _kernel_initializer(index):
    return initializers.RandomNormal(0.0, 0.02) if index == 0 else "glorot_uniform"
