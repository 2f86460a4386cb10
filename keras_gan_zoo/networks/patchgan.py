"""PatchGAN: a discriminator of overlapping patches (Isola et al. 2016, arXiv 1611.07004)."""

import keras
from keras import layers

from keras_gan_zoo.layers import Conv2D
from keras_gan_zoo.networks.norms import add_norm, normal
from keras_gan_zoo.utils import checks

_MOST = 8  # times `width`


def receptive_field(strided: int) -> int:
    """Side, in pixels, of the patch that one logit sees: 70 for three strided convolutions."""
    field = 1
    for stride in (1, 1, *(2,) * strided):
        field = (field - 1) * stride + 4
    return field


def strided_layers(asked: int | None, image_shape: tuple[int, int, int]) -> int:
    """How many strided convolutions: as many as are asked for, or 3, the paper's, where they fit.

    Raises:
        ValueError: so many do not fit: no whole patch would be left of the image.
    """
    most = max(0, (min(image_shape[:2]) // 3).bit_length() - 1)
    if most == 0:
        raise ValueError(
            f"Argument `image_shape` must have sides of 6 pixels or more. Received: {image_shape}."
        )
    if asked is None:
        return min(3, most)
    if checks.positive_integer("patch_layers", asked) > most:
        raise ValueError(
            f"Argument `patch_layers` can be at most {most} for images of {image_shape[:2]}, of which "
            f"nothing is left to judge otherwise. Received: patch_layers={asked}."
        )
    return asked


def patchgan(channels: int, width: int, strided: int, norm: str, name: str) -> keras.Model:
    """A network from images (n, height, width, channels) to logits (n, rows, columns, 1) of patches.

    Convolutions of 4x4 pixels: `strided` ones with stride 2, the first without normalization, two with
    stride 1. The channels double from `width` to 8 * `width`.

    Args:
        channels: of the images, of any size.
        width: channels of the first convolution.
        strided: how many convolutions halve the image, see `receptive_field`.
        norm: `"batch"` or `"instance"`.
        name: of the network.
    """
    images = x = keras.Input((None, None, channels))
    for level in range(strided + 1):
        filters = width * min(2**level, _MOST)
        x = _convolution(x, filters, 1 if level == strided else 2, use_bias=level == 0)
        x = layers.LeakyReLU(0.2)(x if level == 0 else add_norm(x, norm))
    return keras.Model(images, _convolution(x, 1, 1), name=name)


def _convolution(x, filters, stride, **kwargs):
    """4x4 with one pixel of padding on all sides: with stride 1 the image loses a pixel."""
    x = Conv2D(filters, 4, stride, **normal(), **kwargs)(x)
    return x if stride == 2 else layers.Cropping2D(((0, 1), (0, 1)))(x)
