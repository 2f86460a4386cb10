"""The residual generator of CycleGAN (Zhu et al. 2017, arXiv 1703.10593)."""

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
STEP = 4  # images have sides that are multiples of it


def check_size(image_shape: tuple[int, int, int]) -> None:
    """Raise ValueError unless the sides are multiples of 4."""
    if any(side % STEP for side in image_shape[:2]) or min(image_shape[:2]) < 2 * STEP:
        near = tuple(max(2, round(side / STEP)) * STEP for side in image_shape[:2])
        raise ValueError(
            f"Argument `image_shape` must have sides that are multiples of {STEP}, from {2 * STEP} on. "
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
    """A network from images (n, height, width, channels) to (n, height, width, filters) in [-1, 1].

    A convolution of 7x7, two with stride 2, residual blocks at a quarter of the size, two enlargements,
    7x7; instance normalization, borders by reflection, a bias in the last one only. After Johnson et
    al. 2016, arXiv 1603.08155.

    Args:
        channels, filters: of the inputs and of the outputs. Height and width are multiples of 4.
        width: channels at full size; twice and four times as many inside.
        blocks: residual blocks, 6 or 9 in the paper.
        upsampling: `"transposed"` convolutions, or `"resize"`: nearest neighbours, then a
            convolution, which leaves no checkerboards.
        name: of the network.
        styles: with a number, a second input (n, styles) chooses among as many scales and offsets of
            each normalization. None: it has neither.
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
        # One row and column in front, so that an output lies on the pixel that it looks at.
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
    """A convolution that sees the image continued by reflection."""
    x = ReflectionPadding2D(kernel_size // 2)(x)
    return Conv2D(filters, kernel_size, padding="valid", use_bias=use_bias, **normal())(x)
