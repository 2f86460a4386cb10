"""What the models share that turn random latents into images."""

import contextlib
import random
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend, checks
from keras_gan_zoo.models import inputs
from keras_gan_zoo.models.base import AdversarialModel


class NoiseToImage(AdversarialModel):
    """A generator from latents to images, and a discriminator from images to one logit.

    Subclasses give `make_generator` and `make_discriminator`; override one to train a network of
    your own.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: width of the standard normal latents.
        seed: of the weights, dropout, latents and label noise. None: different in every run, unless
            `keras.utils.set_random_seed` was called.

    Batches: images, floats in [-1, 1], shape (batch, height, width, channels). A second element
    (labels) is ignored.
    """

    def __init__(self, image_shape, latent_dim: int = 100, seed: int | None = None, **kwargs) -> None:
        super().__init__(seed=seed, **kwargs)
        self.image_shape = checks.image_shape(image_shape)
        self.latent_dim = checks.positive_integer("latent_dim", latent_dim)

    def make_networks(self) -> None:
        """Build both sides; the last thing that a subclass does in `__init__`."""
        with seeded_layers(self.seed), layers_of(self.dtype_policy):
            self.generator = self.make_generator()
            self.discriminator = self.make_discriminator()
        self.built = True

    def make_generator(self) -> keras.Model:
        """A network from latents (batch, latent_dim) to images (batch, *image_shape) in [-1, 1]."""
        raise NotImplementedError

    def make_discriminator(self) -> keras.Model:
        """A network from images (batch, *image_shape) to logits (batch, 1)."""
        raise NotImplementedError

    def call(self, latents, training=None):
        return self.generator(latents, training=training)

    def check_data(self, x, y, batch_size):
        return inputs.training_images(x, self.image_shape, batch_size)

    def unpack(self, data):
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return images

    def sample_latents(self, batch):
        """Standard normal latents (n, latent_dim), one for each image of `batch`."""
        shape = (ops.shape(batch)[0], self.latent_dim)
        return keras.random.normal(shape, seed=self.seed_generator)

    def generate_batch(self, batch, training: bool = True):
        return self.generator(self.sample_latents(batch), training=training)

    def score_real(self, batch, training: bool = True):
        return self.discriminator(batch, training=training)

    def score_fake(self, batch, fake, training: bool = True):
        return self.discriminator(fake, training=training)

    def generate(
        self,
        n: int | None = None,
        labels=None,
        latents=None,
        seed: int | None = None,
        batch_size: int = 64,
    ) -> np.ndarray:
        """Images from the generator, or from its moving average where `ema` is on.

        Args:
            n: how many. None: as many as there are latents.
            labels: for conditional models; None here.
            latents: array (n, latent_dim) to use instead of random ones.
            seed: of the random latents; the same seed gives the same latents on every backend. None:
                from numpy's global generator, which `keras.utils.set_random_seed` seeds.
            batch_size: images per pass of the network.

        Returns:
            float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: `n` is not positive, `latents` have another shape, or `labels` were given.
        """
        if labels is not None:
            raise ValueError(
                f"Argument `labels` must be None: {type(self).__name__} is not conditional. "
                "`keras_gan_zoo.ConditionalGAN` makes images of a class that is asked for."
            )
        latents = draw_latents(n, self.latent_dim, latents, seed)
        backend.sync(self)
        network = self.generator if self.ema_generator is None else self.ema_generator
        return network.predict(latents, batch_size=batch_size, verbose=0).astype("float32")

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "image_shape": list(self.image_shape),
            "latent_dim": self.latent_dim,
        }


def draw_latents(n, latent_dim: int, latents=None, seed: int | None = None) -> np.ndarray:
    """The given latents, checked, or standard normal ones: float32 (n, latent_dim)."""
    if latents is None:
        n = checks.positive_integer("n", n)
        seed = np.random.randint(2**31) if seed is None else seed
        return np.random.default_rng(seed).standard_normal((n, latent_dim), "float32")
    latents = np.asarray(latents, "float32")
    if latents.ndim != 2 or latents.shape[1] != latent_dim or n not in (None, len(latents)):
        raise ValueError(
            f"Argument `latents` must have the shape ({n or 'n'}, {latent_dim}), the second being the "
            f"model's `latent_dim`. Received: {latents.shape}."
        )
    return latents


@contextlib.contextmanager
def seeded_layers(seed: int | None) -> Iterator[None]:
    """Layers that are made in this block draw their own seeds from `seed`, not from the process.

    Keras takes the seeds of initializers and of dropout from Python's `random`.
    """
    if seed is None:
        yield
        return
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


@contextlib.contextmanager
def layers_of(policy) -> Iterator[None]:
    """Layers that are made in this block have this dtype policy, whatever the process has."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)
