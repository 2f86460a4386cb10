"""FastGAN: images from a hundred pictures (Liu et al. 2021, arXiv 2101.04775)."""

from types import MappingProxyType

import keras
from keras import ops

from keras_gan_zoo.models.noise_to_image import fastgan_networks
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.networks.feature_network import NETWORKS
from keras_gan_zoo.networks.perceptual import PerceptualDistance
from keras_gan_zoo.training.plan import DiscriminatorPass
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class FastGAN(NoiseToImage):
    """GAN for few images, with a reconstructing discriminator (Liu et al. 2021, arXiv 2101.04775).

    The generator has gated linear units, noise, and skip-layer excitation: feature maps of low
    resolution weight the channels of maps of 16 times their size. The residual discriminator is also
    an encoder: from its last feature map, a decoder reconstructs the image, and from a random quarter
    of the map before, another one this quarter of the image. This `reconstruction_loss` of real images
    keeps its features from overfitting. Both networks have batch and spectral normalization.

    `compile()` uses the paper's hinge loss, DiffAugment, a `"reconstruction"` weight of 1, Adam with a
    learning rate of 2e-4 and beta_1 0.5, and a moving average of the generator. The paper trains with
    batches of 8 images.

    Differences from the paper: the reconstruction loss is a perceptual distance without learned
    weights, in a network of this package (`perceptual`), in place of LPIPS in VGG16; images from 8x8 on
    are possible, those below 64x64 with one excitation, from the first to the last feature map; the
    discriminator's first convolution has a bias, see `d_bias` of `DCGAN`. Details that the paper leaves
    out are as in the authors' code: the widths, noise in every second block, and the quarters. It also
    has a second discriminator, on images of 128x128, which the paper and this model do not have,
    and no excitation of the last map of images of 1024x1024.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of the standard normal latents.
        width: positive integer, channels of the generator at 128x128. Both networks have 8 times as
            many at 8x8.
        perceptual: network of the reconstruction loss, `"rgb64"` or `"vgg19"`, see
            `networks.perceptual.PerceptualDistance`. Defaults to `"rgb64"`. `None`: the mean absolute
            difference of the pixels, which takes less time.
        noise: boolean, whether the generator adds noise to its feature maps.
        seed: see `NoiseToImage`.
        **kwargs: `pack` and `d_norm` of `NoiseToImage`.

    Logs: `reconstruction_loss`, unweighted.

    Raises:
        ValueError: an invalid argument. For an invalid `image_shape`, the message names the nearest
            valid ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.FastGAN.for_size(32, channels=1)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", image_size=32, samples=500, batch_size=8), epochs=5)
    >>> images = model.generate(16)
    """

    default_losses = "hinge"
    default_augment = "diffaugment"
    default_ema = 0.999
    default_batch_size = 8
    reference_width = 64
    cpu_arguments = MappingProxyType({"width": 16, "latent_dim": 64})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        latent_dim: int = 256,
        width: int = 64,
        perceptual: str | None = "rgb64",
        noise: bool = True,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.width = checks.positive_integer("width", width)
        self.perceptual = checks.one_of("perceptual", perceptual, (None, *NETWORKS))
        self.noise = bool(noise)
        self._distance = _absolute_difference
        self.make_networks()

    @property
    def default_terms(self):
        """Weights of the terms of `losses` beside the adversarial one, by name."""
        return {} if self.projection else {"reconstruction": 1.0}

    @property
    def extra_logs(self):
        return () if self.projection else ("reconstruction_loss",)

    def make_generator(self):
        return fastgan_networks.generator(self.image_shape, self.latent_dim, self.width, self.noise)

    def make_discriminator(self):
        return fastgan_networks.discriminator(self.view_shape, self.width)

    def make_head(self):
        return None if self.projection else fastgan_networks.decoders(self.discriminator, self.width)

    def make_feature_network(self):
        if self.projection:
            return super().make_feature_network()
        maps = [self.discriminator.get_layer(name).output for name in ("small", "large")]
        return keras.Model(self.discriminator.inputs[0], [self.discriminator.outputs[0], *maps])

    # Training ------------------------------------------------------------------------------------

    def resolve_losses(self, losses):
        terms = super().resolve_losses(losses)
        if self.perceptual is not None and "reconstruction" in terms:
            self._distance = PerceptualDistance(self.perceptual)
        return terms

    def discriminate(self, view, training: bool = True):
        if self.projection:
            return super().discriminate(view, training)
        logits, *maps = self.plan.feature_network(self.discriminator_inputs(view), training=training)
        return DiscriminatorPass(view, logits, maps, training=training)

    def feature_distance(self, real, fake):
        base = super().feature_distance
        return sum(base(*maps) for maps in zip(real, fake, strict=True))

    def sample_quarter(self):
        """Return the number, from 0 to 3, of the quarter that is reconstructed in this step."""
        return keras.random.randint((), 0, 4, seed=self.seed_generator)

    def discriminator_terms(self, batch, real, fake):
        """Distance of real images, as the discriminator receives them, from their reconstructions."""
        if self.projection:
            return 0.0
        small, large = real.features
        index = self.sample_quarter()
        images = real.view.images
        whole, part = self.head([small, _quarter(large, index)], training=real.training)
        loss = self._error(whole, images) + self._error(part, _quarter(images, index))
        self.log("reconstruction_loss", loss)
        return ops.multiply(self.loss_weight("reconstruction"), loss)

    def _error(self, decoded, images):
        decoded = at_least_float32(decoded)
        images = ops.cast(images, decoded.dtype)
        factor = images.shape[1] // decoded.shape[1]
        targets = images if factor == 1 else ops.average_pool(images, factor)
        return ops.mean(self._distance(decoded, targets))

    def get_config(self):
        own = ("width", "perceptual", "noise")
        return super().get_config() | {name: getattr(self, name) for name in own}


def _absolute_difference(images, targets):
    return ops.abs(images - targets)


def _quarter(x, index):
    """One of the four quarters of maps (n, height, width, channels), by an index tensor from 0 to 3."""
    _, height, width, channels = x.shape
    sides = height // 2, width // 2
    parts = ops.reshape(x, (-1, 2, sides[0], 2, sides[1], channels))
    parts = ops.reshape(ops.transpose(parts, (1, 3, 0, 2, 4, 5)), (4, -1, *sides, channels))
    return ops.take(parts, index, axis=0)
