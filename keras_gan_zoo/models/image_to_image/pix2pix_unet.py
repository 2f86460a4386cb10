"""U-Net: encoder, decoder, skips between them (Ronneberger et al. 2015, arXiv 1505.04597)."""

import keras
from keras import layers

from keras_gan_zoo.layers import Conv2D, Conv2DTranspose, NoiseDropout
from keras_gan_zoo.networks.norms import add_norm, normal

_MOST = 8  # times `width`
_LONGEST_BOTTOM = 4


def depth(image_shape: tuple[int, int, int]) -> int:
    """How often an image can be halved; its shorter side then has 1 to 4 pixels.

    Raises:
        ValueError: it would have more; the message names the nearest sizes that work.
    """
    height, width, channels = image_shape
    halvings = 0
    while height % 2 == width % 2 == 0:
        height, width, halvings = height // 2, width // 2, halvings + 1
    if halvings and min(height, width) <= _LONGEST_BOTTOM:
        return halvings
    near = " and ".join(str((*sides, channels)) for sides in _nearest(*image_shape[:2]))
    raise ValueError(
        "Argument `image_shape` must have sides that can be halved until the shorter one has 1 to "
        f"{_LONGEST_BOTTOM} pixels, as 256 and 96 can. Received: image_shape={image_shape}. The "
        f"nearest possible ones: {near}."
    )


def _nearest(height, width):
    """Sizes below and above, of the coarsest grid on which the shorter side has 4 pixels or fewer."""
    step = 2
    while min(height, width) / step > _LONGEST_BOTTOM:
        step *= 2
    found = {
        tuple(max(step, (side + up) // step * step) for side in (height, width)) for up in (0, step - 1)
    }
    return sorted(found)


def unet(channels: int, filters: int, width: int, halvings: int, norm: str, name: str) -> keras.Model:
    """A network from images (n, height, width, channels) to (n, height, width, filters) in [-1, 1].

    As the authors of pix2pix (Isola et al. 2016, arXiv 1611.07004) have it: convolutions of 4x4 pixels
    with stride 2, as many down as up; a bias in the last one only; no normalization in the first one
    down, in the innermost one and in the last; dropout of 0.5 in the decoder behind the layers that
    have all the channels, but for the innermost one.

    Args:
        channels, filters: of the inputs and of the outputs. Height and width are multiples of
            2 ** `halvings`.
        width: channels of the first layer; they double up to eight times as many.
        halvings: how many layers the encoder has, see `depth`.
        norm: `"instance"` or `"batch"`.
        name: of the network.
    """
    inputs = x = keras.Input((None, None, channels))
    widths = [width * min(2**level, _MOST) for level in range(halvings)]
    skips = []
    for level, wide in enumerate(widths):
        x = layers.LeakyReLU(0.2)(x) if level else x
        x = Conv2D(wide, 4, 2, use_bias=False, **normal())(x)
        x = add_norm(x, norm) if 0 < level < halvings - 1 else x
        skips.append(x)
    skips.pop()
    for level in reversed(range(1, halvings)):
        x = Conv2DTranspose(widths[level - 1], 4, 2, use_bias=False, **normal())(layers.ReLU()(x))
        x = add_norm(x, norm)
        if level < halvings - 1 and widths[level - 1] == width * _MOST:
            x = NoiseDropout(0.5)(x)
        x = layers.Concatenate()([skips.pop(), x])
    x = Conv2DTranspose(filters, 4, 2, activation="tanh", **normal())(layers.ReLU()(x))
    return keras.Model(inputs, x, name=name)
