"""R3GAN: a regularized relativistic loss on plain residual networks (Huang et al. 2024)."""

import keras
import numpy as np
from keras import initializers, layers

from keras_gan_zoo import optimizers, penalties, schedules
from keras_gan_zoo.layers import (
    BasisExpansion,
    BasisProjection,
    BilinearDownsampling2D,
    BilinearUpsampling2D,
    Conv2D,
)
from keras_gan_zoo.models.noise_to_image import r3gan_blocks
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.networks import scales
from keras_gan_zoo.utils import checks

_FULL_STAGES = 4  # sizes of the image from the base on that have all the channels


@keras.saving.register_keras_serializable("keras_gan_zoo")
class R3GAN(NoiseToImage):
    """A modern baseline GAN (Huang et al. 2024, arXiv 2501.05441).

    Both networks are residual, with grouped convolutions and no normalization; the generator doubles a
    small base, such as 4x4, up to the image, and the discriminator mirrors it. The loss compares each
    fake with a real image, and the discriminator's slope is kept small at both: `compile()` takes
    `"relativistic"`, the penalties R1 and R2, Adam with beta_1 0 and a moving average of the generator.

    The generator's last layer is linear: training sees what it puts out, `generate` clips it to
    [-1, 1].

    Differs from the paper: no data augmentation unless `compile(augment=...)` asks for it; the width
    is far smaller by default (the paper's: `width=768, blocks=2`); images are resampled with the
    border repeated, not with zeros; embeddings of labels start with a variance of 1, in the
    discriminator with such logits; the moving average's decay is constant after its first steps.

    Args:
        image_shape: (height, width, channels), see `DCGAN`.
        latent_dim: width of the standard normal latents, and of the generator's label embedding.
        width: channels inside of both networks, where the image has the size of the base or that
            times 2, 4 or 8; half as many for each doubling from there on (64x64: 768, 768, 768,
            768, 384 in the paper).
        blocks: residual blocks for each size of the image.
        group_width: channels in a group of the 3x3 convolutions; the next smaller number that
            divides `expansion` times the channels, where it does not.
        expansion: how many times wider a block is inside.
        num_classes: of the labels that both networks get; None: they get none.
        gamma: weight of R1 and R2, at first if `decay_steps` is given. None: 0.05 for up to 32x32
            pixels, as for CIFAR-10 in the paper, else 2, as for FFHQ at 64x64. More is steadier,
            less is sharper; the paper has 1 for Stacked MNIST and 150 for 256x256.
        decay_steps: training steps over which the learning rate falls from 2e-4 to 5e-5, `gamma` to a
            tenth, and Adam's beta_2 rises from 0.9 to 0.99, as in the paper. None: 2e-4, `gamma`
            and 0.99 throughout.
        seed: see `NoiseToImage`.
        **kwargs: `pack`: see `NoiseToImage`.

    Raises:
        ValueError: an impossible `image_shape`, or an argument that breaks its rule.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.R3GAN(image_shape=(28, 28, 1), width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    >>> images = model.generate(16)
    """

    default_losses = "relativistic"
    default_ema = 0.999
    can_be_conditional = True

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
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, num_classes=num_classes, **kwargs)
        self.width = checks.positive_integer("width", width)
        self.blocks = checks.positive_integer("blocks", blocks)
        self.group_width = checks.positive_integer("group_width", group_width)
        self.expansion = checks.positive_integer("expansion", expansion)
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

    def generate(self, *args, **kwargs) -> np.ndarray:
        """As `NoiseToImage.generate`; what the linear generator has outside of [-1, 1] is clipped."""
        return np.clip(super().generate(*args, **kwargs), -1.0, 1.0)

    def _widths(self):
        """Channels from the base to the image, such as 64, 64, 64, 64, 32."""
        extra = [max(0, level - _FULL_STAGES + 1) for level in range(self.num_upsamples + 1)]
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
            x = layers.Concatenate()([latents, self._embedding(self.latent_dim, 1.0)(labels)])
        x = layers.Dense(widest, use_bias=False, kernel_initializer=r3gan_blocks.scaled())(x)
        x = self._stage(BasisExpansion(self.base, name="basis")(x), "stage0")
        for level, filters in enumerate(others, 1):
            x = BilinearUpsampling2D()(_to_width(x, filters))
            x = self._stage(x, f"stage{level}")
        x = _pointwise(self.image_shape[2], name="to_image")(x)
        return keras.Model(inputs, x, name="generator")

    def make_discriminator(self):
        *others, last = self._widths()
        inputs = images = keras.Input(self.view_shape, name="images")
        x = self._stage(_pointwise(last, name="from_image")(images), f"stage{self.num_upsamples}")
        for level, filters in reversed(list(enumerate(others))):
            x = _to_width(BilinearDownsampling2D()(x), filters)
            x = self._stage(x, f"stage{level}")
        x = BasisProjection(name="basis")(x)
        units = 1 if self.num_classes is None else self.width
        x = layers.Dense(units, use_bias=False, kernel_initializer=r3gan_blocks.scaled())(x)
        if self.num_classes is not None:
            labels = keras.Input((), dtype="int32", name="labels")
            inputs = [images, labels]
            x = layers.Dot(-1)([x, self._embedding(self.width, self.width**-0.5)(labels)])
        return keras.Model(inputs, x, name="discriminator")

    def _embedding(self, width, deviation):
        normal = initializers.RandomNormal(0.0, deviation)
        return layers.Embedding(self.num_classes, width, embeddings_initializer=normal, name="classes")

    def get_config(self):
        own = ("width", "blocks", "group_width", "expansion", "num_classes", "gamma", "decay_steps")
        return super().get_config() | {name: getattr(self, name) for name in own}


def _pointwise(filters, **kwargs):
    return Conv2D(filters, 1, use_bias=False, kernel_initializer=r3gan_blocks.scaled(), **kwargs)


def _to_width(x, filters):
    """The images with so many channels."""
    return x if x.shape[-1] == filters else _pointwise(filters)(x)
