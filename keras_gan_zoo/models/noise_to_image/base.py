"""What the models share that turn random latents into images."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.models.noise_to_image import mixing
from keras_gan_zoo.models.noise_to_image.codes import LatentParts
from keras_gan_zoo.models.noise_to_image.labels import Classes
from keras_gan_zoo.training import data_checks, remodel
from keras_gan_zoo.training.model import AdversarialModel
from keras_gan_zoo.utils import checks


class NoiseToImage(AdversarialModel):
    """A generator from latents to images, and a discriminator from images to one logit.

    Subclasses give `make_generator` and `make_discriminator`; override one to train a network of
    your own.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: width of the standard normal latents.
        seed: of the weights, dropout, latents and label noise. None: different in every run, unless
            `keras.utils.set_random_seed` was called.
        num_classes: of the labels that both sides get besides. None: neither gets labels.
        pack: how many images the discriminator judges together, as channels of one (PacGAN, Lin et
            al. 2017, arXiv 1712.04086). Batch sizes must be multiples of it.
        d_norm: normalization of the discriminator in the place of the paper's: `"batch"`, `"layer"`,
            `"instance"`, `"group"`, `"spectral"` or `"none"`. None: the paper's.
        minibatch: what the discriminator is told of the variety of a batch: `"stddev"` (Karras et al.
            2017, arXiv 1710.10196) or `"discrimination"` (Salimans et al. 2016, arXiv 1606.03498).
            None: nothing.

    Attributes:
        view_shape: (height, width, channels * pack), what the discriminator takes.
        condition: what labels are, see `labels.py` beside the base. None: there are none.

    Batches: images, floats in [-1, 1], shape (batch, height, width, channels). With `num_classes`,
    `(images, labels)` with integers from 0 on, shape (batch,); else a second element is ignored.
    """

    can_be_conditional = False
    generator_is_linear = False  # its images may leave [-1, 1]; `generate` clips them
    needs_labels = False  # whether there is no other form
    discriminator_takes_labels = True  # whether the discriminator of a conditional model takes labels
    default_d_norm: str | None = None

    def __init__(
        self,
        image_shape,
        latent_dim: int = 100,
        seed: int | None = None,
        num_classes: int | None = None,
        pack: int = 1,
        d_norm: str | None = None,
        minibatch: str | None = None,
        **kwargs,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.image_shape = checks.image_shape(image_shape)
        self.latent_dim = checks.positive_integer("latent_dim", latent_dim)
        self.pack = checks.positive_integer("pack", pack)
        self.d_norm = checks.one_of("d_norm", d_norm, (None, *remodel.NORMS))
        self.minibatch = checks.one_of("minibatch", minibatch, (None, *remodel.MINIBATCH))
        self.num_classes, self.condition = num_classes, None
        if num_classes is not None:
            self._check_conditional(num_classes)
            self.condition = Classes(num_classes)
        self._mixer = mixing.Mixer()
        self.view_shape = (*self.image_shape[:-1], self.image_shape[-1] * self.pack)

    def _check_conditional(self, num_classes):
        if not self.can_be_conditional:
            raise ValueError(
                f"Argument `num_classes` must be None: {type(self).__name__} has no conditional form. "
                f"Received: num_classes={num_classes}. `keras_gan_zoo.R3GAN` and `ConditionalGAN` have."
            )
        if self.pack > 1:
            raise ValueError(
                "Argument `pack` must be 1 with `num_classes` or `attributes`: images that are judged "
                f"together have labels of their own. Received: pack={self.pack}."
            )

    def finish_discriminator(self, network):
        return remodel.remodel(network, self.d_norm or self.default_d_norm, self.minibatch)

    def make_generator(self) -> keras.Model:
        """A network from latents (batch, latent_dim) to images (batch, *image_shape) in [-1, 1].

        With `num_classes`, from `[latents, labels]`, int32 labels of shape (batch,).
        """
        raise NotImplementedError

    def make_discriminator(self) -> keras.Model:
        """A network from images (batch, *view_shape) to logits (batch, 1).

        With `num_classes`, from `[images, labels]`.
        """
        raise NotImplementedError

    def call(self, latents, training=None):
        return self.generator(latents, training=training)

    def check_data(self, x, y, batch_size):
        x = data_checks.training_images(x, self.image_shape, batch_size, self.pack)
        if self.condition is None:
            return data_checks.warn_of_labels(x, y, type(self).__name__)
        return data_checks.training_labels(x, y, self.condition)

    def unpack(self, data):
        images, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        if self.condition is None:
            return images
        return ops.convert_to_tensor(images), self.condition.tensor(labels)

    def real_images(self, batch):
        return batch if self.condition is None else batch[0]

    def with_labels(self, latents, batch):
        """Return the generator's inputs: latents, and the labels of `batch` in a conditional model."""
        return latents if self.condition is None else [latents, batch[1]]

    def sample_latents(self, batch):
        """Standard normal latents (n, latent_dim), one for each image of `batch`."""
        shape = (ops.shape(self.real_images(batch))[0], self.latent_dim)
        return keras.random.normal(shape, seed=self.seed_generator)

    def generate_batch(self, batch, training: bool = True, network=None):
        network = self.generator if network is None else network
        return network(self.with_labels(self.sample_latents(batch), batch), training=training)

    def pack_views(self, images):
        if self.pack == 1:
            return images
        images = ops.reshape(images, (-1, self.pack, *images.shape[1:]))
        images = ops.moveaxis(images, 1, -2)
        return ops.reshape(images, (-1, *images.shape[1:-2], self.pack * images.shape[-1]))

    def view(self, images, batch, training: bool = True):
        view = super().view(images, batch, training)
        conditional = self.condition is not None and self.discriminator_takes_labels
        return view._replace(extras=(batch[1],)) if conditional else view

    @property
    def latent_parts(self) -> LatentParts:
        """Where in the latents the noise is, and where the codes, if there are any."""
        return LatentParts(slice(0, self.latent_dim))

    def latents(self, n: int | None = None, seed: int | None = None) -> np.ndarray:
        """The random latents that `generate` takes for these arguments: float32 (n, latent_dim)."""
        return draw_latents(n, self.latent_dim, seed=seed)

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
            labels: with `num_classes`, the class of each image: one integer for all or (n,). None:
                0, 1, 2, ... and again from 0. Floats (n, num_classes) are weights of all classes,
                each row with the sum 1: their embeddings are mixed. With attributes, (attributes,)
                or (n, attributes).
            latents: array (n, latent_dim) to use instead of random ones.
            seed: of the random latents; the same seed gives the same latents on every backend. None:
                from numpy's global generator, which `keras.utils.set_random_seed` seeds.
            batch_size: images per pass of the network.

        Returns:
            float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: `n` is not positive, `latents` have another shape, or `labels` were given to a
                model that takes none, or are not such as it takes.
        """
        mixture = self.condition is not None and self.condition.is_mixture(labels)
        given = self.network_inputs(n, None if mixture else labels, latents, seed)
        network = self.best_generator()
        if mixture:
            network, embeddings = self._mixed(network, labels, len(given[0]))
            given = [given[0], *embeddings]
        images = network.predict(given, batch_size=batch_size, verbose=0).astype("float32")
        return np.clip(images, -1.0, 1.0) if self.generator_is_linear else images

    def network_inputs(self, n=None, labels=None, latents=None, seed=None):
        """What the generator takes for these arguments of `generate`, checked: latents (n, latent_dim),
        or `[latents, labels]`.
        """
        if labels is not None and self.condition is None:
            raise ValueError(
                f"Argument `labels` must be None: {type(self).__name__} is not conditional. A "
                "model with `num_classes` makes images of a class that is asked for."
            )
        if latents is None:
            latents = self.latents(n, seed)
        latents = draw_latents(n, self.latent_dim, latents)
        if self.condition is None:
            return latents
        return [latents, self.condition.pick(len(latents), labels)]

    def best_generator(self) -> keras.Model:
        backend.sync(self)
        return super().best_generator()

    def whole_images(self, made):
        """Of what the generator puts out, the images of the model's `image_shape`."""
        return made

    def _mixed(self, network, labels, n):
        """A network from [latents, embeddings ...], and the mixed embeddings of n images."""
        weights = self.condition.vectors(n, labels)
        tables = mixing.tables(network, self.condition.count)
        return self._mixer.network(network), [weights @ table for table in tables]

    def generate_grid(
        self, most: int = 64, labels=None, seed: int | None = None
    ) -> tuple[np.ndarray, int | None]:
        """Images to be laid out in a grid, and its columns; None: as the grid likes.

        A conditional model has a row for each class or attribute, and in each column the same latents.

        Args:
            most: images, at most; one column for as many rows as there are is the least.
            labels: of the rows, for conditional models. None: all classes, or each attribute alone.
            seed: of the latents, see `generate`.

        Raises:
            ValueError: as for `generate`.
        """
        if self.condition is None:
            return self.generate(most, labels=labels, seed=seed), None
        most = checks.positive_integer("most", most)
        rows = self.condition.rows()[:most] if labels is None else np.atleast_1d(labels)
        columns = max(1, most // max(1, len(rows)))
        latents = self.latents(columns, seed)
        images = self.generate(
            labels=np.repeat(rows, columns, axis=0), latents=np.tile(latents, (len(rows), 1))
        )
        return images, columns

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {
            "image_shape": list(self.image_shape),
            "latent_dim": self.latent_dim,
            "num_classes": self.num_classes,
            "pack": self.pack,
            "d_norm": self.d_norm,
            "minibatch": self.minibatch,
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
