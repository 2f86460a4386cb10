"""Mapping, synthesis and discriminator of StyleGAN2 (Karras et al. 2019, arXiv 1912.04958)."""

import math

import keras
from keras import layers, ops

from keras_gan_zoo.layers import (
    BlurDownsampling2D,
    BlurUpsampling2D,
    ConstantInput,
    EqualizedConv2D,
    EqualizedDense,
    MeanTracker,
    MinibatchStdDev,
    ModulatedConv2D,
    NoiseInjection,
    PixelNormalization,
    ScaledLeakyReLU,
)

MAPPING_RATE = 0.01  # learning rate multiplier of the mapping network


def mapping(width: int, depth: int, condition=None, tracked: bool = True, name: str = "mapping"):
    """Network from latents (n, width), labels, or `[latents, labels]` to styles (n, width).

    Args:
        width: dimension of latents and styles.
        depth: number of dense layers.
        condition: `Classes` or `Attributes` of a conditional model, else `None`.
        tracked: True for a generator: latents are an input, and the layer "mean" tracks the mean of
            the styles. False for a discriminator: labels are the only input.
        name: name of the network.
    """
    inputs, parts = [], []
    if tracked:
        inputs.append(keras.Input((width,), name="latents"))
        parts.append(PixelNormalization()(inputs[0]))
    if condition is not None:
        inputs.append(condition.input())
        one_hot = layers.CategoryEncoding(condition.count, "one_hot")(inputs[-1])
        parts.append(PixelNormalization()(EqualizedDense(width, name="embed")(one_hot)))
    x = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    for index in range(depth):
        x = EqualizedDense(width, lr_multiplier=MAPPING_RATE, name=f"dense{index}")(x)
        x = ScaledLeakyReLU()(x)
    if tracked:
        x = MeanTracker(name="mean")(x)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], x, name=name)


def style_count(widths: list[int]) -> int:
    """Number of style inputs of the synthesis: one per convolution and one for the last image."""
    return 2 * len(widths)


def synthesis(base: tuple[int, int], widths: list[int], channels: int, style: int, noise: bool):
    """Network from styles (n, count, style) to unbounded images (n, height, width, channels).

    Each level has two convolutions, the first level only one, and adds its image output to the
    upsampled image of the previous level. The image output of a level and the first convolution of the
    next level use the same style.

    Args:
        base: (height, width) of the first level.
        widths: channels of each level.
        channels: channels of the images.
        style: dimension of a style.
        noise: whether noise is added after each convolution.
    """
    styles = keras.Input((style_count(widths), style), name="styles")
    by_layer = ops.unstack(styles, style_count(widths), axis=1)
    x = ConstantInput((*base, widths[0]), name="constant")(by_layer[0])
    x = _styled_conv(x, by_layer[0], widths[0], noise, "level0_conv1")
    images = _to_images(x, by_layer[1], channels, "level0_images")
    for level, filters in enumerate(widths[1:], 1):
        first, second, third = by_layer[2 * level - 1 : 2 * level + 2]
        x = _styled_conv(x, first, filters, noise, f"level{level}_conv0", upsampling=True)
        x = _styled_conv(x, second, filters, noise, f"level{level}_conv1")
        images = BlurUpsampling2D()(images)
        images = layers.Add()([images, _to_images(x, third, channels, f"level{level}_images")])
    return keras.Model(styles, images, name="synthesis")


def _styled_conv(x, style, filters, noise, name, upsampling=False):
    scales = EqualizedDense(x.shape[-1], bias_value=1.0, name=f"{name}_style")(style)
    x = ModulatedConv2D(filters, 3, upsampling=upsampling, name=name)([x, scales])
    if noise:
        x = NoiseInjection(name=f"{name}_noise")(x)
    return ScaledLeakyReLU()(x)


def _to_images(x, style, channels, name):
    scales = EqualizedDense(x.shape[-1], bias_value=1.0, name=f"{name}_style")(style)
    return ModulatedConv2D(channels, 1, demodulate=False, name=name)([x, scales])


def discriminator(shape: tuple[int, int, int], widths: list[int], condition=None, depth: int = 8):
    """Residual network from images, or `[images, labels]`, to logits (n, 1).

    Args:
        shape: (height, width, channels) of the images.
        widths: channels of each level, from the base to the image.
        condition: see `mapping`. With labels, the logit is the inner product of the image's features
            and an embedding of the label by a second mapping network.
        depth: number of dense layers of that mapping network.
    """
    images = keras.Input(shape, name="images")
    x = EqualizedConv2D(widths[-1], 1, name="from_images")(images)
    x = ScaledLeakyReLU()(x)
    for level, filters in reversed(list(enumerate(widths[:-1], 1))):
        x = _residual(x, filters, f"level{level}")
    x = MinibatchStdDev(4)(x)
    x = ScaledLeakyReLU()(EqualizedConv2D(widths[0], 3, name="level0_conv")(x))
    x = ScaledLeakyReLU()(EqualizedDense(widths[0], name="level0_dense")(layers.Flatten()(x)))
    if condition is None:
        return keras.Model(images, EqualizedDense(1, name="logits")(x), name="discriminator")
    embedding = mapping(widths[0], depth, condition, tracked=False, name="label_mapping")
    x = EqualizedDense(widths[0], name="logits")(x)
    labels = condition.input()
    x = layers.Rescaling(1 / math.sqrt(widths[0]))(layers.Dot(-1)([x, embedding(labels)]))
    return keras.Model([images, labels], x, name="discriminator")


def _residual(x, filters, name):
    """Residual block that halves the size and preserves the mean square, with a 1x1 skip."""
    half = math.sqrt(0.5)
    skip = EqualizedConv2D(filters, 1, gain=half, use_bias=False, name=f"{name}_skip")(
        BlurDownsampling2D()(x)
    )
    x = ScaledLeakyReLU()(EqualizedConv2D(x.shape[-1], 3, name=f"{name}_conv0")(x))
    x = EqualizedConv2D(filters, 3, downsampling=True, name=f"{name}_conv1")(x)
    return layers.Add()([ScaledLeakyReLU(gain=1.0)(x), skip])
