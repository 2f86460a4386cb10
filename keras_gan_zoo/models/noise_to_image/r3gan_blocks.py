"""Residual block and resampling of R3GAN (Huang et al. 2024, arXiv 2501.05441)."""

import math

from keras import initializers, layers

from keras_gan_zoo.layers import (
    BilinearDownsampling2D,
    BilinearUpsampling2D,
    BlurDownsampling2D,
    BlurUpsampling2D,
    Conv2D,
)

RESAMPLING = {  # upsampling and downsampling by 2
    "blur": (BlurUpsampling2D, BlurDownsampling2D),
    "bilinear": (BilinearUpsampling2D, BilinearDownsampling2D),
}
GAIN = math.sqrt(2.0 / (1.0 + 0.2**2))  # preserves the mean square through LeakyReLU(0.2)


def scaled(gain: float = 1.0) -> initializers.Initializer:
    """Initializer of normal weights with the standard deviation gain / sqrt(fan in)."""
    return initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")


def group_count(channels: int, group_width: int) -> int:
    """Number of groups, of the largest width up to `group_width` that divides `channels`."""
    width = next(width for width in range(group_width, 0, -1) if channels % width == 0)
    return channels // width


def bottleneck(x, blocks: int, expansion: int, group_width: int, name: str):
    """Residual inverted bottleneck without normalization, which is the identity at initialization.

    A 1x1 convolution to `expansion` times the channels, a grouped 3x3 convolution, and a 1x1
    convolution back. The first two have biases and LeakyReLU(0.2). The last is initialized with zeros,
    the others such that the change of the output per training step is bounded for any number of blocks
    (Fixup, Zhang et al. 2019, arXiv 1901.09321).

    Args:
        x: symbolic features (n, height, width, channels).
        blocks: number of blocks of the whole network.
        expansion: factor of the channels inside the block.
        group_width: maximum number of channels per group of the 3x3 convolution.
        name: prefix of the layer names.

    Returns:
        Symbolic features of the shape of `x`.
    """
    channels = x.shape[-1]
    inner_channels = channels * expansion
    shared = {
        "activation": "leaky_relu",  # slope 0.2 in Keras
        "kernel_initializer": scaled(GAIN * blocks ** (-1 / 4)),
    }
    y = Conv2D(inner_channels, 1, name=f"{name}_in", **shared)(x)
    y = Conv2D(
        inner_channels,
        3,
        groups=group_count(inner_channels, group_width),
        name=f"{name}_groups",
        **shared,
    )(y)
    y = Conv2D(channels, 1, use_bias=False, kernel_initializer="zeros", name=f"{name}_out")(y)
    return layers.Add(name=name)([x, y])
