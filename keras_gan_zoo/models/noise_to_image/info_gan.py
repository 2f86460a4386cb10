"""GAN with interpretable latent codes (Chen et al. 2016, arXiv 1606.03657)."""

from types import MappingProxyType

import keras
import numpy as np
from keras import layers, ops

from keras_gan_zoo.layers import BatchNormalization
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.models.noise_to_image.codes import Codes, LatentParts, draw_latents
from keras_gan_zoo.networks import convolutional, penultimate
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class InfoGAN(NoiseToImage):
    """GAN with interpretable latent codes, learned without labels (Chen et al. 2016, arXiv 1606.03657).

    Latents are the concatenation of noise, one-hot categorical codes, and continuous codes that are
    uniform in [-1, 1]. A second head on the discriminator's penultimate activations predicts the codes
    of generated images. The information loss, the negative log-likelihood of the codes, bounds the
    mutual information of codes and images from below: cross-entropy for each categorical code, and half
    the squared error for each continuous code (a Gaussian with variance 1, without its constant).
    `compile(losses={"adversarial": ..., "information": 1.0})` sets its weight; it is logged as
    `information_loss`.

    As in the authors' code, the loss is added to those of both networks, and the head is trained with
    the discriminator. All updates of one step use the same codes, with different noise.

    Differences from the paper: the networks are those of `DCGAN`, without the dense layers of 1024
    units, and both networks have the same learning rate.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of noise and codes together.
        categorical: number of categories of each categorical code; () for none.
        continuous: integer of 0 or more, number of continuous codes.
        width, upsampling, d_bias: see `DCGAN`.
        seed: see `NoiseToImage`.
        **kwargs: `d_norm` and `minibatch` of `NoiseToImage`. `pack` must be 1.

    Batches: images (batch, *image_shape), floats in [-1, 1]. A second element is ignored.

    Raises:
        ValueError: an invalid argument, no codes, or a `latent_dim` without room for noise.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.InfoGAN(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(latents=model.latents(16, categorical=[3], continuous=[0.5, -1]))
    """

    default_terms = {"information": 1.0}  # noqa: RUF012
    extra_logs = ("information_loss",)
    can_project = False
    reference_width = 64
    cpu_arguments = MappingProxyType({"upsampling": "resize", "width": 32})
    missing_in_old_files = MappingProxyType({"d_bias": False})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (28, 28, 1),
        latent_dim: int = 74,
        categorical: tuple[int, ...] = (10,),
        continuous: int = 2,
        width: int = 64,
        upsampling: str = "transposed",
        seed: int | None = None,
        d_bias: bool = True,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.d_bias = bool(d_bias)
        if self.pack > 1:
            raise ValueError(
                "Argument `pack` must be 1, because each of the packed images has its own codes. "
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
        stack = convolutional.from_images(self.image_shape, self.width, self.d_bias)
        stack += convolutional.to_logit()
        return keras.Sequential([keras.Input(self.view_shape), *stack], name="discriminator")

    def make_head(self):
        features = penultimate.of(self.discriminator, "InfoGAN")
        hidden = [layers.Dense(128, use_bias=False), BatchNormalization(), layers.LeakyReLU(0.2)]
        stack = [keras.Input(features.shape[1:]), *hidden, layers.Dense(self.codes.width)]
        return keras.Sequential(stack, name="codes")

    # Training ------------------------------------------------------------------------------------

    def unpack(self, data):
        images = super().unpack(data)
        return images, self.sample_codes(images)

    def real_images(self, batch):
        return batch[0]

    def sample_codes(self, images):
        """Random codes (n, width), one vector for each of n images."""
        return self.codes.sample(ops.shape(images)[0], self.seed_generator)

    def sample_latents(self, batch):
        """Latents (n, latent_dim): new standard normal noise and the codes of the batch."""
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
        """Latents for `generate` with given or random codes.

        Args:
            n: positive integer, number of latents.
            seed: integer, seed of the noise and the random codes, see `generate`. The noise does not
                depend on the given codes.
            categorical: list with an entry for each categorical code: a category, an array (n,) of
                categories, or `None` for random ones. Defaults to `None`, all random.
            continuous: the same for the continuous codes, with numbers. Training uses numbers in
                [-1, 1].

        Returns:
            float32 array (n, latent_dim).

        Raises:
            ValueError: the number of codes is wrong, a category does not exist, or a number is not
                finite.
        """
        seed = np.random.randint(2**31) if seed is None else seed
        latents = draw_latents(n, self.latent_dim, seed=seed)
        latents[:, self.noise :] = self.codes.pick(len(latents), seed, categorical, continuous)
        return latents

    @property
    def latent_parts(self):
        start = self.latent_dim - self.codes.continuous
        return LatentParts(
            slice(0, self.noise), slice(self.noise, start), slice(start, self.latent_dim)
        )

    def generate_grid(self, most=64, labels=None, seed=None):
        """As `NoiseToImage.generate_grid`, with a row per category of the first categorical code."""
        if labels is not None or not self.codes.categorical:
            return super().generate_grid(most, labels, seed)
        rows = min(self.codes.categorical[0], checks.positive_integer("most", most))
        columns = max(1, most // rows)
        latents = np.tile(self.latents(columns, seed), (rows, 1))
        first = slice(self.noise, self.noise + self.codes.categorical[0])
        latents[:, first] = np.eye(self.codes.categorical[0])[np.repeat(np.arange(rows), columns)]
        return self.generate(latents=latents), columns

    def get_config(self):
        own = {"width": self.width, "upsampling": self.upsampling, "d_bias": self.d_bias}
        config = super().get_config() | own
        del config["num_classes"]
        codes = {"categorical": self.codes.categorical, "continuous": self.codes.continuous}
        return config | codes
