"""PatchGAN, a discriminator of overlapping patches (Isola et al. 2016, arXiv 1611.07004)."""

import keras
from keras import layers

from keras_gan_zoo.layers import Conv2D
from keras_gan_zoo.networks.norms import add_norm, normal
from keras_gan_zoo.utils import checks

_MAX_WIDTH_FACTOR = 8


def receptive_field(strided: int) -> int:
    """Side of the receptive field of one logit in pixels, such as 70 for three strided convolutions."""
    field = 1
    for stride in (1, 1, *(2,) * strided):
        field = (field - 1) * stride + 4
    return field


def strided_layers(patch_layers: int | None, image_shape: tuple[int, int, int]) -> int:
    """Number of strided convolutions.

    Args:
        patch_layers: requested number. None: 3 as in the paper, or as many as the image allows.
        image_shape: (height, width, channels).

    Raises:
        ValueError: the image is too small for that many.
    """
    most = max(0, (min(image_shape[:2]) // 3).bit_length() - 1)
    if most == 0:
        raise ValueError(
            f"Argument `image_shape` must have sides of 6 pixels or more. Received: {image_shape}."
        )
    if patch_layers is None:
        return min(3, most)
    if checks.positive_integer("patch_layers", patch_layers) > most:
        raise ValueError(
            f"Argument `patch_layers` can be at most {most} for images of {image_shape[:2]}. "
            f"Received: patch_layers={patch_layers}. Use fewer, or larger images."
        )
    return patch_layers


def patchgan(channels: int, width: int, strided: int, norm: str, name: str) -> keras.Model:
    """Build a network from images (n, height, width, channels) to logits (n, rows, columns, 1).

    4x4 convolutions: `strided` ones with stride 2, the first without normalization, then two with
    stride 1. The channels double from `width` to 8 * `width`.

    Args:
        channels: of the images, whose sides are free.
        width: channels of the first convolution.
        strided: number of convolutions with stride 2, which sets the `receptive_field`.
        norm: `"batch"` or `"instance"`.
        name: name of the network.
    """
    images = x = keras.Input((None, None, channels))
    for level in range(strided + 1):
        filters = width * min(2**level, _MAX_WIDTH_FACTOR)
        x = _convolution(x, filters, 1 if level == strided else 2, use_bias=level == 0)
        x = layers.LeakyReLU(0.2)(x if level == 0 else add_norm(x, norm))
    return keras.Model(images, _convolution(x, 1, 1), name=name)


def _convolution(x, filters, stride, **kwargs):
    """Add a 4x4 convolution with one pixel of padding; stride 1 reduces each side by one pixel."""
    x = Conv2D(filters, 4, stride, **normal(), **kwargs)(x)
    return x if stride == 2 else layers.Cropping2D(((0, 1), (0, 1)))(x)
