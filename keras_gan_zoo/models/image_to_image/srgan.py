"""Super-resolution (Ledig et al. 2016, arXiv 1609.04802; Wang et al. 2018, arXiv 1809.00219)."""

from types import MappingProxyType

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.data.pictures import adapt
from keras_gan_zoo.metrics.restoration import restoration
from keras_gan_zoo.models.image_to_image import srgan_networks, tiles
from keras_gan_zoo.models.image_to_image.base import ImageToImage
from keras_gan_zoo.networks.feature_network import NETWORKS
from keras_gan_zoo.networks.perceptual import PerceptualDistance
from keras_gan_zoo.training import data_checks
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32

SCALES = (2, 4, 8)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SRGAN(ImageToImage):
    """Super-resolution with an adversarial and a perceptual loss (Ledig et al. 2016, arXiv 1609.04802),
    in the form of ESRGAN (Wang et al. 2018, arXiv 1809.00219).

    The generator has residual-in-residual dense blocks without normalization, the discriminator is that
    of SRGAN, and the loss compares logits with the mean logit of the other kind. The generator also
    minimizes a perceptual distance and the L1 distance to the target. In its first `pretrain` steps it
    minimizes the L1 distance alone, and the discriminator is not trained.

    `compile()` uses `"relativistic_average"`, a `"perceptual"` weight of 200 and a `"pixel"` weight of
    2, which are 1 and 0.01 beside the paper's 0.005 of the adversarial loss, and Adam with a learning
    rate of 1e-4. The papers train with batches of 16 random crops.

    The generator's last layer is linear; `translate` clips its outputs to [-1, 1].

    Differences from the papers: the perceptual distance compares normalized features of several layers
    of a network of this package (`perceptual`), not the last features of VGG19; a constant
    learning rate of 1e-4, also in the first steps.

    Args:
        image_shape: (height, width, channels) of the targets in training, multiples of `scale`, such as
            random crops of 128x128. Images to translate can have any size.
        scale: 2, 4 or 8, sides of the outputs divided by those of the inputs.
        width: positive integer, channels of both networks next to the image.
        blocks: positive integer, number of blocks of the generator.
        growth: positive integer, channels that each layer of a dense block adds. Defaults to `None`,
            which is half of `width`, as in the paper.
        pretrain: integer of 0 or more, number of training steps with the L1 distance alone.
        residual: boolean, whether the generator adds its output to the input, enlarged by bilinear
            interpolation, and so learns the difference only. The papers do not; small networks and
            short trainings gain from it.
        perceptual: network of the perceptual distance, `"rgb64"` or `"vgg19"`, see
            `networks.perceptual.PerceptualDistance`. Defaults to `"rgb64"`. `None`: no such loss.
        seed: see `NoiseToImage`.

    Batches: `(inputs, targets)`, floats in [-1, 1], such as those of `keras_gan_zoo.data.degraded`.

    Logs: `pixel_loss` and `perceptual_loss`, unweighted; `g_loss` is the adversarial term.

    Raises:
        ValueError: an invalid size or argument.

    Example:

    >>> import keras_gan_zoo as kgz
    >>> dataset = kgz.data.degraded("digits", scale=2, image_size=32)
    >>> model = kgz.SRGAN.for_size(32, channels=1, scale=2)
    >>> model.compile()
    >>> model.fit(dataset, epochs=5)
    >>> enlarged = model.translate(dataset.inputs[:16] / 127.5 - 1)
    """

    default_losses = "relativistic_average"
    default_terms = {"perceptual": 200.0, "pixel": 2.0}  # noqa: RUF012
    reference_width = 64
    cpu_arguments = MappingProxyType({"width": 16, "blocks": 2, "pretrain": 200, "residual": True})

    def __init__(
        self,
        image_shape: tuple[int, int, int] = (128, 128, 3),
        scale: int = 4,
        width: int = 64,
        blocks: int = 23,
        growth: int | None = None,
        pretrain: int = 10_000,
        residual: bool = False,
        perceptual: str | None = "rgb64",
        seed: int | None = None,
        **kwargs,
    ):
        super().__init__(seed=seed, **kwargs)
        self.image_shape = checks.image_shape(image_shape)
        self.scale = checks.one_of("scale", scale, SCALES)
        self.width = checks.positive_integer("width", width)
        self.blocks = checks.positive_integer("blocks", blocks)
        growth = max(1, self.width // 2) if growth is None else growth
        self.growth = checks.positive_integer("growth", growth)
        self.pretrain = checks.non_negative_integer("pretrain", pretrain)
        self.residual = bool(residual)
        self.perceptual = checks.one_of("perceptual", perceptual, (None, *NETWORKS))
        if any(side % self.scale for side in self.image_shape[:2]):
            sides = tuple(max(1, side // scale) * scale for side in self.image_shape[:2])
            raise ValueError(
                f"Argument `image_shape` must have sides that are multiples of scale={scale}. "
                f"Received: image_shape={self.image_shape}. Pass for example "
                f"{(*sides, self.image_shape[2])}."
            )
        self._distance = None
        self.make_networks()

    def default_optimizer(self):
        return keras.optimizers.Adam(1e-4, beta_1=0.9, beta_2=0.999)

    def make_generator(self):
        sizes = self.width, self.blocks, self.growth
        doublings = self.scale.bit_length() - 1
        return srgan_networks.generator(self.image_shape[2], *sizes, doublings, self.residual)

    def make_discriminator(self):
        return srgan_networks.discriminator(self.image_shape, self.width)

    def shapes(self):
        height, width, channels = self.image_shape
        return (height // self.scale, width // self.scale, channels), self.image_shape

    @property
    def size_multiple(self):
        return 1

    # Training ------------------------------------------------------------------------------------

    @property
    def extra_logs(self):
        return ("pixel_loss",) if self.perceptual is None else ("pixel_loss", "perceptual_loss")

    def resolve_losses(self, losses):
        terms = super().resolve_losses(losses)
        if self.perceptual is not None:
            self._distance = PerceptualDistance(self.perceptual)
        return terms

    def real_images(self, batch):
        return batch[1]

    def generate_batch(self, batch, training: bool = True, network=None):
        network = self.generator if network is None else network
        return network(batch[0], training=training)

    def discriminator_is_due(self):
        return None if self.pretrain == 0 else self.optimizer.iterations >= self.pretrain

    def generator_loss(self, batch, real, fake):
        return self._after_pretraining(super().generator_loss(batch, real, fake))

    def generator_terms(self, batch, images, fake, training: bool = True):
        outputs = at_least_float32(images)
        targets = ops.cast(batch[1], outputs.dtype)
        loss = ops.mean(ops.abs(outputs - targets))
        self.log("pixel_loss", loss)
        loss = ops.multiply(self.loss_weight("pixel"), loss)
        if self._distance is None:
            return loss
        distance = ops.mean(self._distance(outputs, targets))
        self.log("perceptual_loss", distance)
        distance = ops.cast(self._after_pretraining(distance), loss.dtype)
        return loss + ops.multiply(self.loss_weight("perceptual"), distance)

    def _after_pretraining(self, loss):
        if self.pretrain == 0:
            return loss
        return loss * ops.cast(self.optimizer.iterations >= self.pretrain, loss.dtype)

    def _columns(self, rows, seed):
        inputs, *others = super()._columns(rows, seed)
        return [_bicubic(inputs, self.scale), *others]

    # Images --------------------------------------------------------------------------------------

    def translate(
        self,
        images,
        direction: str = "a_to_b",
        seed: int | None = None,
        batch_size: int = 8,
        *,
        tile: int = 128,
        overlap: int = 32,
    ) -> np.ndarray:
        """Enlarge images by `scale`, in tiles, whose number does not change the memory of the network.

        Args:
            images: floats in [-1, 1], (n, height, width, channels), of any size.
            direction: `"a_to_b"`.
            seed: has no effect.
            batch_size: tiles per pass of the network.
            tile: positive integer, side of a tile in pixels of `images`.
            overlap: integer of 0 or more and less than `tile`, pixels that neighbouring tiles have in
                common, in which they are blended.

        Returns:
            float32 array (n, height * scale, width * scale, channels) in [-1, 1].

        Raises:
            ValueError: an invalid argument or invalid images. Raised before any computation.
        """
        network = self.network(direction)
        images = np.asarray(images)
        data_checks.check_images(images, network.input_shape[1:])
        checks.positive_integer("batch_size", batch_size)
        if checks.non_negative_integer("overlap", overlap) >= checks.positive_integer("tile", tile):
            raise ValueError(
                f"Argument `overlap` must be less than `tile`. Received: overlap={overlap}, "
                f"tile={tile}."
            )

        def enlarged(part):
            return np.clip(backend.predict(network, part, batch_size).astype("float32"), -1.0, 1.0)

        return tiles.enlarge(enlarged, images.astype("float32"), self.scale, tile, overlap, batch_size)

    def compare(self, inputs, targets) -> dict[str, dict[str, float]]:
        """Measure the model beside bicubic interpolation.

        Args:
            inputs: images to enlarge, (n, height, width, channels) in [-1, 1].
            targets: images of high resolution, with sides times `scale`.

        Returns:
            Dict of `"model"` and `"bicubic"`, each a dict of `"psnr"`, `"ssim"` and a perceptual
            distance, means over the images; see `keras_gan_zoo.metrics.restoration`.

        Raises:
            ValueError: invalid images.
        """
        enlarged = {"model": self.translate(inputs)}
        enlarged["bicubic"] = _bicubic(np.asarray(inputs, "float32"), self.scale)
        return {name: restoration(images, targets) for name, images in enlarged.items()}

    def get_config(self):
        own = ("scale", "width", "blocks", "growth", "pretrain", "residual", "perceptual")
        shape = {"image_shape": list(self.image_shape)}
        return super().get_config() | shape | {name: getattr(self, name) for name in own}


def _bicubic(images, scale):
    height, width = images.shape[1:3]
    return adapt(images, (height * scale, width * scale), None)
