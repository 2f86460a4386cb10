"""Unpaired image-to-image translation with cycle consistency (Zhu et al. 2017, arXiv 1703.10593)."""

from types import MappingProxyType

import keras
from keras import ops

from keras_gan_zoo import schedules
from keras_gan_zoo.layers import ImagePool
from keras_gan_zoo.losses import LeastSquares
from keras_gan_zoo.models.image_to_image.two_domains import TwoDomains, split
from keras_gan_zoo.networks import patchgan, resnet
from keras_gan_zoo.training import data_checks
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class CycleGAN(TwoDomains):
    """Unpaired image-to-image translation with cycle consistency (Zhu et al. 2017, arXiv 1703.10593).

    Two residual generators translate between the domains A and B. The cycle loss is the mean absolute
    difference of an image and its translation to the other domain and back. The discriminators classify
    patches, and are trained on new and on earlier generated images from a pool. `compile()` uses the
    least-squares loss, a `"cycle"` weight of 10, an `"identity"` weight of half of it (mean absolute
    difference of an image and its translation to its own domain), and Adam with a learning rate of 2e-4
    and beta_1 0.5. The paper trains with batches of one image.

    Differences from the paper: losses are means over both domains, not sums. The total losses of the
    generators and of the discriminators are therefore half of the paper's, with the paper's ratios of
    all terms: the generators minimize the mean over both domains of (D(fake) - 1)^2 + `cycle` * cycle
    loss + `identity` * identity loss.

    Args:
        image_shape: (height, width, channels) of the training images of both domains. Sides must be
            multiples of 4; `translate` also takes other such sizes.
        width: positive integer, channels of the first layer of all networks.
        blocks: positive integer, residual blocks of a generator. Defaults to `None`, which is 6 for
            images with a side below 256 pixels and 9 for larger ones.
        upsampling: `"transposed"` convolutions as in the paper, or `"resize"`, nearest-neighbour
            upsampling and a convolution, which avoids checkerboard artefacts.
        patch_layers: see `Pix2Pix`.
        pool_size: integer, number of earlier generated images per domain in the pool, at least the
            batch size. 0 turns the pool off.
        decay_steps: positive integer, number of training steps with a constant learning rate, and of
            the steps after them in which it decays linearly to 0. The paper uses 100 epochs for each.
            Defaults to `None`, a constant learning rate.
        seed: see `NoiseToImage`.

    Batches: `(a, b)`, floats in [-1, 1], (batch, *image_shape) each, in any combination.

    `"cycle"` and `"identity"` are relative to the adversarial loss of the generators as its own paper
    defines it, with one exception: `losses.LeastSquares` has LSGAN's factor of 1/2, which CycleGAN's
    paper omits, and counts twice.

    Logs: `cycle_loss` and `identity_loss`, unweighted; `g_loss` is the adversarial loss, for least
    squares with the factor of 1/2. The pool is not used with `updates="simultaneous"`.

    Raises:
        ValueError: an invalid size or argument.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> digits = kgz.data.load("digits", image_size=32, channels=3).images / 127.5 - 1
    >>> model = kgz.CycleGAN((32, 32, 3), width=8, blocks=2)
    >>> model.compile()
    >>> model.fit(digits[:100], -digits[100:200], batch_size=1)
    >>> inverted = model.translate(digits[:16])
    """

    default_losses = "least_squares"
    default_batch_size = 1
    cpu_arguments = MappingProxyType({"width": 16})
    default_terms = {"cycle": 10.0, "identity": None}  # noqa: RUF012
    extra_logs = ("cycle_loss", "identity_loss")

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        width: int = 64,
        blocks: int | None = None,
        upsampling: str = "transposed",
        patch_layers: int | None = None,
        pool_size: int = 50,
        decay_steps: int | None = None,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(image_shape, seed, **kwargs)
        resnet.check_size(self.image_shape)
        self.width = checks.positive_integer("width", width)
        if blocks is None:
            blocks = 6 if min(self.image_shape[:2]) < 256 else 9
        self.blocks = checks.positive_integer("blocks", blocks)
        self.upsampling = checks.one_of("upsampling", upsampling, resnet.UPSAMPLING)
        self.patch_layers = patchgan.strided_layers(patch_layers, self.image_shape)
        self.receptive_field = patchgan.receptive_field(self.patch_layers)
        self.pool_size = checks.non_negative_integer("pool_size", pool_size)
        self.decay_steps = decay_steps
        if decay_steps is not None:
            self.decay_steps = checks.positive_integer("decay_steps", decay_steps)
        self.make_networks()
        self.pools = [ImagePool(pool_size, seed=seed, name=f"pool_{name}") for name in self.halves]
        for pool in self.pools:
            pool.build((None, *self.image_shape))

    def default_optimizer(self):
        rate = 2e-4
        if self.decay_steps is not None:
            rate = schedules.Linear(rate, 0.0, self.decay_steps, wait=self.decay_steps)
        return keras.optimizers.Adam(rate, beta_1=0.5)

    def make_translator(self, name):
        channels = self.image_shape[2]
        return resnet.resnet(channels, channels, self.width, self.blocks, self.upsampling, name)

    def make_domain_discriminator(self, name):
        return patchgan.patchgan(self.image_shape[2], self.width, self.patch_layers, "instance", name)

    @property
    def size_multiple(self):
        return resnet.STEP

    def check_data(self, x, y, batch_size):
        x = super().check_data(x, y, batch_size)
        batch, x, whole = data_checks.peek(x)
        size = (batch_size or 32) if whole else len(batch[0])
        if 0 < self.pool_size < size:
            raise ValueError(
                "Batches must not be larger than the image pool, here "
                f"pool_size={self.pool_size}. Received: batches of {size}. Create the model with "
                f"pool_size={size} or more, or with pool_size=0."
            )
        return x

    def resolve_losses(self, losses):
        resolved = super().resolve_losses(losses)
        if resolved["identity"] is None:
            resolved["identity"] = 0.5 * resolved["cycle"]
        return resolved

    def update_discriminator(self, batch, images):
        pooled = [pool(part) for pool, part in zip(self.pools, split(images), strict=True)]
        super().update_discriminator(batch, ops.concatenate(pooled, axis=0))

    def generator_loss(self, batch, real, fake):
        loss = super().generator_loss(batch, real, fake)
        return 2.0 * loss if isinstance(self.adversarial_loss, LeastSquares) else loss

    def generator_terms(self, batch, images, fake, training: bool = True):
        a_to_b, b_to_a = self.translators()
        fake_a, fake_b = split(images)
        a, b = (ops.cast(half, images.dtype) for half in batch)
        # One pass for both: without batch statistics, images do not affect each other.
        back_a, same_a = split(b_to_a(ops.concatenate([fake_b, a], axis=0), training=training))
        back_b, same_b = split(a_to_b(ops.concatenate([fake_a, b], axis=0), training=training))
        loss = 0.0
        for name, (from_a, from_b) in (("cycle", (back_a, back_b)), ("identity", (same_a, same_b))):
            distance = 0.5 * (_distance(from_a, a) + _distance(from_b, b))
            self.log(f"{name}_loss", distance)
            loss = loss + ops.multiply(self.loss_weight(name), distance)
        return loss

    def get_config(self):
        own = ("width", "blocks", "upsampling", "patch_layers", "pool_size", "decay_steps")
        return super().get_config() | {name: getattr(self, name) for name in own}


def _distance(images, targets):
    """Return the mean absolute difference, a scalar."""
    return ops.mean(ops.abs(at_least_float32(images) - at_least_float32(targets)))
