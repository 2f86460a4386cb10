"""DCGAN's stacks, which other models put labels and heads on (Radford et al. 2015)."""

import math

from keras import layers

from keras_gan_zoo.layers import Conv2D, Conv2DTranspose
from keras_gan_zoo.networks import scales
from keras_gan_zoo.networks.norms import batch_norm, normal

UPSAMPLING = ("transposed", "resize")


def to_images(image_shape: tuple[int, int, int], width: int, upsampling: str = "transposed") -> list:
    """Layers from vectors (n, any) to images (n, *image_shape) in [-1, 1].

    Args:
        image_shape, width, upsampling: see `DCGAN`.
    """
    base, num_upsamples = scales.plan(image_shape)
    *outer, widest = _widths(width, num_upsamples)
    found = [
        layers.Dense(math.prod(base) * widest, use_bias=False, **normal()),
        layers.Reshape((*base, widest)),
    ]
    for filters in reversed(outer):
        found += [batch_norm(), layers.ReLU(), *_doubling(filters, upsampling, use_bias=False)]
    return [
        *found,
        batch_norm(),
        layers.ReLU(),
        *_doubling(image_shape[2], upsampling, activation="tanh"),
    ]


def from_images(image_shape: tuple[int, int, int], width: int) -> list:
    """Layers from images of such sides and any channels to small ones of many channels.

    Args:
        image_shape, width: see `DCGAN`.
    """
    _, num_upsamples = scales.plan(image_shape)
    found = []
    for level, filters in enumerate(_widths(width, num_upsamples)):
        found.append(Conv2D(filters, 4, 2, use_bias=False, **normal()))
        found += [layers.LeakyReLU(0.2)] if level == 0 else [batch_norm(), layers.LeakyReLU(0.2)]
    return found


def to_logit() -> list:
    """Layers from the end of `from_images` to logits (n, 1)."""
    return [layers.Flatten(), layers.Dense(1, use_bias=False, **normal())]


def chain(x, found: list):
    """What the layers make of `x`, one after the other."""
    for layer in found:
        x = layer(x)
    return x


def _widths(width, num_upsamples):
    """Channels from the image inwards, such as 64, 128, 256, 512."""
    return [width * 2**level for level in range(num_upsamples)]


def _doubling(filters, upsampling, **kwargs):
    if upsampling == "resize":
        return [layers.UpSampling2D(2), Conv2D(filters, 3, **normal(), **kwargs)]
    return [Conv2DTranspose(filters, 4, 2, **normal(), **kwargs)]
