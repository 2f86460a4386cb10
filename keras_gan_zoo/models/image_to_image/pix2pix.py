"""Paired image-to-image translation (Isola et al. 2016, arXiv 1611.07004)."""

from types import MappingProxyType

import keras
from keras import ops

from keras_gan_zoo.layers import NoiseDropout
from keras_gan_zoo.models.image_to_image import pix2pix_unet
from keras_gan_zoo.models.image_to_image.base import ImageToImage
from keras_gan_zoo.networks import patchgan
from keras_gan_zoo.networks.norms import NORMS
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Pix2Pix(ImageToImage):
    """Paired image-to-image translation with a U-Net (Isola et al. 2016, arXiv 1611.07004).

    The generator is a U-Net. The discriminator classifies patches of the concatenated input and output
    images. The generator also minimizes the L1 distance to the target. `compile()` uses the
    cross-entropy loss, an `"l1"` weight of 100, and Adam with a learning rate of 2e-4 and beta_1 0.5.
    The paper trains with batches of one image.

    Differences from the paper: by default instance normalization without scale and offset, which equals
    batch normalization for batches of one image and makes outputs independent of the other images of a
    batch; the discriminator's loss is not halved, which makes no difference with Adam, because it is
    the discriminator's only term.

    Args:
        image_shape: (height, width, channels) of the targets. The sides must be divisible by 2 until
            the shorter one has 1 to 4 pixels: 32, 64, 96, 128, 256, 512 ...
        input_channels: positive integer, channels of the inputs, such as 1 for grey images. Defaults to
            `None`, which is the number of channels of the targets.
        width: positive integer, channels of the first layer of both networks.
        patch_layers: positive integer, number of strided convolutions of the discriminator: 1, 2 or 3
            for patches of 16, 34 or 70 pixels, see `receptive_field`. Defaults to `None`, which is 3,
            or fewer for small images.
        norm: `"instance"` or `"batch"`.
        test_dropout: boolean, whether dropout, the generator's only source of noise, is active in
            `translate`, as in the paper. The attribute can be set at any time.
        seed: see `NoiseToImage`.

    Attributes:
        receptive_field: side length in pixels of the patch that one logit depends on.

    Batches: `(inputs, targets)`, floats in [-1, 1], (batch, height, width, channels) each.

    Logs: `l1_loss`, unweighted; `g_loss` is the adversarial term.

    Raises:
        ValueError: an invalid size or argument.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> colours = kgz.data.load("digits", image_size=32, channels=3).images / 127.5 - 1
    >>> grey = colours.mean(-1, keepdims=True)
    >>> model = kgz.Pix2Pix((32, 32, 3), input_channels=1, width=16)
    >>> model.compile()
    >>> model.fit(grey, colours, batch_size=1)
    >>> coloured = model.translate(grey[:16])
    """

    default_batch_size = 1
    cpu_arguments = MappingProxyType({"width": 16})
    default_terms = {"l1": 100.0}  # noqa: RUF012
    extra_logs = ("l1_loss",)

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (256, 256, 3),
        input_channels: int | None = None,
        width: int = 64,
        patch_layers: int | None = None,
        norm: str = "instance",
        test_dropout: bool = True,
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(seed=seed, **kwargs)
        self.image_shape = checks.image_shape(image_shape)
        channels = self.image_shape[2] if input_channels is None else input_channels
        self.input_channels = checks.positive_integer("input_channels", channels)
        self.width = checks.positive_integer("width", width)
        self.patch_layers = patchgan.strided_layers(patch_layers, self.image_shape)
        self.receptive_field = patchgan.receptive_field(self.patch_layers)
        self.norm = checks.one_of("norm", norm, NORMS)
        self.halvings = pix2pix_unet.depth(self.image_shape)
        self.make_networks()
        self.test_dropout = test_dropout

    def make_generator(self):
        channels = self.input_channels, self.image_shape[2]
        return pix2pix_unet.unet(*channels, self.width, self.halvings, self.norm, "generator")

    def make_discriminator(self):
        channels = self.input_channels + self.image_shape[2]
        return patchgan.patchgan(channels, self.width, self.patch_layers, self.norm, "discriminator")

    @property
    def test_dropout(self) -> bool:
        """Whether dropout is active in `translate`; can be set."""
        return self._test_dropout

    @test_dropout.setter
    def test_dropout(self, value):
        self._test_dropout = bool(value)
        for network in filter(None, (self.generator, self.ema_generator)):
            for layer in network.layers:
                if isinstance(layer, NoiseDropout):
                    layer.always = self._test_dropout
            # Compiled for the other value; the second one is that of `backend.predict` on JAX.
            network.predict_function = network.stateless_predict = None

    def shapes(self):
        return (*self.image_shape[:2], self.input_channels), self.image_shape

    @property
    def size_multiple(self):
        return 2**self.halvings

    # The discriminator's input: inputs and targets, or inputs and outputs, along the channels.

    def real_images(self, batch):
        return ops.concatenate(batch, axis=-1)

    def generate_batch(self, batch, training: bool = True, network=None):
        network = self.generator if network is None else network
        fake = network(batch[0], training=training)
        return ops.concatenate([ops.cast(batch[0], fake.dtype), fake], axis=-1)

    def generator_terms(self, batch, images, fake, training: bool = True):
        outputs = at_least_float32(images[..., self.input_channels :])
        distance = ops.mean(ops.abs(outputs - at_least_float32(batch[1])))
        self.log("l1_loss", distance)
        return ops.multiply(self.loss_weight("l1"), distance)

    def get_config(self):
        own = ("input_channels", "width", "patch_layers", "norm", "test_dropout")
        shape = {"image_shape": list(self.image_shape)}
        return super().get_config() | shape | {name: getattr(self, name) for name in own}
