"""Adaptive discriminator augmentation."""

import functools
import math
from typing import Any

import keras
from keras import ops

from keras_gan_zoo.augment.base import Augmentation, gather, per_image, subset
from keras_gan_zoo.utils import checks

CATEGORIES = ("blit", "geometry", "color")


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ADA(Augmentation):
    """Adaptive discriminator augmentation, Karras et al. 2020 (arXiv 2006.06676).

    Each transformation is done to each image with the given probability p, independently:

    - "blit": a mirror image (or none, evenly), 0 to 3 quarter turns (square images only), a
      translation by whole pixels, uniform up to 1/8 of the size.
    - "geometry": scaling by 2^N(0, 0.2), a rotation, scaling of the height by 2^N(0, 0.2) and of the
      width by its inverse, another rotation, a translation by N(0, 1/8) of the size. Rotations are
      by any angle, and each is done with 1 - sqrt(1 - p), so that p is the probability of any.
    - "color": brightness + N(0, 0.2), contrast * 2^N(0, 0.5), light and dark swapped (or not,
      evenly), a rotation of hues by any angle, saturation * 2^N(0, 1).

    N(0, s) has the standard deviation s. Grey images have no hue and saturation. Images whose
    channels are neither one nor three have no rotation of hues, and luma is their mean over the
    channels.

    Differs from the paper: the filtering and corruption categories, which it found to be of little
    or no use, are left out. All movement is one bilinear sampling, where the paper supersamples with
    wavelet filters: rotated and shrunk images are a little blurred or aliased. `adapt` is for every
    batch, not every fourth. The probability ends at `maximum`: beyond 0.8 augmentations begin to show
    in generated images, as the paper says, but does not prevent.

    Args:
        target: the mean sign of the discriminator's output on real images that is aimed at, in
            [0, 1]. Above it, the discriminator is taken to overfit.
        images: how many real images it takes the probability to go from 0 to 1.
        maximum: where the probability stops, in [0, 1].
        categories: any of "blit", "geometry", "color", as a sequence or one string with commas.

    Raises:
        ValueError: an argument is out of its range, or a category is unknown.
    """

    adaptive = True

    def __init__(self, target=0.6, images=500_000, maximum=0.8, categories=CATEGORIES):
        self.target = checks.fraction("target", target)
        self.images = checks.positive_integer("images", images)
        self.maximum = checks.fraction("maximum", maximum)
        self.categories = subset("categories", categories, CATEGORIES)

    def adapt(self, probability, sign, batch_size):
        """The probability after one more batch, a scalar float32 tensor in [0, maximum].

        Args:
            probability: the present one, scalar.
            sign: mean of sign(D(real)) over the batch, a scalar in [-1, 1].
            batch_size: the number of real images in it.
        """
        step = ops.cast(batch_size, "float32") / self.images
        direction = ops.sign(ops.cast(sign, "float32") - self.target)
        return ops.clip(ops.cast(probability, "float32") + direction * step, 0.0, self.maximum)

    def augment(self, images, seed, probability):
        _, height, width, channels = images.shape
        draw = _Draws(ops.shape(images)[0], seed, probability)
        matrices = []
        if "blit" in self.categories:
            flip = draw.coin() * draw.integer(2)
            turns = draw.coin() * draw.integer(4 if height == width else 1)
            shifted = draw.coin()
            down = ops.round(shifted * draw.uniform(height / 8))
            right = ops.round(shifted * draw.uniform(width / 8))
            matrices.append(blit(flip, turns, down, right))
        if "geometry" in self.categories:
            rotated = 1.0 - ops.sqrt(1.0 - draw.probability)
            scale = ops.exp2(draw.coin() * draw.normal(0.2))
            before = draw.coin(rotated) * draw.uniform(math.pi)
            stretch = ops.exp2(draw.coin() * draw.normal(0.2))
            after = draw.coin(rotated) * draw.uniform(math.pi)
            shifted = draw.coin()
            down, right = shifted * draw.normal(height / 8), shifted * draw.normal(width / 8)
            matrices.append(geometry(scale, before, stretch, after, down, right))
        if matrices:
            images = sample(images, functools.reduce(product, matrices))
        if "color" in self.categories:
            brightness = draw.coin() * draw.normal(0.2)
            contrast = ops.exp2(draw.coin() * draw.normal(0.5))
            flip = draw.coin() * draw.integer(2)
            hue = draw.coin() * draw.uniform(math.pi if channels == 3 else 0.0)
            saturation = ops.exp2(draw.coin() * draw.normal(1.0 if channels > 1 else 0.0))
            images = recolor(images, *color(channels, brightness, contrast, flip, hue, saturation))
        return images

    def get_config(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "images": self.images,
            "maximum": self.maximum,
            "categories": list(self.categories),
        }


class _Draws:
    """Random numbers (n,), made by few calls of the generator: every call costs."""

    def __init__(self, n, seed, probability):
        self.probability = ops.convert_to_tensor(probability, "float32")
        uniform, normal = keras.random.uniform, keras.random.normal
        self._coins = iter(ops.unstack(uniform((13, n), dtype="float32", seed=seed), 13))
        self._uniforms = iter(ops.unstack(uniform((8, n), dtype="float32", seed=seed), 8))
        self._normals = iter(ops.unstack(normal((7, n), dtype="float32", seed=seed), 7))

    def coin(self, probability=None):
        """1 with the probability, else 0."""
        probability = self.probability if probability is None else probability
        return ops.cast(next(self._coins) < probability, "float32")

    def uniform(self, limit):
        """In [-limit, limit)."""
        return (next(self._uniforms) * 2.0 - 1.0) * limit

    def integer(self, count):
        """One of 0 to `count - 1`, as floats."""
        return ops.floor(next(self._uniforms) * float(count))

    def normal(self, deviation):
        """Normal around 0."""
        return next(self._normals) * deviation


