"""The residual block of R3GAN, without normalization (Huang et al. 2024, arXiv 2501.05441)."""

import math

from keras import initializers, layers

from keras_gan_zoo.layers import Conv2D

GAIN = math.sqrt(2.0 / (1.0 + 0.2**2))  # keeps the mean square of what LeakyReLU(0.2) gets


def scaled(gain: float = 1.0) -> initializers.Initializer:
    """Normal weights with the standard deviation gain / sqrt(inputs of an output)."""
    return initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")


def group_count(channels: int, group_width: int) -> int:
    """How many groups `channels` make, of the largest width up to `group_width` that divides them."""
    width = next(width for width in range(group_width, 0, -1) if channels % width == 0)
    return channels // width


def bottleneck(x, blocks: int, expansion: int, group_width: int, name: str):
    """Inputs plus what an inverted bottleneck makes of them; at initialization, just the inputs.

    Convolutions 1x1 to `expansion` times the channels, 3x3 in groups, 1x1 back. The first two have
    biases and LeakyReLU(0.2); the last starts at zero, the others so that the sum over all blocks
    changes by a bounded amount in a step (Fixup, Zhang et al. 2019, arXiv 1901.09321).

    Args:
        x: images (n, height, width, channels) of a functional model.
        blocks: how many blocks the whole network has.
        expansion: how many times wider the inside is.
        group_width: channels in a group of the 3x3 convolution, at most.
        name: of the layers.
    """
    channels = x.shape[-1]
    wide = channels * expansion
    shared = {
        "activation": "leaky_relu",  # Keras' has the slope 0.2
        "kernel_initializer": scaled(GAIN * blocks ** (-1 / 4)),
    }
    y = Conv2D(wide, 1, name=f"{name}_in", **shared)(x)
    y = Conv2D(wide, 3, groups=group_count(wide, group_width), name=f"{name}_groups", **shared)(y)
    y = Conv2D(channels, 1, use_bias=False, kernel_initializer="zeros", name=f"{name}_out")(y)
    return layers.Add(name=name)([x, y])
