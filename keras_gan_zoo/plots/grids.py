"""Images on disk: grids of many images, equations of images, single images."""

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from keras_gan_zoo.utils import checks, files
from keras_gan_zoo.utils.pixels import to_uint8


def grid(
    images: Any,
    path: str | os.PathLike | None = None,
    columns: int | None = None,
    scale: int | None = None,
) -> Image.Image:
    """Arrange images in rows with a gap of 2 pixels. Notebooks display the returned image.

    Args:
        images: Shape (n, height, width, channels), floats in [-1, 1] (other values are clipped) or
            uint8. 1 channel is drawn as grey, 3 as RGB; of any other number the first is drawn.
        path: Image file to write. Defaults to `None`, which writes none.
        columns: Images per row. Defaults to `None`, which makes the grid as square as possible.
        scale: Factor by which pixels are enlarged. Defaults to `None`, which is 2 for images smaller
            than 48 pixels, otherwise 1.

    Raises:
        ValueError: `images` is empty, not finite or of the wrong shape, `columns` or `scale` is not
            positive, or the folder of `path` cannot be written to.
    """
    images = to_uint8(check_images("images", images))
    for name, value in (("columns", columns), ("scale", scale)):
        if value is not None:
            checks.positive_integer(name, value)
    n, height, width, channels = images.shape
    if channels not in (1, 3):
        images = images[..., :1]
    scale = scale or (2 if max(height, width) < 48 else 1)
    images = images.repeat(scale, 1).repeat(scale, 2)
    height, width, gap = height * scale, width * scale, 2
    columns = columns or math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    shape = (rows * (height + gap) + gap, columns * (width + gap) + gap, images.shape[-1])
    canvas = np.full(shape, 255, "uint8")
    for index, image in enumerate(images):
        top = gap + (index // columns) * (height + gap)
        left = gap + (index % columns) * (width + gap)
        canvas[top : top + height, left : left + width] = image
    picture = _from_uint8(canvas)
    if path is not None:
        files.writable_folder(Path(path).parent, "path")
        save(picture, path)
    return picture


def equation(images: np.ndarray, signs: str, scale: int | None = None) -> Image.Image:
    """Arrange images in one row with a sign in front of each, such as `" +-="`.

    Args:
        images: Shape (n, height, width, channels), see `grid`.
        signs: n characters: `+`, `-`, `=`, or a space for no sign.
        scale: See `grid`.
    """
    cells = [np.asarray(grid(image[None], scale=scale)) for image in images]
    height = len(cells[0])
    side, bar = height // 2, max(1, height // 24)
    middle, low, high = height // 2, side // 4, side - side // 4
    row = []
    for cell, sign in zip(cells, signs, strict=True):
        blank = np.full((height, 0 if sign == " " else side, *cell.shape[2:]), 255, "uint8")
        for line in {"+": (0,), "-": (0,), "=": (-2, 2), " ": ()}[sign]:
            top = middle + line * bar - bar // 2
            blank[top : top + bar, low:high] = 60
        if sign == "+":
            left = side // 2 - bar // 2
            blank[middle - (high - low) // 2 : middle + (high - low) // 2, left : left + bar] = 60
        row += [blank, cell]
    return Image.fromarray(np.concatenate(row, 1))


def picture(image: np.ndarray) -> Image.Image:
    """Convert one image of shape (height, width, channels) in [-1, 1], with 1 or 3 channels."""
    return _from_uint8(to_uint8(image))


def save(picture: Image.Image, path: str | os.PathLike) -> None:
    """Write an image file atomically."""
    with files.replacing(path) as temporary:
        picture.save(temporary)


def check_images(name: str, images: Any) -> np.ndarray:
    """Return images (n, h, w, c) as uint8 or finite floats.

    Raises:
        ValueError: The array is empty, has another shape or type, or is not finite.
    """
    images = np.asarray(images)
    if images.ndim != 4 or len(images) == 0 or images.dtype.kind not in "fu":
        raise ValueError(
            f"Argument `{name}` must be one or more images (n, h, w, c), floats in [-1, 1] or uint8. "
            f"Received: shape {images.shape}, dtype {images.dtype}."
        )
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise ValueError(
            f"Argument `{name}` must be finite. Received: NaN or infinity. The generator's weights may "
            "have become NaN: plot the losses with `keras_gan_zoo.plots.history`."
        )
    return images if images.dtype.kind == "f" else images.astype("uint8", copy=False)


def _from_uint8(pixels):
    return Image.fromarray(pixels if pixels.shape[-1] == 3 else pixels[..., 0])
