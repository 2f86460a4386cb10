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

    Each transformation is applied to each image independently with the probability p:

    - "blit": horizontal flip (of half of these images), rotation by 0 to 3 quarter turns (square images
      only), translation by whole pixels, uniform up to 1/8 of the size.
    - "geometry": isotropic scaling by 2^N(0, 0.2), rotation, anisotropic scaling of the height by
      2^N(0, 0.2) and of the width by its inverse, a second rotation, translation by N(0, 1/8) of the
      size. Rotation angles are uniform; each of the two rotations has the probability
      1 - sqrt(1 - p), so that the probability of at least one is p.
    - "color": brightness + N(0, 0.2), contrast * 2^N(0, 0.5), luma flip (of half of these images), hue
      rotation by a uniform angle, saturation * 2^N(0, 1).

    N(0, s) has the standard deviation s. Grey images have no hue and saturation. Images with neither
    one nor three channels have no hue rotation, and their luma is the mean over the channels.

    The training step updates p with `adapt`: it grows while the overfitting heuristic r_t, the mean of
    sign(D(real)), is above `target`, and shrinks otherwise.

    Differs from the paper: the filtering and corruption categories, which the paper found of little or
    no use, are omitted. All geometric transformations are one bilinear sampling, where the paper
    supersamples with wavelet filters: rotated and shrunk images are slightly blurred or aliased.
    `adapt` runs for every batch, not for every fourth. p is limited to `maximum`; the paper reports
    that above 0.8 augmentations leak into generated images, but sets no limit.

    Args:
        target: target of r_t, in [0, 1]. Defaults to 0.6, the paper's value.
        images: number of real images in which p can change by 1. Defaults to 500,000, the paper's
            value.
        maximum: upper limit of p, in [0, 1]. Defaults to 0.8.
        categories: one or more of "blit", "geometry" and "color", as a sequence or as one string with
            commas. Defaults to all three.

    Raises:
        ValueError: an argument is out of range, or a category is unknown.
    """

    adaptive = True

    def __init__(self, target=0.6, images=500_000, maximum=0.8, categories=CATEGORIES):
        self.target = checks.fraction("target", target)
        self.images = checks.positive_integer("images", images)
        self.maximum = checks.fraction("maximum", maximum)
        self.categories = subset("categories", categories, CATEGORIES)

    def adapt(self, probability, heuristic, batch_size):
        """Update the probability after a batch.

        Args:
            probability: current value, a scalar.
            heuristic: r_t of the batch, `AdversarialLoss.overfitting_heuristic`, a scalar in [-1, 1].
            batch_size: number of real images in the batch.

        Returns:
            Scalar float32 tensor in [0, maximum].
        """
        step = ops.cast(batch_size, "float32") / self.images
        direction = ops.sign(ops.cast(heuristic, "float32") - self.target)
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
    """Random numbers (n,), drawn in three calls of the generator, each of which is expensive."""

    def __init__(self, n, seed, probability):
        self.probability = ops.convert_to_tensor(probability, "float32")
        uniform, normal = keras.random.uniform, keras.random.normal
        self._coins = iter(ops.unstack(uniform((13, n), dtype="float32", seed=seed), 13))
        self._uniforms = iter(ops.unstack(uniform((8, n), dtype="float32", seed=seed), 8))
        self._normals = iter(ops.unstack(normal((7, n), dtype="float32", seed=seed), 7))

    def coin(self, probability=None):
        """1 with the given probability, by default p; else 0."""
        probability = self.probability if probability is None else probability
        return ops.cast(next(self._coins) < probability, "float32")

    def uniform(self, limit):
        """Uniform in [-limit, limit)."""
        return (next(self._uniforms) * 2.0 - 1.0) * limit

    def integer(self, count):
        """Uniform integer from 0 to `count - 1`, as float32."""
        return ops.floor(next(self._uniforms) * float(count))

    def normal(self, deviation):
        """Normal with mean 0 and the given standard deviation."""
        return next(self._normals) * deviation


def product(left, right):
    """Matrix product of (n, k, k) in full precision; `ops.matmul` uses ten bits on some devices."""
    return ops.sum(left[:, :, :, None] * right[:, None, :, :], axis=2)


def _affine(upper, lower):
    """Stack two rows of three entries, each a tensor (n,) or 0.0, and (0, 0, 1) to (n, 3, 3)."""
    zero = upper[0] * 0.0
    rows = [[entry + zero for entry in row] for row in (upper, lower, (0.0, 0.0, 1.0))]
    return ops.stack([ops.stack(row, axis=-1) for row in rows], axis=-2)


def blit(flip, turns, down, right):
    """Matrices (n, 3, 3) for `sample` that map pixels to pixels: flip, rotate, then translate.

    Args:
        flip: (n,), 1 to swap left and right, else 0.
        turns: (n,), clockwise quarter turns, 0 to 3.
        down, right: (n,), translation in whole pixels.
    """
    # Exact cosine and sine of 0, 90, 180 and 270 degrees.
    cosine, sine = ops.abs(turns - 2.0) - 1.0, 1.0 - ops.abs(turns - 1.0)
    mirror = 1.0 - 2.0 * flip
    return _affine(
        (cosine, -sine, sine * right - cosine * down),
        (mirror * sine, mirror * cosine, -mirror * (sine * down + cosine * right)),
    )


def geometry(scale, before, stretch, after, down, right):
    """Matrices (n, 3, 3) for `sample`, for transformations in the order of the arguments.

    Args:
        scale: (n,), isotropic magnification; 1 for none.
        before: (n,), clockwise rotation in radians.
        stretch: (n,), magnification of the height; that of the width is its inverse.
        after: (n,), clockwise rotation in radians.
        down, right: (n,), translation in pixels.
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
    """Transform images by bilinear sampling, with reflection padding that does not repeat the border.

    Args:
        images: (n, height, width, c).
        matrices: (n, 3, 3); each maps (row, column, 1) of an output pixel to its source position, both
            relative to the centre of the image.

    Returns:
        Tensor of the shape of `images`.
    """
    _, height, width, _ = images.shape
    matrices = ops.cast(matrices, images.dtype)[..., None, None]
    y = ops.cast(ops.arange(height), images.dtype)[:, None] - (height - 1) / 2
    x = ops.cast(ops.arange(width), images.dtype) - (width - 1) / 2
    rows, columns = (matrices[:, i, 0] * y + matrices[:, i, 1] * x + matrices[:, i, 2] for i in (0, 1))
    top, bottom, down = _interpolation(rows + (height - 1) / 2, height)
    left, right, along = _interpolation(columns + (width - 1) / 2, width)
    upper = _lerp(gather(images, top, left), gather(images, top, right), along)
    lower = _lerp(gather(images, bottom, left), gather(images, bottom, right), along)
    return _lerp(upper, lower, down)