def product(left, right):
    """Products of matrices (n, k, k); `ops.matmul` would round to ten bits on some devices."""
    return ops.sum(left[:, :, :, None] * right[:, None, :, :], axis=2)


def _affine(upper, lower):
    """(n, 3, 3) with two rows of three entries, each a tensor (n,) or 0.0."""
    zero = upper[0] * 0.0
    rows = [[entry + zero for entry in row] for row in (upper, lower, (0.0, 0.0, 1.0))]
    return ops.stack([ops.stack(row, axis=-1) for row in rows], axis=-2)


def blit(flip, turns, down, right):
    """Matrices for `sample` that keep pixels whole. Arguments (n,), whole numbers as floats.

    Args:
        flip: 1 to swap left and right, else 0. Done first.
        turns: quarter turns clockwise, 0 to 3.
        down, right: translation in pixels. Done last.
    """
    # The cosine and the sine of 0, 90, 180 and 270 degrees, without rounding.
    cosine, sine = ops.abs(turns - 2.0) - 1.0, 1.0 - ops.abs(turns - 1.0)
    mirror = 1.0 - 2.0 * flip
    return _affine(
        (cosine, -sine, sine * right - cosine * down),
        (mirror * sine, mirror * cosine, -mirror * (sine * down + cosine * right)),
    )


def geometry(scale, before, stretch, after, down, right):
    """Matrices for `sample` that deform. Arguments (n,), done in their order.

    Args:
        scale: magnification; 1 for none.
        before: clockwise rotation in radians.
        stretch: magnification of the height; that of the width is its inverse.
        after: clockwise rotation in radians.
        down, right: translation in pixels.
    """
    cosine, sine = ops.cos(before) / scale, ops.sin(before) / scale
    first = _affine((cosine, -sine, 0.0), (sine, cosine, 0.0))
    cosine, sine = ops.cos(after), ops.sin(after)
    second = _affine(
        (cosine / stretch, -sine / stretch, (sine * right - cosine * down) / stretch),
        (sine * stretch, cosine * stretch, -(sine * down + cosine * right) * stretch),
    )
    return product(first, second)


def sample(images, matrices):
    """Bilinear samples of images that are continued by their mirror images at each border.

    The mirror stands on the outermost pixels, which are not repeated.

    Args:
        images: (n, height, width, c).
        matrices: (n, 3, 3); takes (row, column, 1) of a pixel in the result to where it comes from,
            both counted from the centre of the image.
    """
    _, height, width, _ = images.shape
    matrices = ops.cast(matrices, images.dtype)[..., None, None]
    y = ops.cast(ops.arange(height), images.dtype)[:, None] - (height - 1) / 2
    x = ops.cast(ops.arange(width), images.dtype) - (width - 1) / 2
    rows, columns = (matrices[:, i, 0] * y + matrices[:, i, 1] * x + matrices[:, i, 2] for i in (0, 1))
    top, bottom, down = _neighbours(rows + (height - 1) / 2, height)
    left, right, along = _neighbours(columns + (width - 1) / 2, width)
    upper = _between(gather(images, top, left), gather(images, top, right), along)
    lower = _between(gather(images, bottom, left), gather(images, bottom, right), along)
    return _between(upper, lower, down)


def _neighbours(positions, size):
    """Where to look for positions (n, h, w) on an axis, after their reflection into it.

    Returns the indices before and after, and how far in between, the latter (n, h, w, 1).
    """
    span = max(size - 1, 1)
    positions = positions - 2 * span * ops.floor(positions / (2 * span))
    positions = ops.minimum(span - ops.abs(positions - span), size - 1)
    before = ops.floor(positions)
    index = ops.cast(before, "int32")
    return index, ops.minimum(index + 1, size - 1), (positions - before)[..., None]


def _between(start, end, part):
    return start + part * (end - start)


def color(channels, brightness, contrast, flip, hue, saturation):
    """Matrices (n, c, c) and summands (n,) for `recolor`. Arguments (n,), done in their order.

    Args:
        channels: how many, c.
        brightness: added to every channel.
        contrast: factor of every channel.
        flip: 1 to mirror the mean over the channels at 0, keeping the distance from it; else 0.
        hue: rotation around the axis of greys, in radians; with three channels only.
        saturation: factor of the distance from the mean over the channels.
    """
    # The paper's matrices commute: one factor for the mean over the channels, one for the rest.
    grey = ops.full((channels, channels), 1.0 / channels, dtype="float32")
    identity = ops.eye(channels, dtype="float32")
    contrast, light, hue, saturation = (
        value[:, None, None] for value in (contrast, 1.0 - 2.0 * flip, hue, saturation)
    )
    coloured = saturation * ops.cos(hue)
    matrices = coloured * identity + (light - coloured) * grey
    if channels == 3:
        cross = ops.convert_to_tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
        matrices = matrices + saturation * ops.sin(hue) / math.sqrt(3) * cross
    return contrast * matrices, brightness * (contrast * light)[:, 0, 0]


def recolor(images, matrices, summands):
    """matrix @ pixel + summand, for images (n, h, w, c), matrices (n, c, c) and summands (n,)."""
    _, height, width, channels = images.shape
    # Only the change goes through `matmul`, which rounds to ten bits on some devices.
    change = ops.cast(matrices - ops.eye(channels, dtype="float32"), images.dtype)
    pixels = ops.reshape(images, (-1, height * width, channels))
    change = ops.matmul(pixels, ops.transpose(change, (0, 2, 1)))
    return images + ops.reshape(change, (-1, height, width, channels)) + per_image(summands, images)
