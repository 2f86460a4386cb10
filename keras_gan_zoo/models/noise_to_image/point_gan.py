"""GAN for low-dimensional points, to visualize and count modes. Not in the registry of image models."""

import keras
import numpy as np
from keras import initializers, layers, ops

from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.training import data_checks
from keras_gan_zoo.utils import checks

_GENERATOR = (400,) * 4
_DISCRIMINATOR = (200,) * 3
_MAXOUT_PIECES = 5


@keras.saving.register_keras_serializable("keras_gan_zoo")
class PointGAN(NoiseToImage):
    """GAN for points, from the mode collapse experiments of PacGAN (Lin et al. 2018, arXiv 1712.04086).

    The networks are those of the paper's Gaussian mixtures: the generator has four dense layers with
    batch normalization, the discriminator three maxout layers (Goodfellow et al. 2013, arXiv
    1302.4389). `compile()` uses Adam with a learning rate of 1e-4 and beta_1 0.8. The authors' code
    updates both networks simultaneously: `compile(updates="simultaneous")`.

    Args:
        dimensions: positive integer, number of coordinates of a point.
        latent_dim: positive integer, dimension of the standard normal latents.
        seed: see `NoiseToImage`.
        **kwargs: `pack` of `NoiseToImage`.

    Batches: points, finite floats of any range, shape (batch, dimensions). A second element is ignored.

    Raises:
        ValueError: an invalid argument.

    Example:

    >>> from keras_gan_zoo.models.noise_to_image.point_gan import PointGAN
    >>> points, _ = kgz.data.gaussian_ring(100_000)
    >>> model = PointGAN()
    >>> model.compile(updates="simultaneous", steps_per_execution=100)
    >>> model.fit(points, batch_size=100, epochs=20)
    >>> model.generate(2500).shape
    (2500, 2)
    """

    can_project = False

    def __init__(self, dimensions: int = 2, latent_dim: int = 2, seed: int | None = None, **kwargs):
        dimensions = checks.positive_integer("dimensions", dimensions)
        # The base class needs an image shape: one pixel with a channel per coordinate.
        super().__init__((1, 1, dimensions), latent_dim, seed, **kwargs)
        self.dimensions = dimensions
        self.make_networks()

    def default_optimizer(self):
        return keras.optimizers.Adam(1e-4, beta_1=0.8)

    def make_generator(self):
        network = keras.Sequential([keras.Input((self.latent_dim,))], name="generator")
        for units in _GENERATOR:
            network.add(layers.Dense(units, use_bias=False, kernel_initializer=_kernel_initializer()))
            network.add(layers.BatchNormalization(momentum=0.95))
            network.add(layers.ReLU())
        network.add(layers.Dense(self.dimensions, kernel_initializer=_kernel_initializer()))
        return network

    def make_discriminator(self):
        points = x = keras.Input((self.dimensions * self.pack,))
        for units in _DISCRIMINATOR:
            x = layers.Dense(_MAXOUT_PIECES * units, kernel_initializer=_kernel_initializer())(x)
            x = ops.max(layers.Reshape((_MAXOUT_PIECES, units))(x), axis=1)
        logits = layers.Dense(1, kernel_initializer=_kernel_initializer())(x)
        return keras.Model(points, logits, name="discriminator")

    def check_data(self, x, y, batch_size):
        return data_checks.check_batches(
            x, "points", lambda points: check_points(points, self.dimensions), batch_size, self.pack
        )

    def get_config(self):
        config = super().get_config() | {"dimensions": self.dimensions}
        return {k: v for k, v in config.items() if k not in ("image_shape", "num_classes")}


def check_points(points: np.ndarray, dimensions: int) -> None:
    """Raise ValueError unless `points` are finite floats of shape (n, dimensions)."""
    if points.shape[1:] != (dimensions,) or not np.issubdtype(points.dtype, np.floating):
        raise ValueError(
            f"Points must be floats of shape (n, {dimensions}). Received: {points.dtype} of shape "
            f"{points.shape}. Reshape them, or create the model with other `dimensions`."
        )
    if not np.isfinite(points).all():
        index = int(np.argmin(np.isfinite(points).all(axis=1)))
        raise ValueError(
            "Points must be finite: a single NaN or infinity makes all weights NaN. Received: "
            f"non-finite values in point {index}. Remove it."
        )


def _kernel_initializer():
    return initializers.RandomNormal(0.0, 0.02)
