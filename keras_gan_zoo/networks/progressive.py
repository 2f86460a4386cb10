"""Networks of progressive growing (Karras et al. 2017, arXiv 1710.10196), also used by MSG-GAN.

Level 0 is the base resolution, such as 4x4; each further level doubles the sides, up to the image.
"""

import math

import keras
from keras import layers

from keras_gan_zoo.layers import (
    Bias,
    EqualizedConv2D,
    EqualizedDense,
    MinibatchStdDev,
    PixelNormalization,
    ScaledLeakyReLU,
)
from keras_gan_zoo.networks.convolutional import chain


def generator(latent_dim: int, base: tuple[int, int], widths: list[int], channels: int):
    """Build a generator from latents (n, latent_dim) to a list of unbounded images, one per level.

    Args:
        latent_dim: dimension of the latents.
        base: (height, width) of level 0.
        widths: channels of each level.
        channels: channels of the images.
    """
    latents = keras.Input((latent_dim,), name="latents")
    units = math.prod(base) * widths[0]
    x = EqualizedDense(units, use_bias=False, name="level0_dense")(PixelNormalization()(latents))
    x = Bias(name="level0_bias")(layers.Reshape((*base, widths[0]))(x))
    x = PixelNormalization()(ScaledLeakyReLU()(x))
    x = _normalized(x, widths[0], "level0_conv1")
    images = [_image(x, channels, 0)]
    for level, filters in enumerate(widths[1:], 1):
        x = _normalized(layers.UpSampling2D(2)(x), filters, f"level{level}_conv0")
        x = _normalized(x, filters, f"level{level}_conv1")
        images.append(_image(x, channels, level))
    return keras.Model(latents, images, name="generator")


def _normalized(x, filters, name):
    return PixelNormalization()(ScaledLeakyReLU()(EqualizedConv2D(filters, 3, name=name)(x)))


def _image(x, channels, level):
    return EqualizedConv2D(channels, 1, name=f"level{level}_image")(x)


def from_image(filters: int, level: int) -> list:
    """Layers from the images of a level to activations of `filters` channels."""
    return [EqualizedConv2D(filters, 1, name=f"level{level}_from_image"), ScaledLeakyReLU()]


def downsampling_block(width: int, filters: int, level: int) -> list:
    """Layers from a level of `width` channels to the next lower level, of `filters` channels."""
    return [
        EqualizedConv2D(width, 3, name=f"level{level}_conv0"),
        ScaledLeakyReLU(),
        EqualizedConv2D(filters, 3, name=f"level{level}_conv1"),
        ScaledLeakyReLU(),
        layers.AveragePooling2D(2),
    ]


def to_logit(width: int) -> list:
    """Layers from level 0 to logits (n, 1), with minibatch standard deviation."""
    return [
        MinibatchStdDev(4),
        EqualizedConv2D(width, 3, name="level0_conv"),
        ScaledLeakyReLU(),
        layers.Flatten(),
        EqualizedDense(width, name="level0_dense"),
        ScaledLeakyReLU(),
        EqualizedDense(1, name="logits"),
    ]


def growing_discriminator(shapes: list[tuple[int, int, int]], widths: list[int]):
    """Build all stages of a growing discriminator, with shared layers.

    Args:
        shapes: (height, width, channels) of the images of each level.
        widths: channels of each level.

    Returns:
        A network. Its inputs are the images of each level, then the fade-in share of the newest level,
        (n, 1, 1, 1). Its outputs are the logits (n, 1) for the images of each level, then for each
        level from 1 on the logits during its fade-in.
    """
    tops = [from_image(width, level) for level, width in enumerate(widths)]
    blocks = [
        downsampling_block(widths[level], widths[level - 1], level) for level in range(1, len(widths))
    ]
    last = to_logit(widths[0])

    def score(x, level):
        for block in reversed(blocks[:level]):
            x = chain(x, block)
        return chain(x, last)

    images = [keras.Input(shape, name=f"level{level}") for level, shape in enumerate(shapes)]
    share = keras.Input((1, 1, 1), name="share")
    whole = [score(chain(image, tops[level]), level) for level, image in enumerate(images)]
    fading = []
    for level, image in enumerate(images[1:], 1):
        new = chain(chain(image, tops[level]), blocks[level - 1])
        old = chain(layers.AveragePooling2D(2)(image), tops[level - 1])
        fading.append(score((1.0 - share) * old + share * new, level - 1))
    return keras.Model([*images, share], [*whole, *fading], name="discriminator")
