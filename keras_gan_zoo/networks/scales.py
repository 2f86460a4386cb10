"""Image shapes that convolutional networks can produce by repeatedly doubling a small base."""

SHORTEST_BASE, LONGEST_BASE = 4, 7


def plan(image_shape: tuple[int, int, int]) -> tuple[tuple[int, int], int]:
    """Base size and number of upsampling steps for an image shape.

    Args:
        image_shape: (height, width, channels).

    Returns:
        `((base_height, base_width), num_upsamples)`; the shorter side of the base is 4 to 7.

    Raises:
        ValueError: the shape is not a base times a power of two; the message names the nearest valid
            shapes.
    """
    height, width, channels = image_shape
    for num_upsamples in range(1, min(height, width).bit_length()):
        factor = 2**num_upsamples
        base = height // factor, width // factor
        if (height, width) == (base[0] * factor, base[1] * factor) and _fits(base):
            return base, num_upsamples
    near = " and ".join(str((*sides, channels)) for sides in nearest(height, width))
    raise ValueError(
        "Argument `image_shape` must have sides that are the same power of two times a base whose "
        f"shorter side is {SHORTEST_BASE} to {LONGEST_BASE}, as 28 = 4 * 7 and 64 = 16 * 4. "
        f"Received: image_shape={image_shape}. The nearest possible ones: {near}. "
        "`keras_gan_zoo.data.load(..., image_size=(height, width))` resizes images."
    )


def widths(num_upsamples: int, most: int, total: int) -> list[int]:
    """Channels of each level from the base to the image, such as 512, 512, 512, 512, 256.

    Args:
        num_upsamples: see `plan`.
        most: maximum number of channels.
        total: maximum of channels times side, with the side counted from a base of 4.
    """
    return [max(1, min(total // 2 ** (level + 2), most)) for level in range(num_upsamples + 1)]


def _fits(base):
    return SHORTEST_BASE <= min(base) <= LONGEST_BASE


def nearest(height: int, width: int) -> list[tuple[int, int]]:
    """The two valid (height, width) closest to the given ones in size, then in aspect ratio."""
    candidates = set()
    for num_upsamples in range(1, max(height, width, 2).bit_length() + 1):
        factor = 2**num_upsamples
        for h in {height // factor, height // factor + 1}:
            for w in {width // factor, width // factor + 1}:
                if _fits((h, w)):
                    candidates.add((h * factor, w * factor))
    candidates |= {(8, 8)}

    def difference(sides):
        h, w = sides
        return abs(h - height) + abs(w - width), abs(h * width - w * height), sides

    return sorted(candidates, key=difference)[:2]
