"""DiffAugment: differentiable augmentation with a constant probability."""

import keras
from keras import ops

from keras_gan_zoo.augment.base import Augmentation, gather, per_image, subset

POLICY = ("color", "translation", "cutout")


@keras.saving.register_keras_serializable("keras_gan_zoo")
class DiffAugment(Augmentation):
    """DiffAugment, Zhao et al. 2020 (arXiv 2006.10738).

    The transformations of each image, in this order:

    - "color": brightness shifted by U(-0.5, 0.5); saturation, the distance from the mean over the
      channels, multiplied by U(0, 2), which does not affect grey images; contrast, the distance from
      the mean of the image, multiplied by U(0.5, 1.5).
    - "translation": by up to 1/8 of the size along both axes, in whole pixels.
    - "cutout": a rectangle of half the height and half the width is set to 0. Its centre is uniform
      over the image, so parts of it can lie outside.

    Translation also fills empty pixels with 0, as in the authors' code: mid-grey for images in [-1, 1].
    Images can have any number of channels.

    With a `probability` below 1, each image is augmented with that probability and otherwise returned
    unchanged; the paper augments all images.

    Args:
        policy: one or more of "color", "translation" and "cutout", as a sequence or as one string with
            commas. Defaults to all three.

    Raises:
        ValueError: `policy` is empty or contains another name.
    """

    def __init__(self, policy=POLICY):
        self.policy = subset("policy", policy, POLICY)

    def augment(self, images, seed, probability):
        n = ops.shape(images)[0]
        _, height, width, _ = images.shape
        draws = keras.random.uniform((8, n), dtype="float32", seed=seed)
        augmented = draws[7] < ops.convert_to_tensor(probability, "float32")
        factor = ops.cast(augmented, "float32")
        if "color" in self.policy:
            images = brightness(images, (draws[0] - 0.5) * factor)
            images = saturation(images, 1.0 + (draws[1] * 2.0 - 1.0) * factor)
            images = contrast(images, 1.0 + (draws[2] - 0.5) * factor)
        if "translation" in self.policy:
            tall, wide = _round_half_up(height / 8), _round_half_up(width / 8)
            down = ops.where(augmented, to_integers(draws[3], -tall, tall + 1), 0)
            right = ops.where(augmented, to_integers(draws[4], -wide, wide + 1), 0)
            images = translation(images, down, right)
        if "cutout" in self.policy:
            tall, wide = _round_half_up(height / 2), _round_half_up(width / 2)
            top = to_integers(draws[5], -(tall // 2), height - tall // 2 + (tall + 1) % 2)
            left = to_integers(draws[6], -(wide // 2), width - wide // 2 + (wide + 1) % 2)
            images = cutout(images, ops.where(augmented, top, height), left, tall, wide)
        return images

    def get_config(self):
        return {"policy": list(self.policy)}


def _round_half_up(number: float) -> int:
    return int(number + 0.5)


def to_integers(draws, low, high):
    """Map uniform numbers in [0, 1) to integers from `low` to `high - 1`."""
    return ops.cast(ops.floor(draws * float(high - low)), "int32") + low


def brightness(images, shifts):
    """Add shifts (n,) to images (n, h, w, c)."""
    return images + per_image(shifts, images)


def saturation(images, factors):
    """Multiply the distance of each pixel from its mean over the channels by factors (n,)."""
    grey = ops.mean(images, axis=3, keepdims=True)
    return images + (images - grey) * per_image(factors - 1.0, images)


def contrast(images, factors):
    """Multiply the distance of each pixel from the mean of its image by factors (n,)."""
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return images + (images - mean) * per_image(factors - 1.0, images)


def translation(images, down, right):
    """Translate images (n, h, w, c) by integers (n,) of pixels; new pixels are 0."""
    _, height, width, _ = images.shape
    rows = (ops.arange(height, dtype="int32") - down[:, None])[:, :, None]
    columns = (ops.arange(width, dtype="int32") - right[:, None])[:, None, :]
    inside = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    moved = gather(images, ops.clip(rows, 0, height - 1), ops.clip(columns, 0, width - 1))
    return moved * ops.cast(inside, images.dtype)[..., None]


def cutout(images, top, left, height, width):
    """Set a rectangle of `height` x `width` pixels with its upper left corner at (top, left) to 0."""
    rows = (ops.arange(images.shape[1], dtype="int32") - top[:, None])[:, :, None]
    columns = (ops.arange(images.shape[2], dtype="int32") - left[:, None])[:, None, :]
    hole = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
    return images * ops.cast(~hole, images.dtype)[..., None]
