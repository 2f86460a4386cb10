"""Image pyramids packed into one tensor, which a training step can treat like images."""

import math

from keras import ops


class Pyramid:
    """Conversion between lists of images at several resolutions and packed tensors.

    Lists have images (n, height, width, channels) from the smallest to the largest resolution. Packed
    tensors (n, pixels, 1, channels) hold the pixels of all resolutions.

    Args:
        base: (height, width) of the smallest images.
        levels: positive integer, number of resolutions, each twice the one before.
    """

    def __init__(self, base: tuple[int, int], levels: int):
        self.sides = [tuple(side * 2**level for side in base) for level in range(levels)]

    def from_images(self, images):
        """Packed pyramid of images of the largest resolution, downsampled by averaging."""
        factors = [2 ** (len(self.sides) - 1 - level) for level in range(len(self.sides) - 1)]
        return self.pack([*(ops.average_pool(images, factor, factor) for factor in factors), images])

    def pack(self, images: list):
        """Pack a list of images into a tensor."""
        flat = [ops.reshape(x, (-1, math.prod(x.shape[1:3]), 1, x.shape[3])) for x in images]
        return ops.concatenate(flat, 1)

    def unpack(self, packed) -> list:
        """Unpack a tensor into a list of images."""
        images, start = [], 0
        for height, width in self.sides:
            part = packed[:, start : start + height * width]
            images.append(ops.reshape(part, (-1, height, width, packed.shape[3])))
            start += height * width
        return images
