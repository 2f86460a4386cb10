"""Progressively growing GAN (Karras et al. 2017, arXiv 1710.10196)."""

from types import MappingProxyType
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend, penalties
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.networks import progressive, scales
from keras_gan_zoo.training.plan import DiscriminatorPass
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


class GrowthPhase(NamedTuple):
    """Current level, from 0 for the base resolution, and whether it is being faded in."""

    level: int
    is_fading: bool


class _SubnetworkCache:
    """Subnetworks by phase, which share their layers with the whole network."""

    def __init__(self):
        self._built = {}

    def get(self, network, phase, build):
        key = (id(network), phase)
        if key not in self._built:
            self._built[key] = build(), network  # the reference keeps the id from being reused
        return self._built[key][0]


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ProgressiveGAN(NoiseToImage):
    """Progressively growing GAN, from 4x4 to the full size (Karras et al. 2017, arXiv 1710.10196).

    `fit` with `callbacks.ProgressiveGrowth` starts at the smallest resolution, or level, and adds the
    others one by one. A new level is faded in: its weight in the output of the generator and in the
    input of the discriminator rises from 0 to 1. A training step only costs as much as networks of the
    current level. All weights exist from the start, so the optimizers keep their state. Saved files
    hold the level and its weight, so training resumes exactly, also during a fade. Without the
    callback, the model is fully grown.

    `compile()` uses `"wasserstein"` with a gradient penalty and the paper's `drift` term, the mean
    square of the logits of real images (`losses={"adversarial": ..., "drift": 0.001}` sets its weight),
    Adam with a learning rate of 1e-3, beta_1 0 and beta_2 0.99, and a moving average of the generator.

    The generator's output layers are linear. Training uses their outputs unchanged; `generate` clips
    them to [-1, 1].

    Differences from the paper: Adam's moments are kept when a level is added, and its bias correction
    does not restart, so the first steps of a level are larger, while its weight is close to 0; the
    factor sqrt(2) of He's initialization is applied after the bias; no labels.

    Args:
        image_shape: (height, width, channels) of the images, see `DCGAN`.
        latent_dim: positive integer, dimension of the standard normal latents.
        width: positive integer, maximum number of channels of a level.
        channel_base: see `StyleGAN2`. Defaults to `None`, which is the paper's value for `width=512`.
        seed: see `NoiseToImage`.
        **kwargs: `pack` of `NoiseToImage`.

    Attributes:
        level: integer, the current level; 0 is the base resolution, such as 4x4.
        share: scalar variable in [0, 1], the weight of the current level; 1 after its fade.
        sides: (height, width) of the images of each level.
        generator: network from latents to a list of images, one per level.

    Raises:
        ValueError: an invalid argument. For an invalid `image_shape`, the message names the nearest
            valid ones.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> model = kgz.ProgressiveGAN(image_shape=(32, 32, 3), latent_dim=64, width=32)
    >>> model.compile()
    >>> growth = kgz.callbacks.ProgressiveGrowth(fade=20_000, stable=20_000)
    >>> model.fit(kgz.data.load("digits", image_size=32, channels=3), epochs=30, callbacks=[growth])
    >>> images = model.generate(16)
    """

    default_losses = "wasserstein"
    default_terms = {"drift": 0.001}  # noqa: RUF012
    default_ema = 0.999
    can_grow = True
    can_project = False
    reference_width = 512
    rate_exponent = -0.5
    cpu_arguments = MappingProxyType({"width": 32, "latent_dim": 64})
    _tested = None

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        latent_dim: int = 512,
        width: int = 512,
        channel_base: int | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, latent_dim, seed, **kwargs)
        self.width = checks.positive_integer("width", width)
        base = 32 * width if channel_base is None else channel_base
        self.channel_base = checks.positive_integer("channel_base", base)
        self.base, self.num_upsamples = scales.plan(self.image_shape)
        self.sides = [tuple(s * 2**n for s in self.base) for n in range(self.num_upsamples + 1)]
        self.share = self.add_scalar("share", 1.0)
        self._share_per_image = self.add_scalar("share_per_image", 0.0)
        self._saved_level = self.add_scalar("level", float(self.num_upsamples))
        self.phase = GrowthPhase(self.num_upsamples, is_fading=False)
        self._level_networks = _SubnetworkCache()
        self.make_networks()

    def default_optimizer(self):
        return keras.optimizers.Adam(1e-3, beta_1=0.0, beta_2=0.99, epsilon=1e-8)

    def default_penalties(self):
        return [penalties.GradientPenalty(10.0)]

    def _widths(self):
        return scales.widths(self.num_upsamples, self.width, self.channel_base)

    def make_generator(self):
        return progressive.generator(self.latent_dim, self.base, self._widths(), self.image_shape[2])

    def make_discriminator(self):
        shapes = [(*sides, self.view_shape[2]) for sides in self.sides]
        return progressive.growing_discriminator(shapes, self._widths())

    # Growth --------------------------------------------------------------------------------------

    @property
    def level(self) -> int:
        """Level of the images, 0 for 4x4 pixels or the base of other shapes."""
        return self.phase.level

    @property
    def is_fading(self) -> bool:
        """Whether the current level is being faded in."""
        return self.phase.is_fading

    def grow(self, level: int, images: int = 0) -> None:
        """Set the level for the training steps that follow. Can be called during `fit`.

        Args:
            level: integer, from 0 for the base resolution to `len(sides) - 1` for the full size.
            images: integer of 0 or more, number of training images during which the level is faded in.

        Raises:
            ValueError: the level does not exist, or a fade is requested for the first level.
        """
        level = checks.one_of("level", level, range(len(self.sides)))
        images = checks.non_negative_integer("images", images)
        if images and level == 0:
            raise ValueError(
                "Argument `images` must be 0 for the first level, which has no level before it to fade "
                f"from. Received: images={images}."
            )
        backend.sync(self)
        self._saved_level.assign(float(level))
        self.share.assign(0.0 if images else 1.0)
        self._share_per_image.assign(1.0 / images if images else 0.0)
        self.phase = GrowthPhase(level, images > 0)
        if self.training_data is not None:  # in the middle of `fit`
            self.make_train_function()

    def trace_signature(self):
        return (*super().trace_signature(), self.phase)

    def make_test_function(self, force: bool = False):
        changed = self.trace_signature() != self._tested
        self._tested = self.trace_signature()
        return super().make_test_function(force=force or changed)

    def load_own_variables(self, store):
        super().load_own_variables(store)
        level, rate = (
            float(ops.convert_to_numpy(v)) for v in (self._saved_level, self._share_per_image)
        )
        self.phase = GrowthPhase(int(level), rate > 0.0)

    def end_step(self, batch):
        if self.is_fading:
            images = ops.cast(ops.shape(batch)[0], "float32")
            self.share.assign(ops.minimum(self.share + images * self._share_per_image, 1.0))

    def _subnetwork(self, network):
        """Subnetwork of the current level, which shares the layers of `network`."""
        level, fading = self.phase.level, self.phase.is_fading

        def build():
            inputs, outputs = network.inputs, network.outputs
            if network is self.discriminator:
                inputs = [inputs[level], inputs[-1]] if fading else inputs[level]
                outputs = outputs[len(self.sides) + level - 1] if fading else outputs[level]
            else:
                outputs = outputs[level - 1 : level + 1] if fading else outputs[level]
            return keras.Model(inputs, outputs)

        return self._level_networks.get(network, self.phase, build)

    def discriminator_variables(self):
        return self._subnetwork(self.discriminator).trainable_variables

    def generator_variables(self):
        return self._subnetwork(self.generator).trainable_variables

    def trained_variables(self):
        whole = {"d_opt": self.discriminator, "g_opt": self.generator}
        return {name: network.trainable_variables for name, network in whole.items()}

    # Training ------------------------------------------------------------------------------------

    def unpack(self, data):
        images = ops.convert_to_tensor(super().unpack(data))
        factor = 2 ** (self.num_upsamples - self.level)
        images = images if factor == 1 else ops.average_pool(images, factor, factor)
        return self._blend(ops.average_pool(images, 2, 2), images) if self.is_fading else images

    def _blend(self, previous, current):
        """Weighted sum of the upsampled images of the previous level and those of the current level."""
        share = ops.cast(self.share, current.dtype)
        previous = ops.repeat(ops.repeat(previous, 2, axis=1), 2, axis=2)
        return (1.0 - share) * previous + share * current

    def generate_batch(self, batch, training: bool = True, network=None):
        network = self.generator if network is None else network
        outputs = super().generate_batch(batch, training, self._subnetwork(network))
        return self._blend(*outputs) if self.is_fading else outputs

    def discriminate(self, view, training: bool = True):
        inputs = view.images
        if self.is_fading:
            share = ops.cast(ops.convert_to_tensor(self.share), inputs.dtype)
            inputs = [inputs, ops.broadcast_to(share, (ops.shape(inputs)[0], 1, 1, 1))]
        return DiscriminatorPass(view, self._subnetwork(self.discriminator)(inputs, training=training))

    def discriminator_terms(self, batch, real, fake):
        drift = ops.mean(ops.square(at_least_float32(real.logits)))
        return ops.multiply(self.loss_weight("drift"), drift)

    def make_feature_network(self):
        raise ValueError(
            "Argument `losses` must have no 'feature_matching' for a ProgressiveGAN, because the "
            "features of its levels differ. Remove the term."
        )

    # Images --------------------------------------------------------------------------------------

    def whole_images(self, outputs):
        if self.is_fading or self.level < self.num_upsamples:
            raise ValueError(
                f"The model is not fully grown: its level is {self.level} of 0..{self.num_upsamples}. "
                "Continue training with `ProgressiveGrowth`, or call `grow(model.num_upsamples)`."
            )
        return outputs[-1]

    def preset_network(self):
        network = super().preset_network()
        self.whole_images(network.outputs)  # raises for a model that is not fully grown
        return network

    def call(self, latents, training=None):
        outputs = self._subnetwork(self.generator)(latents, training=training)
        return self._blend(*outputs) if self.is_fading else outputs

    def generate(self, n=None, labels=None, latents=None, seed=None, batch_size=64) -> np.ndarray:
        """As `NoiseToImage.generate`, with outputs clipped to [-1, 1].

        Images of lower levels are resized to the model's `image_shape` by repeating pixels.
        """
        inputs = self.network_inputs(n, labels, latents, seed)
        network = self._subnetwork(self.best_generator())
        images = backend.predict(network, inputs, batch_size)
        if self.is_fading:
            share = float(ops.convert_to_numpy(self.share))
            images = (1.0 - share) * _repeat_pixels(images[0], 2) + share * images[1]
        images = _repeat_pixels(images, 2 ** (self.num_upsamples - self.level))
        return np.clip(images.astype("float32"), -1.0, 1.0)

    def get_config(self):
        own = ("width", "channel_base")
        return super().get_config() | {name: getattr(self, name) for name in own}


def _repeat_pixels(images, factor):
    return images.repeat(factor, 1).repeat(factor, 2)
