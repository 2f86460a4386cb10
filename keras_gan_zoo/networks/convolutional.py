"""Layer stacks of DCGAN (Radford et al. 2015, arXiv 1511.06434), shared by conditional models."""

import math

from keras import layers

from keras_gan_zoo.layers import Conv2D, Conv2DTranspose
from keras_gan_zoo.networks import scales
from keras_gan_zoo.networks.norms import batch_norm, normal

UPSAMPLING = ("transposed", "resize")


def to_images(image_shape: tuple[int, int, int], width: int, upsampling: str = "transposed") -> list:
    """Generator layers, from vectors (n, d) to images (n, *image_shape) in [-1, 1].

    Args:
        image_shape, width, upsampling: as in `DCGAN`.
    """
    base, num_upsamples = scales.plan(image_shape)
    *outer, widest = _widths(width, num_upsamples)
    stack = [
        layers.Dense(math.prod(base) * widest, use_bias=False, **normal()),
        layers.Reshape((*base, widest)),
    ]
    for filters in reversed(outer):
        stack += [batch_norm(), layers.ReLU(), *_upsampling(filters, upsampling, use_bias=False)]
    return [
        *stack,
        batch_norm(),
        layers.ReLU(),
        *_upsampling(image_shape[2], upsampling, activation="tanh"),
    ]


def from_images(image_shape: tuple[int, int, int], width: int, first_bias: bool = False) -> list:
    """Discriminator layers, from images (n, height, width, any) to activations of the base size.

    Args:
        image_shape, width: as in `DCGAN`. The channels of the images are not used.
        first_bias: `d_bias` of `DCGAN`.
    """
    _, num_upsamples = scales.plan(image_shape)
    first, *others = _widths(width, num_upsamples)
    stack = [Conv2D(first, 4, 2, use_bias=first_bias, **normal()), layers.LeakyReLU(0.2)]
    for filters in others:
        stack += [
            Conv2D(filters, 4, 2, use_bias=False, **normal()),
            batch_norm(),
            layers.LeakyReLU(0.2),
        ]
    return stack


def to_logit() -> list:
    """Layers from the outputs of `from_images` to logits (n, 1)."""
    return [layers.Flatten(), layers.Dense(1, use_bias=False, **normal())]


def chain(x, stack: list):
    """Apply a list of layers to `x`, one after the other."""
    for layer in stack:
        x = layer(x)
    return x


def _widths(width, num_upsamples):
    """Channels of each level, from the image to the base, such as 64, 128, 256, 512."""
    return [width * 2**level for level in range(num_upsamples)]


def _upsampling(filters, upsampling, **kwargs):
    if upsampling == "resize":
        return [layers.UpSampling2D(2), Conv2D(filters, 3, **normal(), **kwargs)]
    return [Conv2DTranspose(filters, 4, 2, **normal(), **kwargs)]
