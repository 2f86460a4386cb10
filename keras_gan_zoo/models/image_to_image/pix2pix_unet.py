"""U-Net, an encoder-decoder with skip connections (Ronneberger et al. 2015, arXiv 1505.04597)."""

import keras
from keras import layers

from keras_gan_zoo.layers import Conv2D, Conv2DTranspose, NoiseDropout
from keras_gan_zoo.networks.norms import add_norm, normal

_MAX_WIDTH_FACTOR = 8
_MAX_BOTTLENECK_SIDE = 4


def depth(image_shape: tuple[int, int, int]) -> int:
    """Number of times an image is halved, until its shorter side has 1 to 4 pixels.

    Raises:
        ValueError: the size cannot be halved that often; the message names the nearest valid sizes.
    """
    height, width, channels = image_shape
    halvings = 0
    while height % 2 == width % 2 == 0:
        height, width, halvings = height // 2, width // 2, halvings + 1
    if halvings and min(height, width) <= _MAX_BOTTLENECK_SIDE:
        return halvings
    near = " and ".join(str((*sides, channels)) for sides in _nearest(*image_shape[:2]))
    raise ValueError(
        "Argument `image_shape` must have sides that can be halved until the shorter one has 1 to "
        f"{_MAX_BOTTLENECK_SIDE} pixels, as 256 and 96 can. Received: image_shape={image_shape}. The "
        f"nearest valid ones: {near}."
    )


def _nearest(height, width):
    """Next smaller and larger sizes whose shorter side can be halved to 4 pixels or fewer."""
    step = 2
    while min(height, width) / step > _MAX_BOTTLENECK_SIDE:
        step *= 2
    sizes = {
        tuple(max(step, (side + up) // step * step) for side in (height, width)) for up in (0, step - 1)
    }
    return sorted(sizes)


def unet(channels: int, filters: int, width: int, halvings: int, norm: str, name: str) -> keras.Model:
    """Network from images (n, height, width, channels) to (n, height, width, filters) in [-1, 1].

    As in the code of the pix2pix authors (Isola et al. 2016, arXiv 1611.07004): 4x4 convolutions with
    stride 2, as many in the encoder as in the decoder; a bias in the last one only; no normalization in
    the first and the innermost layer of the encoder and in the last layer of the decoder; dropout of
    0.5 in the decoder after the layers of maximum width, except the innermost.

    Args:
        channels, filters: channels of the inputs and of the outputs.
        width: channels of the first layer. They double with each layer, up to `8 * width`.
        halvings: number of encoder layers, see `depth`. Height and width must be multiples of
            `2 ** halvings`.
        norm: `"instance"` or `"batch"`.
        name: name of the network.
    """
    inputs = x = keras.Input((None, None, channels))
    widths = [width * min(2**level, _MAX_WIDTH_FACTOR) for level in range(halvings)]
    skips = []
    for level, filters_down in enumerate(widths):
        x = layers.LeakyReLU(0.2)(x) if level else x
        x = Conv2D(filters_down, 4, 2, use_bias=False, **normal())(x)
        x = add_norm(x, norm) if 0 < level < halvings - 1 else x
        skips.append(x)
    skips.pop()
    for level in reversed(range(1, halvings)):
        x = Conv2DTranspose(widths[level - 1], 4, 2, use_bias=False, **normal())(layers.ReLU()(x))
        x = add_norm(x, norm)
        if level < halvings - 1 and widths[level - 1] == width * _MAX_WIDTH_FACTOR:
            x = NoiseDropout(0.5)(x)
        x = layers.Concatenate()([skips.pop(), x])
    x = Conv2DTranspose(filters, 4, 2, activation="tanh", **normal())(layers.ReLU()(x))
    return keras.Model(inputs, x, name=name)
