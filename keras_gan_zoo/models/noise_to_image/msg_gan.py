"""Multi-scale gradient GAN (Karnewar & Wang 2019, arXiv 1903.06048)."""

from types import MappingProxyType

import keras
import numpy as np
from keras import layers, ops

from keras_gan_zoo import backend
from keras_gan_zoo.layers import EqualizedConv2D, MinibatchStdDev
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.models.noise_to_image.msg_gan_pyramid import Pyramid
from keras_gan_zoo.networks import progressive, scales
from keras_gan_zoo.networks.convolutional import chain
from keras_gan_zoo.utils import checks

COMBINE = ("simple", "lin_cat", "cat_lin")


@keras.saving.register_keras_serializable("keras_gan_zoo")
class MSGGAN(NoiseToImage):
    """Multi-scale gradient GAN (Karnewar & Wang 2019, arXiv 1903.06048).

    The networks are those of `ProgressiveGAN`, trained at all resolutions at once: the generator has an
    image output at every resolution, 4x4, 8x8, ..., and the discriminator takes all of them, each at
    its features of the same resolution. Every level of the generator thus gets gradients from the first
    step. Real images are downsampled by averaging. Penalties use the gradient by the images of all
    resolutions together; augmentations transform all resolutions of an image equally.

    `compile()` uses `"relativistic_hinge"`, Adam with a learning rate of 3e-3, beta_1 0 and beta_2
    0.99, and a moving average of the generator. The paper also uses `compile(losses="wasserstein",
    penalties=["gradient_penalty"])`.

    The generator's output layers are linear. Training uses their outputs unchanged; `generate` clips
    them to [-1, 1].

    Differences from the paper: Adam, as in the authors' first version, instead of RMSprop; the factor
    sqrt(2) of He's initialization is applied after the bias; with `"lin_cat"`, the 1x1 convolution of
    the image has as many output channels as the features, a number that the paper does not give.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of the standard normal latents.
        width: positive integer, maximum number of channels of a level.
        channel_base: see `StyleGAN2`. Defaults to `None`, which is the paper's value for `width=512`.
        combine: how the discriminator combines images and features: `"simple"` concatenates them;
            `"lin_cat"` first applies a 1x1 convolution to the image; `"cat_lin"` concatenates and then
            applies a 1x1 convolution.
        seed: see `NoiseToImage`.
        **kwargs: `pack` of `NoiseToImage`.

    Attributes:
        generator: network from latents to a list of images, from the smallest to the largest.
        discriminator: network from such a list to logits.

    Raises:
        ValueError: an invalid argument. For an invalid `image_shape`, the message names the nearest
            valid ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.MSGGAN(image_shape=(32, 32, 3), latent_dim=64, width=32)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits", image_size=32, channels=3), epochs=5)
    >>> images = model.generate(16)
    >>> smallest, *_, largest = model.generate_scales(16)
    """

    default_losses = "relativistic_hinge"
    default_ema = 0.999
    can_project = False
    reference_width = 512
    rate_exponent = -0.5
    cpu_arguments = MappingProxyType({"width": 32, "latent_dim": 64})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        latent_dim: int = 512,
        width: int = 512,
        channel_base: int | None = None,
        combine: str = "simple",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.width = checks.positive_integer("width", width)
        base = 32 * width if channel_base is None else channel_base
        self.channel_base = checks.positive_integer("channel_base", base)
        self.combine = checks.one_of("combine", combine, COMBINE)
        self.base, self.num_upsamples = scales.plan(self.image_shape)
        self.pyramid = Pyramid(self.base, self.num_upsamples + 1)
        self.make_networks()

    def default_optimizer(self):
        return keras.optimizers.Adam(3e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8)

    def _widths(self):
        return scales.widths(self.num_upsamples, self.width, self.channel_base)

    def make_generator(self):
        return progressive.generator(self.latent_dim, self.base, self._widths(), self.image_shape[2])

    def make_discriminator(self):
        widths, channels = self._widths(), self.view_shape[2]
        images = [
            keras.Input((*sides, channels), name=f"level{level}")
            for level, sides in enumerate(self.pyramid.sides)
        ]
        x = chain(images[-1], progressive.from_image(widths[-1], self.num_upsamples))
        for level in range(self.num_upsamples, 0, -1):
            block = progressive.downsampling_block(widths[level], widths[level - 1], level)
            x = chain(x, [MinibatchStdDev(4), *block])
            x = self._combine(images[level - 1], x, level - 1)
        return keras.Model(images, chain(x, progressive.to_logit(widths[0])), name="discriminator")

    def _combine(self, image, x, level):
        pointwise = EqualizedConv2D(x.shape[-1], 1, name=f"level{level}_combine")
        if self.combine == "lin_cat":
            image = pointwise(image)
        x = layers.Concatenate()([image, x])
        return pointwise(x) if self.combine == "cat_lin" else x

    # Training: the images of a batch are packed image pyramids -------------------------------------

    def unpack(self, data):
        return self.pyramid.from_images(ops.convert_to_tensor(super().unpack(data)))

    def generate_batch(self, batch, training: bool = True, network=None):
        return self.pyramid.pack(super().generate_batch(batch, training, network))

    def augment(self, images, probability):
        state = ops.convert_to_tensor(self.seed_generator.state) + 0
        augmented = []
        for part in self.pyramid.unpack(images):
            self.seed_generator.state.assign(state)  # equal random draws at every resolution
            augmented.append(super().augment(part, probability))
        return self.pyramid.pack(augmented)

    def discriminator_inputs(self, view):
        return self.pyramid.unpack(view.images)

    # Images --------------------------------------------------------------------------------------

    def whole_images(self, outputs):
        return outputs[-1]

    def generate(self, n=None, labels=None, latents=None, seed=None, batch_size=64) -> np.ndarray:
        """As `NoiseToImage.generate`, with outputs clipped to [-1, 1]."""
        return self.generate_scales(n, labels, latents, seed, batch_size)[-1]

    def generate_scales(self, n=None, labels=None, latents=None, seed=None, batch_size=64) -> list:
        """As `generate`, but a list of the images at all resolutions, from the smallest on."""
        inputs = self.network_inputs(n, labels, latents, seed)
        outputs = backend.predict(self.best_generator(), inputs, batch_size)
        return [np.clip(images.astype("float32"), -1.0, 1.0) for images in outputs]

    def get_config(self):
        own = ("width", "channel_base", "combine")
        return super().get_config() | {name: getattr(self, name) for name in own}
