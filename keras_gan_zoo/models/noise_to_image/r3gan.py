"""R3GAN: residual GAN with a regularized relativistic loss (Huang et al. 2024, arXiv 2501.05441)."""

from types import MappingProxyType

import keras
from keras import layers

from keras_gan_zoo import optimizers, penalties, schedules
from keras_gan_zoo.layers import BasisExpansion, BasisProjection, Conv2D
from keras_gan_zoo.models.noise_to_image import r3gan_blocks
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.networks import scales
from keras_gan_zoo.utils import checks

_FULL_WIDTH_STAGES = 4  # resolutions, from the base, that have all channels


@keras.saving.register_keras_serializable("keras_gan_zoo")
class R3GAN(NoiseToImage):
    """Residual GAN with a regularized relativistic loss (Huang et al. 2024, arXiv 2501.05441).

    Both networks are residual, with grouped convolutions and no normalization. The generator upsamples
    a small base resolution, such as 4x4, by factors of 2; the discriminator mirrors it. The loss
    compares each generated image with a real one, and R1 and R2 penalize the discriminator's gradient
    at both. `compile()` uses `"relativistic"`, R1 and R2, Adam with a learning rate of 2e-4 and beta_1
    0, and a moving average of the generator.

    The generator's last layer is linear. Training uses its output unchanged; `generate` clips it to
    [-1, 1].

    The paper's learning rate is for a width of 768 and batches of 512; for smaller ones
    `compile(recipe="robust")` raises it.

    Differences from the paper: no data augmentation by default (see `compile(augment=...)`); a much
    smaller default width (the paper's is `width=768, blocks=2`); without `decay_steps`, the learning
    rate, `gamma` and beta_2 are constant; label embeddings are initialized such that they have a
    variance of 1 in the generator, and give logits with a variance of 1 in the discriminator. The
    authors' code draws new real images and latents for the generator's update, while both updates of a
    step use the same ones here. In their code, the half-life of the moving average grows with the other
    schedules from 0 to 500,000 images (5,000,000 for CIFAR-10); here its decay rises to 0.999 in the
    first 9,000 steps and is constant from then on.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of the standard normal latents and of the generator's
            label embedding.
        width: positive integer, channels of both networks at the base resolution and at 2, 4 and 8
            times it. The channels halve with each further doubling (in the paper 768, 768, 768, 768,
            384 for 64x64).
        blocks: positive integer, residual blocks per resolution.
        group_width: positive integer, channels per group of the 3x3 convolutions. Where it does not
            divide `expansion` times the channels, the next smaller divisor is used.
        expansion: positive integer, factor of the channels inside a block.
        num_classes: positive integer, number of classes of a conditional model, whose networks both
            take the labels. Defaults to `None`, an unconditional model.
        gamma: float of 0 or more, weight of R1 and R2; the initial weight with `decay_steps`. Larger
            values are more stable, smaller ones give sharper images. The paper uses 1 for Stacked MNIST
            and 150 for 256x256. Defaults to `None`, which is 0.05 for up to 32x32 pixels, as for
            CIFAR-10 in the paper, and 2 for larger images, as for FFHQ at 64x64.
        decay_steps: positive integer, number of training steps in which the learning rate decays from
            2e-4 to 5e-5 and `gamma` to a tenth, and Adam's beta_2 rises from 0.9 to 0.99, as in the
            paper. Defaults to `None`, constant values of 2e-4, `gamma` and 0.99.
        resampling: `"blur"`, the paper's filter [1, 3, 3, 1] with zeros outside of the image, or
            `"bilinear"`, the filter of release 0.1, which shifts images by half a pixel per doubling.
            Models in files of release 0.1 have `"bilinear"`.
        seed: see `NoiseToImage`.
        **kwargs: `pack` of `NoiseToImage`.

    Raises:
        ValueError: an invalid argument. For an invalid `image_shape`, the message names the nearest
            valid ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.R3GAN(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(16)
    """

    default_losses = "relativistic"
    default_ema = 0.999
    reference_width = 136  # 768 * sqrt(16 / 512): the paper's width, its batches of 512, ours of 16
    cpu_arguments = MappingProxyType({"width": 32, "gamma": 1.0})
    missing_in_old_files = MappingProxyType({"resampling": "bilinear"})
    can_be_conditional = generator_is_linear = True

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (32, 32, 3),
        latent_dim: int = 64,
        width: int = 64,
        blocks: int = 1,
        group_width: int = 16,
        expansion: int = 2,
        num_classes: int | None = None,
        gamma: float | None = None,
        decay_steps: int | None = None,
        seed: int | None = None,
        resampling: str = "blur",
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, num_classes=num_classes, **kwargs)
        self.width = checks.positive_integer("width", width)
        self.blocks = checks.positive_integer("blocks", blocks)
        self.group_width = checks.positive_integer("group_width", group_width)
        self.expansion = checks.positive_integer("expansion", expansion)
        self.resampling = checks.one_of("resampling", resampling, tuple(r3gan_blocks.RESAMPLING))
        self.base, self.num_upsamples = scales.plan(self.image_shape)
        if gamma is None:
            gamma = 0.05 if max(self.image_shape[:2]) <= 32 else 2.0
        self.gamma = checks.non_negative("gamma", gamma)
        self.decay_steps = decay_steps
        if decay_steps is not None:
            self.decay_steps = checks.positive_integer("decay_steps", decay_steps)
        self.make_networks()

    def default_optimizer(self):
        rate, beta_2 = (
            (2e-4, 0.99)
            if self.decay_steps is None
            else (
                schedules.Cosine(2e-4, 5e-5, self.decay_steps),
                schedules.Cosine(0.9, 0.99, self.decay_steps),
            )
        )
        return optimizers.ScheduledAdam(rate, beta_1=0.0, beta_2=beta_2, epsilon=1e-8)

    def default_penalties(self):
        gamma = self.gamma
        if self.decay_steps is not None:
            gamma = schedules.Cosine(gamma, 0.1 * gamma, self.decay_steps)
        return [penalties.R1(gamma), penalties.R2(gamma)]

    def _widths(self):
        """Channels per resolution from the base to the image, such as 64, 64, 64, 64, 32."""
        extra = [max(0, level - _FULL_WIDTH_STAGES + 1) for level in range(self.num_upsamples + 1)]
        return [max(1, self.width // 2**halvings) for halvings in extra]

    def _stage(self, x, name):
        total = self.blocks * (self.num_upsamples + 1)
        for index in range(self.blocks):
            x = r3gan_blocks.bottleneck(
                x, total, self.expansion, self.group_width, f"{name}_block{index}"
            )
        return x

    def make_generator(self):
        widest, *others = self._widths()
        latents = keras.Input((self.latent_dim,), name="latents")
        inputs, x = latents, latents
        if self.num_classes is not None:
            labels = keras.Input((), dtype="int32", name="labels")
            inputs = [latents, labels]
            x = layers.Concatenate()(
                [latents, self.condition.embedding(self.latent_dim, name="classes")(labels)]
            )
        x = layers.Dense(widest, use_bias=False, kernel_initializer=r3gan_blocks.scaled())(x)
        x = self._stage(BasisExpansion(self.base, name="basis")(x), "stage0")
        upsampling, _ = r3gan_blocks.RESAMPLING[self.resampling]
        for level, filters in enumerate(others, 1):
            x = upsampling()(_project_channels(x, filters))
            x = self._stage(x, f"stage{level}")
        x = _pointwise(self.image_shape[2], name="to_image")(x)
        return keras.Model(inputs, x, name="generator")

    def make_discriminator(self):
        *others, last = self._widths()
        inputs = images = keras.Input(self.view_shape, name="images")
        x = self._stage(_pointwise(last, name="from_image")(images), f"stage{self.num_upsamples}")
        _, downsampling = r3gan_blocks.RESAMPLING[self.resampling]
        for level, filters in reversed(list(enumerate(others))):
            x = _project_channels(downsampling()(x), filters)
            x = self._stage(x, f"stage{level}")
        x = BasisProjection(name="basis")(x)
        units = 1 if self.num_classes is None else self.width
        x = layers.Dense(units, use_bias=False, kernel_initializer=r3gan_blocks.scaled())(x)
        if self.num_classes is not None:
            labels = keras.Input((), dtype="int32", name="labels")
            inputs = [images, labels]
            x = layers.Dot(-1)(
                [x, self.condition.embedding(self.width, self.width**-0.5, name="classes")(labels)]
            )
        return keras.Model(inputs, x, name="discriminator")

    def get_config(self):
        networks = ("width", "blocks", "group_width", "expansion", "num_classes", "resampling")
        own = (*networks, "gamma", "decay_steps")
        return super().get_config() | {name: getattr(self, name) for name in own}


def _pointwise(filters, **kwargs):
    return Conv2D(filters, 1, use_bias=False, kernel_initializer=r3gan_blocks.scaled(), **kwargs)


def _project_channels(x, filters):
    """Change the number of channels to `filters` with a 1x1 convolution, if it differs."""
    return x if x.shape[-1] == filters else _pointwise(filters)(x)
