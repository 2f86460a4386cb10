"""Residual generator of CycleGAN (Zhu et al. 2017, arXiv 1703.10593)."""

import keras
from keras import layers

from keras_gan_zoo.layers import (
    ConditionalInstanceNormalization,
    Conv2D,
    Conv2DTranspose,
    ReflectionPadding2D,
)
from keras_gan_zoo.networks.norms import add_norm, normal

UPSAMPLING = ("transposed", "resize")
STEP = 4  # the sides of images are multiples of it


def check_size(image_shape: tuple[int, int, int]) -> None:
    """Raise ValueError unless both sides are multiples of 4, and at least 8."""
    if any(side % STEP for side in image_shape[:2]) or min(image_shape[:2]) < 2 * STEP:
        near = tuple(max(2, round(side / STEP)) * STEP for side in image_shape[:2])
        raise ValueError(
            f"Argument `image_shape` must have sides that are multiples of {STEP}, from {2 * STEP} up. "
            f"Received: image_shape={image_shape}. Pass for example {(*near, image_shape[2])}."
        )


def resnet(
    channels: int,
    filters: int,
    width: int,
    blocks: int,
    upsampling: str,
    name: str,
    styles: int | None = None,
):
    """Build a network from images (n, height, width, channels) to images (n, height, width, filters).

    The outputs are in [-1, 1]. Layers: a 7x7 convolution, two convolutions with stride 2, residual
    blocks at a quarter of the size, two upsampling layers and a 7x7 convolution, with instance
    normalization and reflection padding. Only the last convolution has a bias. After Johnson et al.
    2016, arXiv 1603.08155.

    Args:
        channels: channels of the inputs, whose height and width are multiples of 4.
        filters: channels of the outputs.
        width: channels at full size; 2 * width and 4 * width at half and quarter size.
        blocks: number of residual blocks, 6 or 9 in the paper.
        upsampling: `"transposed"`: transposed convolutions; or `"resize"`: nearest-neighbour upsampling
            and a convolution, which avoids checkerboard artefacts.
        name: name of the network.
        styles: number of styles. The network then has a second input, style weights (n, styles), and
            conditional instance normalization. None: one input, normalization without scale and offset.
    """
    inputs = keras.Input((None, None, channels))
    mix = None if styles is None else keras.Input((styles,))

    def normed(x):
        if mix is None:
            return add_norm(x, "instance")
        return ConditionalInstanceNormalization(styles)([x, mix])

    def activated(x):
        return layers.ReLU()(normed(x))

    x = activated(_reflected(inputs, width, 7))
    for wide in (2 * width, 4 * width):
        # Pad one row and column in front, so that outputs are centred on input pixels.
        x = layers.ZeroPadding2D(((1, 0), (1, 0)))(x)
        x = activated(Conv2D(wide, 3, 2, padding="valid", use_bias=False, **normal())(x))
    for _ in range(blocks):
        y = activated(_reflected(x, 4 * width, 3))
        x = layers.Add()([x, normed(_reflected(y, 4 * width, 3))])
    for wide in (2 * width, width):
        if upsampling == "resize":
            x = Conv2D(wide, 3, use_bias=False, **normal())(layers.UpSampling2D(2)(x))
        else:
            x = Conv2DTranspose(wide, 3, 2, padding="valid", use_bias=False, **normal())(x)
            x = layers.Cropping2D(((1, 0), (1, 0)))(x)
        x = activated(x)
    x = layers.Activation("tanh")(_reflected(x, filters, 7, use_bias=True))
    return keras.Model(inputs if mix is None else [inputs, mix], x, name=name)


def _reflected(x, filters, kernel_size, use_bias=False):
    """Add a convolution with reflection padding."""
    x = ReflectionPadding2D(kernel_size // 2)(x)
    return Conv2D(filters, kernel_size, padding="valid", use_bias=use_bias, **normal())(x)
