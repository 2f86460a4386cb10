"""Images in several sizes as one tensor, so that a step can treat them like any images."""

import math

from keras import ops


class Pyramid:
    """Lists of images (n, height, width, channels), from the smallest to the largest, and tensors (n,
    pixels, 1, channels) with the pixels of all of them.

    Args:
        base: (height, width) of the smallest ones.
        levels: how many sizes there are; each is twice the one before.
    """

    def __init__(self, base: tuple[int, int], levels: int):
        self.sides = [tuple(side * 2**level for side in base) for level in range(levels)]

    def of(self, images):
        """The tensor for images of the largest size, which are averaged over squares for the others."""
        smaller = [2 ** (len(self.sides) - 1 - level) for level in range(len(self.sides) - 1)]
        return self.pack([*(ops.average_pool(images, size, size) for size in smaller), images])

    def pack(self, images: list):
        """The tensor for a list of images."""
        flat = [ops.reshape(x, (-1, math.prod(x.shape[1:3]), 1, x.shape[3])) for x in images]
        return ops.concatenate(flat, 1)

    def unpack(self, packed) -> list:
        """The list of images for a tensor."""
        found, start = [], 0
        for height, width in self.sides:
            part = packed[:, start : start + height * width]
            found.append(ops.reshape(part, (-1, height, width, packed.shape[3])))
            start += height * width
        return found