def _interpolation(positions, size):
    """Indices and weights for linear interpolation along an axis of the given size, with reflection.

    Args:
        positions: (n, h, w), in pixels.
        size: number of pixels along the axis.

    Returns:
        Indices of the pixels before and after each position, (n, h, w), and the fraction of the way
        from the first to the second, (n, h, w, 1).
    """
    span = max(size - 1, 1)
    positions = positions - 2 * span * ops.floor(positions / (2 * span))
    positions = ops.minimum(span - ops.abs(positions - span), size - 1)
    before = ops.floor(positions)
    index = ops.cast(before, "int32")
    return index, ops.minimum(index + 1, size - 1), (positions - before)[..., None]


def _lerp(start, end, fraction):
    return start + fraction * (end - start)


def color(channels, brightness, contrast, flip, hue, saturation):
    """Matrices (n, c, c) and offsets (n,) for `recolor`, for changes in the order of the arguments.

    Args:
        channels: number of channels, c.
        brightness: (n,), added to every channel.
        contrast: (n,), factor of every channel.
        flip: (n,), 1 to negate the luma, the mean over the channels; else 0.
        hue: (n,), rotation around the grey axis in radians; used with three channels only.
        saturation: (n,), factor of the distance from the luma.
    """
    # The paper's matrices commute, so they reduce to a factor of the luma and one of the chroma.
    grey = ops.full((channels, channels), 1.0 / channels, dtype="float32")
    identity = ops.eye(channels, dtype="float32")
    contrast, luma, hue, saturation = (
        value[:, None, None] for value in (contrast, 1.0 - 2.0 * flip, hue, saturation)
    )
    chroma = saturation * ops.cos(hue)
    matrices = chroma * identity + (luma - chroma) * grey
    if channels == 3:
        cross = ops.convert_to_tensor([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]])
        matrices = matrices + saturation * ops.sin(hue) / math.sqrt(3) * cross
    return contrast * matrices, brightness * (contrast * luma)[:, 0, 0]


def recolor(images, matrices, offsets):
    """Compute matrix @ pixel + offset for images (n, h, w, c), matrices (n, c, c), offsets (n,)."""
    _, height, width, channels = images.shape
    # Only the difference passes through `matmul`, which uses ten bits on some devices.
    change = ops.cast(matrices - ops.eye(channels, dtype="float32"), images.dtype)
    pixels = ops.reshape(images, (-1, height * width, channels))
    change = ops.matmul(pixels, ops.transpose(change, (0, 2, 1)))
    return images + ops.reshape(change, (-1, height, width, channels)) + per_image(offsets, images)
