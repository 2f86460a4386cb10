"""Networks that papers measure on: images are rounded to 8 bits and resized as the papers do."""

import abc

import numpy as np

from keras_gan_zoo.data.pictures import adapt, scaled
from keras_gan_zoo.metrics.extractors.base import Extractor
from keras_gan_zoo.utils.pixels import to_uint8


class Published(Extractor, abc.ABC):
    """Base class of extractors whose features papers compare.

    Images are rounded to 8 bits, as in the image files that the published programs read. Grey images
    become RGB.
    """

    batch_size = 25

    def check(self, image_shape):
        if len(image_shape) != 3 or image_shape[2] not in (1, 3):
            raise ValueError(
                f"Images must have 1 or 3 channels for {self.name!r}. Received: {tuple(image_shape)}."
            )

    def prepare(self, images):
        if images.dtype != np.uint8 and not np.isfinite(images).all():
            raise ValueError(
                "Argument `images` must be finite. Received: NaN or infinity. The generator's weights "
                "may have become NaN, see `keras_gan_zoo.callbacks.CollapseMonitor`."
            )
        return self.resized(to_uint8(images))

    @abc.abstractmethod
    def resized(self, images: np.ndarray):
        """Convert uint8 images (n, h, w, 1 or 3) to the network's input."""

    def tensor(self, images):
        raise ValueError(
            f"The extractor {self.name!r} has no gradients, because it rounds images to 8 bits. Use "
            "'grey28', 'rgb64', or any Keras model."
        )


def bilinear(images: np.ndarray, side: int) -> np.ndarray:
    """Resize as `torch.nn.functional.interpolate(mode="bilinear", align_corners=False)` does.

    Without antialiasing, which matters for images larger than `side`.

    Args:
        images: Shape (n, h, w, 1 or 3), uint8.

    Returns:
        Array (n, side, side, 3), floats in [-1, 1].
    """
    images = scaled(images)
    for axis in (1, 2):
        length = images.shape[axis]
        positions = np.maximum((np.arange(side) + 0.5) * (length / side) - 0.5, 0.0)
        before = positions.astype("int64")
        after = np.minimum(before + 1, length - 1)
        weights = np.expand_dims((positions - before).astype("float32"), (1, 2) if axis == 1 else 1)
        lower, upper = images.take(before, axis), images.take(after, axis)
        images = lower + (upper - lower) * weights
    return np.repeat(images, 3, -1) if images.shape[-1] == 1 else images


def clean(images: np.ndarray, side: int) -> np.ndarray:
    """Resize each channel in float32 with Pillow's antialiased bicubic filter, without rounding.

    Parmar et al. 2022, arXiv 2104.11222. Arguments and result as for `bilinear`.
    """
    return adapt(scaled(images), (side, side), 3)


def bicubic(images: np.ndarray, side: int) -> np.ndarray:
    """Resize with Pillow's antialiased bicubic filter in 8 bits.

    Args:
        images: Shape (n, h, w, 1 or 3), uint8.

    Returns:
        Array (n, side, side, 3), floats in [0, 1].
    """
    return adapt(images, (side, side), 3).astype("float32") / 255.0
