"""Generator of ESRGAN (Wang et al. 2018, arXiv 1809.00219), discriminator of SRGAN (Ledig et al. 2016,
arXiv 1609.04802)."""

import keras
from keras import initializers, layers

from keras_gan_zoo.layers import BatchNormalization, Conv2D

_RESIDUAL_SCALE = 0.2
_STAGES = (1, 2, 4, 8)  # of the discriminator: channels in multiples of its width


def generator(
    channels: int, width: int, blocks: int, growth: int, doublings: int, residual: bool = False
) -> keras.Model:
    """Network from images (n, h, w, channels) to unbounded images of `2**doublings` times their sides.

    Args:
        channels: of the images.
        width: channels of the feature maps.
        blocks: number of residual-in-residual dense blocks (RRDB).
        growth: channels that each convolution of a dense block adds.
        doublings: number of nearest-neighbour upsamplings by 2, each with a convolution.
        residual: whether the output is added to the images, enlarged by bilinear interpolation.
    """
    images = keras.Input((None, None, channels))
    first = x = _conv(images, width)
    for _ in range(blocks):
        x = _rrdb(x, width, growth)
    x = layers.Add()([first, _conv(x, width)])
    for _ in range(doublings):
        x = layers.LeakyReLU(0.2)(_conv(layers.UpSampling2D(2)(x), width))
    x = layers.LeakyReLU(0.2)(_conv(x, width))
    x = _conv(x, channels, gain=0.01 if residual else 1.0)
    if residual:
        enlarged = layers.UpSampling2D(2**doublings, interpolation="bilinear")(images)
        x = layers.Add()([enlarged, x])
    return keras.Model(images, x, name="generator")


def _conv(x, filters, strides=1, gain=1.0):
    """A 3x3 convolution with the initialization of He et al. 2015, scaled by `gain`."""
    scaled = initializers.VarianceScaling(2.0 * gain**2, "fan_in", "untruncated_normal")
    return Conv2D(filters, 3, strides, kernel_initializer=scaled)(x)


def _rrdb(x, width, growth):
    y = x
    for _ in range(3):
        y = _added(y, _dense(y, width, growth))
    return _added(x, y)


def _dense(x, width, growth):
    """Five convolutions, each of which gets the outputs of all before it."""
    maps = [x]
    for _ in range(4):
        joined = maps[0] if len(maps) == 1 else layers.Concatenate()(maps)
        maps.append(layers.LeakyReLU(0.2)(_conv(joined, growth, gain=0.1)))
    return _conv(layers.Concatenate()(maps), width, gain=0.1)


def _added(x, residual):
    return layers.Add()([x, layers.Rescaling(_RESIDUAL_SCALE)(residual)])


def discriminator(image_shape: tuple[int, int, int], width: int) -> keras.Model:
    """Network from images (n, *image_shape) to logits (n, 1)."""
    images = x = keras.Input(image_shape)
    for factor in _STAGES:
        for strides in (1, 2):
            x = _conv(x, factor * width, strides)
            x = layers.LeakyReLU(0.2)(x if (factor, strides) == (1, 1) else _norm()(x))
    x = layers.LeakyReLU(0.2)(layers.Dense(16 * width)(layers.Flatten()(x)))
    return keras.Model(images, layers.Dense(1)(x), name="discriminator")


def _norm():
    return BatchNormalization(momentum=0.9, epsilon=1e-5)
