"""InfoGAN: codes that can be read off the images (Chen et al. 2016, arXiv 1606.03657)."""

import keras
import numpy as np
from keras import layers, ops

from keras_gan_zoo.layers import BatchNormalization
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage, draw_latents
from keras_gan_zoo.models.noise_to_image.codes import Codes, LatentParts
from keras_gan_zoo.networks import convolutional, penultimate
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class InfoGAN(NoiseToImage):
    """Learns without labels what varies between images (Chen et al. 2016, arXiv 1606.03657).

    Latents are noise, then one-hot codes of the categories, then continuous codes, uniform in [-1, 1].
    A second head on the discriminator's features tells the codes of a fake, and both sides gain
    when it is right: a lower bound of the mutual information of codes and images. The term is
    the cross-entropy of each category, and half the squared error of each continuous code, the
    negative log-likelihood of a Gaussian with variance 1, without its constant. Its weight:
    `compile(losses={"adversarial": ..., "information": 1.0})`; logged as `information_loss`.

    As in the authors' code, the term is part of both sides' losses, and the head is trained with the
    discriminator; within a step, the codes are the same for all updates, the noise is not.

    Differs from the paper: the networks are DCGAN's, without the dense layer of 1024 in both, and both
    sides have one learning rate.

    Args:
        image_shape: (height, width, channels), see `DCGAN`.
        latent_dim: width of noise and codes together.
        categorical: how many categories each categorical code has; () for none.
        continuous: how many continuous codes there are.
        width, upsampling: see `DCGAN`.
        seed: see `NoiseToImage`.
        **kwargs: `d_norm`, `minibatch`: see `NoiseToImage`. `pack` must be 1.

    Raises:
        ValueError: an impossible `image_shape`, no codes, or no room for noise in `latent_dim`.

    Batches: images; a second element is ignored.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.InfoGAN(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(latents=model.latents(16, categorical=[3], continuous=[0.5, -1]))
    """

    default_terms = {"information": 1.0}  # noqa: RUF012
    extra_logs = ("information_loss",)

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        latent_dim: int = 74,
        categorical: tuple[int, ...] = (10,),
        continuous: int = 2,
        width: int = 64,
        upsampling: str = "transposed",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        if self.pack > 1:
            raise ValueError(
                "Argument `pack` must be 1: images that are judged together have codes of their own. "
                f"Received: pack={self.pack}."
            )
        self.codes = Codes(categorical, continuous)
        self.noise = self.latent_dim - self.codes.width
        if self.noise < 1:
            raise ValueError(
                "Argument `latent_dim` must leave room for noise beside the codes of `categorical` and "
                f"`continuous`. Received: latent_dim={self.latent_dim} with codes of width "
                f"{self.codes.width}. Pass for example latent_dim={self.codes.width + 62}."
            )
        self.width = checks.positive_integer("width", width)
        self.upsampling = checks.one_of("upsampling", upsampling, convolutional.UPSAMPLING)
        self.make_networks()

    def make_generator(self):
        stack = convolutional.to_images(self.image_shape, self.width, self.upsampling)
        return keras.Sequential([keras.Input((self.latent_dim,)), *stack], name="generator")

    def make_discriminator(self):
        stack = convolutional.from_images(self.image_shape, self.width) + convolutional.to_logit()
        return keras.Sequential([keras.Input(self.view_shape), *stack], name="discriminator")

    def make_head(self):
        known = penultimate.of(self.discriminator, "InfoGAN")
        hidden = [layers.Dense(128, use_bias=False), BatchNormalization(), layers.LeakyReLU(0.2)]
        found = [keras.Input(known.shape[1:]), *hidden, layers.Dense(self.codes.width)]
        return keras.Sequential(found, name="codes")

    # Training ------------------------------------------------------------------------------------

    def unpack(self, data):
        images = super().unpack(data)
        return images, self.sample_codes(images)

    def real_images(self, batch):
        return batch[0]

    def sample_codes(self, images):
        """Random codes (n, width) for as many fakes as there are images."""
        return self.codes.sample(ops.shape(images)[0], self.seed_generator)

    def sample_latents(self, batch):
        """Normal noise, new in every call, and the codes of the batch: (n, latent_dim)."""
        images, codes = batch
        noise = keras.random.normal((ops.shape(images)[0], self.noise), seed=self.seed_generator)
        return ops.concatenate([noise, ops.cast(codes, noise.dtype)], 1)

    def discriminator_terms(self, batch, real, fake):
        return self._information(batch, fake)

    def generator_terms(self, batch, images, fake, training: bool = True):
        loss = self._information(batch, fake)
        self.log("information_loss", loss)
        return loss

    def _information(self, batch, fake):
        loss = self.codes.loss(fake.head_outputs, batch[1])
        return ops.multiply(self.loss_weight("information"), loss)

    # Images --------------------------------------------------------------------------------------

    def latents(self, n=None, seed=None, categorical=None, continuous=None) -> np.ndarray:
        """Latents for `generate`, with the codes that are asked for.

        Args:
            n: how many.
            seed: of what is random, see `generate`; the noise does not depend on the codes.
            categorical: list of a category, or (n,) of them, for each categorical code; None in the
                place of a random one. None: all are random.
            continuous: the same with a number for each continuous code; training sees those in
                [-1, 1].

        Returns:
            float32 array (n, latent_dim).

        Raises:
            ValueError: another number of codes, a category that there is not, or no finite number.
        """
        seed = np.random.randint(2**31) if seed is None else seed
        found = draw_latents(n, self.latent_dim, seed=seed)
        found[:, self.noise :] = self.codes.pick(len(found), seed, categorical, continuous)
        return found

    @property
    def latent_parts(self):
        numbers = self.latent_dim - self.codes.continuous
        return LatentParts(
            slice(0, self.noise), slice(self.noise, numbers), slice(numbers, self.latent_dim)
        )

    def generate_grid(self, most=64, labels=None, seed=None):
        """As `NoiseToImage.generate_grid`, with a row for each category of the first such code."""
        if labels is not None or not self.codes.categorical:
            return super().generate_grid(most, labels, seed)
        rows = min(self.codes.categorical[0], checks.positive_integer("most", most))
        columns = max(1, most // rows)
        latents = np.tile(self.latents(columns, seed), (rows, 1))
        first = slice(self.noise, self.noise + self.codes.categorical[0])
        latents[:, first] = np.eye(self.codes.categorical[0])[np.repeat(np.arange(rows), columns)]
        return self.generate(latents=latents), columns

    def get_config(self):
        config = super().get_config() | {"width": self.width, "upsampling": self.upsampling}
        del config["num_classes"]
        codes = {"categorical": self.codes.categorical, "continuous": self.codes.continuous}
        return config | codes
