"""GAN: two dense networks play against each other (Goodfellow et al. 2014, arXiv 1406.2661)."""

import math
import random

import keras
from keras import initializers, layers

from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class GAN(NoiseToImage):
    """The dense GAN that every tutorial starts with (Goodfellow et al. 2014, arXiv 1406.2661).

    Differs from the paper, which has maxout and no fixed sizes: layers, Adam and initialization are
    those of the MNIST GAN that tutorials settled on.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: width of the standard normal latents.
        dropout: rate in the discriminator, in [0, 1).
        seed: see `NoiseToImage`.
        **kwargs: `pack`, `d_norm`, `minibatch`: see `NoiseToImage`.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.GAN(image_shape=(28, 28, 1))
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", batch_size=128), epochs=20)
    >>> images = model.generate(16)
    """

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        latent_dim: int = 100,
        dropout: float = 0.3,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.dropout = checks.fraction("dropout", dropout)
        self.make_networks()

    def make_generator(self):
        network = keras.Sequential([keras.Input((self.latent_dim,))], name="generator")
        for index, units in enumerate((256, 512, 1024)):
            network.add(layers.Dense(units, kernel_initializer=_first_normal(index)))
            network.add(layers.LeakyReLU(0.2))
        network.add(layers.Dense(math.prod(self.image_shape), activation="tanh"))
        network.add(layers.Reshape(self.image_shape))
        return network

    def make_discriminator(self):
        network = keras.Sequential([keras.Input(self.view_shape)], name="discriminator")
        network.add(layers.Flatten())
        for index, units in enumerate((1024, 512, 256)):
            network.add(layers.Dense(units, kernel_initializer=_first_normal(index)))
            network.add(layers.LeakyReLU(0.2))
            # Without a seed of its own, Keras' dropout on PyTorch ignores the state that is saved.
            network.add(layers.Dropout(self.dropout, seed=random.randrange(1, 10**9)))
        network.add(layers.Dense(1))
        return network

    def get_config(self):
        return super().get_config() | {"dropout": self.dropout}


def _first_normal(index):
    return initializers.RandomNormal(0.0, 0.02) if index == 0 else "glorot_uniform"
