"""Base class of the models that generate images from random latents."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.export import graphs
from keras_gan_zoo.models.noise_to_image import mixing
from keras_gan_zoo.models.noise_to_image.codes import LatentParts, draw_latents
from keras_gan_zoo.models.noise_to_image.labels import Classes
from keras_gan_zoo.networks import projected
from keras_gan_zoo.training import data_checks, remodel
from keras_gan_zoo.training.model import AdversarialModel
from keras_gan_zoo.utils import checks


class NoiseToImage(AdversarialModel):
    """Base of GANs with a generator from latents to images and a discriminator from images to logits.

    Subclasses define `make_generator` and `make_discriminator`, and call `make_networks` at the end of
    `__init__`.

    Args:
        image_shape: (height, width, channels) of the images.
        latent_dim: positive integer, dimension of the standard normal latents.
        seed: integer, seed of the weights, dropout, latents and label noise. Defaults to `None`, which
            differs in every run unless `keras.utils.set_random_seed` was called.
        num_classes: positive integer, number of classes of a conditional model. Defaults to `None`, an
            unconditional model.
        pack: positive integer, number of images that the discriminator classifies jointly, concatenated
            along the channels (PacGAN, Lin et al. 2017, arXiv 1712.04086). Batch sizes must be
            multiples of it.
        d_norm: normalization of the discriminator: `"batch"`, `"layer"`, `"instance"`, `"group"`,
            `"spectral"` or `"none"`. Defaults to `None`, which uses the paper's normalization.
        minibatch: minibatch statistics in the discriminator: `"stddev"` (Karras et al. 2017, arXiv
            1710.10196) or `"discrimination"` (Salimans et al. 2016, arXiv 1606.03498). Defaults to
            `None`, no statistics.
        d_output: last layer of the discriminator: `"san"`, a normalized direction with a loss of its
            own (Takida et al. 2024, arXiv 2301.12811). Defaults to `None`, an ordinary dense layer.
        d_features: a trained network, whose feature maps the discriminator receives in place of images
            (Sauer et al. 2021, arXiv 2111.01007): `"rgb64"` (ships with the package), `"vgg19"`, a
            Keras network or a `networks.projected.Projection`. `compile()` then uses
            `recipe="projected"`. Files hold the network, presets do not. Defaults to `None`.

    Attributes:
        view_shape: (height, width, channels * pack), input shape of the discriminator.
        projection: `networks.projected.Projection` of a model with `d_features`, else `None`.
        condition: `Classes` or `Attributes` (see `labels.py`) of a conditional model, else `None`.

    Batches: images, floats in [-1, 1], shape (batch, height, width, channels). With `num_classes`,
    `(images, labels)`, integers (batch,) in 0..num_classes - 1. Without, a second element is ignored.
    """

    can_be_conditional = False
    generator_is_linear = False  # whether outputs are unbounded, and `generate` clips them to [-1, 1]
    needs_labels = False  # whether the model has no unconditional variant
    discriminator_takes_labels = True  # in a conditional model
    can_project = True  # whether `d_features` may replace the discriminator
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
        d_output: str | None = None,
        d_features=None,
        **kwargs,
    ) -> None:
        super().__init__(seed=seed, **kwargs)
        self.image_shape = checks.image_shape(image_shape)
        self.latent_dim = checks.positive_integer("latent_dim", latent_dim)
        self.pack = checks.positive_integer("pack", pack)
        self.d_norm = checks.one_of("d_norm", d_norm, (None, *remodel.NORMS))
        self.minibatch = checks.one_of("minibatch", minibatch, (None, *remodel.MINIBATCH))
        self.d_output = checks.one_of("d_output", d_output, (None, *remodel.OUTPUTS))
        self.num_classes, self.condition = num_classes, None
        if num_classes is not None:
            self._check_conditional(num_classes)
            self.condition = Classes(num_classes)
        self.projection = projected.check(self, d_features)
        self.default_recipe = self.projection and "projected"
        self._mixer = mixing.Mixer()
        self.view_shape = (*self.image_shape[:-1], self.image_shape[-1] * self.pack)

    def _check_conditional(self, num_classes):
        if not self.can_be_conditional:
            raise ValueError(
                f"Argument `num_classes` must be None: {type(self).__name__} has no conditional form. "
                f"Received: num_classes={num_classes}. Use for example `keras_gan_zoo.R3GAN`."
            )
        if self.pack > 1:
            raise ValueError(
                "Argument `pack` must be 1 with `num_classes` or `attributes`, because each packed "
                f"image has its own label. Received: pack={self.pack}."
            )

    def build_discriminator(self):
        if self.projection is not None:
            labels = self.condition if self.discriminator_takes_labels else None
            return self.projection.discriminator(self.view_shape, labels)
        norm = self.d_norm or self.default_d_norm
        return remodel.remodel(self.make_discriminator(), norm, self.minibatch, self.d_output)

    def make_generator(self) -> keras.Model:
        """Return a network from latents (batch, latent_dim) to images (batch, *image_shape) in [-1, 1].

        With `num_classes`, the inputs are `[latents, labels]`, with int32 labels of shape (batch,).
        """
        raise NotImplementedError

    def make_discriminator(self) -> keras.Model:
        """Return a network from images (batch, *view_shape) to logits (batch, 1).

        With `num_classes`, the inputs are `[images, labels]`.
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
        """Return standard normal latents (n, latent_dim), one for each image of `batch`."""
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
        """Positions of noise and codes in the latents."""
        return LatentParts(slice(0, self.latent_dim))

    def latents(self, n: int | None = None, seed: int | None = None) -> np.ndarray:
        """Return the random latents (n, latent_dim) that `generate` uses for `n` and `seed`."""
        return draw_latents(n, self.latent_dim, seed=seed)

    def generate(
        self,
        n: int | None = None,
        labels=None,
        latents=None,
        seed: int | None = None,
        batch_size: int = 64,
    ) -> np.ndarray:
        """Generate images with the generator, or with its moving average if `ema` is enabled.

        Args:
            n: positive integer, number of images. Defaults to `None`, the number of `latents`.
            labels: classes of a conditional model, one integer or an array (n,). Floats (n,
                num_classes), with rows that sum to 1, are class weights, which mix the embeddings of
                the classes. With attributes, an array (attributes,) or (n, attributes). Defaults to
                `None`, which is 0, 1, 2, ... repeated for classes.
            latents: array (n, latent_dim). Defaults to `None`, random latents.
            seed: integer, seed of the random latents, which are equal on every backend. Defaults to
                `None`, which uses numpy's global generator (see `keras.utils.set_random_seed`).
            batch_size: images per pass of the network.

        Returns:
            float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: `n` is not positive, `latents` have the wrong shape, or `labels` are invalid or
                passed to an unconditional model.
        """
        images = self.network_outputs(self.best_generator(), n, labels, latents, seed, batch_size)
        return np.clip(images, -1.0, 1.0) if self.generator_is_linear else images

    def network_outputs(self, network, n, labels, latents, seed, batch_size) -> np.ndarray:
        """Return the float32 outputs of a network with the generator's inputs, see `generate`."""
        is_mixture = self.condition is not None and self.condition.is_mixture(labels)
        inputs = self.network_inputs(n, None if is_mixture else labels, latents, seed)
        if is_mixture:
            weights = self.condition.vectors(len(inputs[0]), labels)
            tables = mixing.tables(network, self.condition.count)
            inputs = [inputs[0], *(weights @ table for table in tables)]
            network = self._mixer.network(network)
        return backend.predict(network, inputs, batch_size).astype("float32")

    def network_inputs(self, n=None, labels=None, latents=None, seed=None):
        """Return the generator's validated inputs for arguments of `generate`.

        Returns:
            Latents (n, latent_dim), or `[latents, labels]` of a conditional model.

        Raises:
            ValueError: see `generate`.
        """
        if labels is not None and self.condition is None:
            raise ValueError(
                f"Argument `labels` must be None: {type(self).__name__} is not conditional. "
                "Create a model with `num_classes` to generate images of given classes."
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

    def preset_config(self):
        return super().preset_config() | {"d_features": None}

    def preset_grid(self):
        return self.generate_grid(64, seed=0)

    def export_graph(self, **options):
        return graphs.of_generator(self, **options)

    def whole_images(self, outputs):
        """Return the images of the model's `image_shape` from the outputs of the generator."""
        return outputs

    def generate_grid(
        self, most: int = 64, labels=None, seed: int | None = None
    ) -> tuple[np.ndarray, int | None]:
        """Generate images for a grid.

        The grid of a conditional model has a row for each class or attribute, and the same latents in
        every row.

        Args:
            most: positive integer, maximum number of images. There is at least one column.
            labels: labels of the rows of a conditional model. Defaults to `None`: all classes, or each
                attribute on its own.
            seed: seed of the latents, see `generate`.

        Returns:
            The images, and the number of columns of the grid or `None` for any number.

        Raises:
            ValueError: see `generate`.
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
            "d_output": self.d_output,
            "d_features": keras.saving.serialize_keras_object(self.projection),
        }
