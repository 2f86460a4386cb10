"""Networks of FastGAN (Liu et al. 2021, arXiv 2101.04775)."""

import math

import keras
from keras import layers, ops

from keras_gan_zoo.layers import NoiseInjection, SpectralConv2D, SpectralDense
from keras_gan_zoo.networks import scales
from keras_gan_zoo.networks.norms import batch_norm, normal

_FACTORS = (16, 8, 4, 2, 2, 1)  # of the generator's width, from the base on; then halving
_EXCITED = 4  # number of doublings between the two feature maps of a skip-layer excitation
_MOST_BLOCKS = 5  # of the discriminator; larger images are first halved by strided convolutions
_MOST_DOUBLINGS = 4  # of a decoder


def generator(image_shape, latent_dim: int, width: int, noise: bool) -> keras.Model:
    """Network from latents (n, latent_dim) to images (n, *image_shape) in [-1, 1]."""
    base, doublings = scales.plan(image_shape)
    latents = keras.Input((latent_dim,), name="latents")
    widths = [_width(width, level) for level in range(doublings + 1)]
    dense = SpectralDense(math.prod(base) * 2 * widths[0], use_bias=False, **normal())
    maps = [_gated(layers.Reshape((*base, 2 * widths[0]))(dense(latents)))]
    for level in range(1, doublings + 1):
        x = layers.UpSampling2D(2)(maps[-1])
        for _ in range(1 + level % 2):
            x = _conv(x, 2 * widths[level], 3)
            x = _gated(NoiseInjection()(x) if noise and level % 2 else x)
        source = level - _EXCITED
        if source >= 0 or level == doublings < _EXCITED:
            x = _excited(x, maps[max(0, source)], base)
        maps.append(x)
    images = layers.Activation("tanh")(_conv(maps[-1], image_shape[2], 3))
    return keras.Model(latents, images, name="generator")


def _width(width, level):
    last = len(_FACTORS) - 1
    return max(1, width * _FACTORS[min(level, last)] // 2 ** max(0, level - last))


def _conv(x, filters, size, strides=1, **kwargs):
    return SpectralConv2D(filters, size, strides, **{"use_bias": False} | normal() | kwargs)(x)


def _gated(x):
    """Batch normalization and a gated linear unit, which halves the channels."""
    return ops.glu(batch_norm()(x))


def _excited(x, small, base):
    """Skip-layer excitation: channels of `x` multiplied by gates computed from the map `small`."""
    filters = x.shape[-1]
    gates = layers.AveragePooling2D(small.shape[1] // base[0])(small)
    gates = _conv(gates, filters, base, padding="valid")
    gates = _conv(layers.Activation("silu")(gates), filters, 1)
    return layers.Multiply()([x, layers.Activation("sigmoid")(gates)])


def halvings(image_shape) -> int:
    """Number of halvings from the image to the discriminator's last feature map, 8x8 for 64x64."""
    return max(1, scales.plan(image_shape)[1] - 1)


def discriminator(view_shape, width: int) -> keras.Model:
    """Network from images (n, *view_shape) to logits (n, rows, columns, 1), 5x5 for powers of two.

    The outputs of its layers `"large"` and `"small"` are what the decoders reconstruct images from.
    """
    blocks = min(halvings(view_shape), _MOST_BLOCKS)
    strided = halvings(view_shape) - blocks
    images = x = keras.Input(view_shape, name="images")
    widths = [max(1, 8 * width // 2**level) for level in range(blocks + max(1, strided))]
    x = layers.LeakyReLU(0.2)(_conv(x, widths.pop(), *((4, 2) if strided else (3,)), use_bias=True))
    for _ in range(strided - 1):
        x = _activated(_conv(x, widths.pop(), 4, 2))
    x = layers.Identity(name="large")(x) if blocks == 1 else x
    names = [None] * blocks
    names[-2:] = ["large", "small"][-blocks:]
    for name in names:
        x = _down(x, widths.pop(), name)
    x = _activated(_conv(x, 16 * width, 1))
    return keras.Model(images, _conv(x, 1, 4, padding="valid"), name="discriminator")


def _activated(x):
    return layers.LeakyReLU(0.2)(batch_norm()(x))


def _down(x, filters, name):
    """Mean of two paths that halve the size: two convolutions, and average pooling with one."""
    y = _activated(_conv(_activated(_conv(x, filters, 4, 2)), filters, 3))
    skip = _activated(_conv(layers.AveragePooling2D(2)(x), filters, 1))
    return layers.Average(name=name)([y, skip])


def decoders(network: keras.Model, width: int) -> keras.Model:
    """Network from the small feature map and a quarter of the large one to images in [-1, 1].

    Its outputs are the whole image and the quarter of it, of at most 16 times the side of the map.

    Args:
        network: the discriminator.
        width: channels of the first layers.
    """
    small, large = (network.get_layer(name).output.shape for name in ("small", "large"))
    image, part = keras.Input(small[1:]), keras.Input((large[1] // 2, large[2] // 2, large[3]))
    whole = halvings(network.input_shape[1:])
    outputs = [
        _decoded(x, doublings, width, network.input_shape[-1])
        for x, doublings in ((image, whole), (part, whole - 1))
    ]
    return keras.Model([image, part], outputs, name="decoders")


def _decoded(x, doublings, width, channels):
    for factor in (2, 1, 1, 0.5)[: min(doublings, _MOST_DOUBLINGS)]:
        x = _gated(_conv(layers.UpSampling2D(2)(x), 2 * max(1, int(factor * width)), 3))
    return layers.Activation("tanh")(_conv(x, channels, 3))
