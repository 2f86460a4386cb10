"""StyleGAN2's networks: mapping, synthesis, residual discriminator (Karras et al. 2019, 1912.04958)."""

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

MAPPING_RATE = 0.01  # how much slower the mapping learns than the rest


def mapping(width: int, depth: int, condition=None, tracked: bool = True, name: str = "mapping"):
    """A network from latents (n, width), labels, or `[latents, labels]` to styles (n, width).

    Args:
        width: of latents and styles.
        depth: dense layers.
        condition: what labels are, see `labels.py` beside the base; None: there are none.
        tracked: True: takes latents, and keeps the mean of the styles in the layer "mean". False:
            takes labels alone, as the discriminator's does.
        name: of the network.
    """
    inputs, parts = [], []
    if tracked:
        inputs.append(keras.Input((width,), name="latents"))
        parts.append(PixelNormalization()(inputs[0]))
    if condition is not None:
        inputs.append(condition.input())
        embedded = EqualizedDense(width, name="embed")(ops.one_hot(inputs[-1], condition.count))
        parts.append(PixelNormalization()(embedded))
    x = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    for index in range(depth):
        x = EqualizedDense(width, lr_multiplier=MAPPING_RATE, name=f"dense{index}")(x)
        x = ScaledLeakyReLU()(x)
    if tracked:
        x = MeanTracker(name="mean")(x)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], x, name=name)


def style_count(widths: list[int]) -> int:
    """How many styles the synthesis takes: one for each convolution, and one for the last image."""
    return 2 * len(widths)


def synthesis(base: tuple[int, int], widths: list[int], channels: int, style: int, noise: bool):
    """A network from styles (n, count, style) to images (n, height, width, channels), unbounded.

    Each level has two convolutions, the first one only one, and adds an image of its size to the
    enlarged one of the level before. The style of that image is also that of the next convolution.

    Args:
        base: (height, width) of the first level.
        widths: channels of each level.
        channels: of the images.
        style: width of a style.
        noise: whether each convolution gets noise.
    """
    styles = keras.Input((style_count(widths), style), name="styles")
    each = ops.unstack(styles, style_count(widths), axis=1)
    x = ConstantInput((*base, widths[0]), name="constant")(each[0])
    x = _styled(x, each[0], widths[0], noise, "level0_conv1")
    images = _to_images(x, each[1], channels, "level0_images")
    for level, filters in enumerate(widths[1:], 1):
        first, second, third = each[2 * level - 1 : 2 * level + 2]
        x = _styled(x, first, filters, noise, f"level{level}_conv0", upsampling=True)
        x = _styled(x, second, filters, noise, f"level{level}_conv1")
        images = BlurUpsampling2D()(images)
        images = layers.Add()([images, _to_images(x, third, channels, f"level{level}_images")])
    return keras.Model(styles, images, name="synthesis")


def _styled(x, style, filters, noise, name, upsampling=False):
    scales = EqualizedDense(x.shape[-1], bias_value=1.0, name=f"{name}_style")(style)
    x = ModulatedConv2D(filters, 3, upsampling=upsampling, name=name)([x, scales])
    if noise:
        x = NoiseInjection(name=f"{name}_noise")(x)
    return ScaledLeakyReLU()(x)


def _to_images(x, style, channels, name):
    scales = EqualizedDense(x.shape[-1], bias_value=1.0, name=f"{name}_style")(style)
    return ModulatedConv2D(channels, 1, demodulate=False, name=name)([x, scales])


def discriminator(shape: tuple[int, int, int], widths: list[int], condition=None, depth: int = 8):
    """A residual network from images, or `[images, labels]`, to logits (n, 1).

    Args:
        shape: (height, width, channels) of the images.
        widths: channels of each level, from the base to the image.
        condition: see `mapping`. The logit of a label is a product with features that its own mapping
            gives it.
        depth: dense layers of that mapping.
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
    told = mapping(widths[0], depth, condition, tracked=False, name="label_mapping")
    x = EqualizedDense(widths[0], name="logits")(x)
    labels = condition.input()
    x = layers.Rescaling(1 / math.sqrt(widths[0]))(layers.Dot(-1)([x, told(labels)]))
    return keras.Model([images, labels], x, name="discriminator")


def _residual(x, filters, name):
    """Half the size, `filters` channels, beside a 1x1 convolution; of the same mean square."""
    half = math.sqrt(0.5)
    skip = EqualizedConv2D(filters, 1, gain=half, use_bias=False, name=f"{name}_skip")(
        BlurDownsampling2D()(x)
    )
    x = ScaledLeakyReLU()(EqualizedConv2D(x.shape[-1], 3, name=f"{name}_conv0")(x))
    x = EqualizedConv2D(filters, 3, downsampling=True, name=f"{name}_conv1")(x)
    return layers.Add()([ScaledLeakyReLU(gain=1.0)(x), skip])
