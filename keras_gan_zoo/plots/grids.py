"""Pictures of many images side by side."""

import math
import os
from collections.abc import Sequence

import numpy as np
from PIL import Image

from keras_gan_zoo.utils import files


def grid(images: np.ndarray, columns: int | None = None, scale: int | None = None) -> Image.Image:
    """Images as one picture, row by row, with a thin gap between them.

    Args:
        images: (n, height, width, channels) in [-1, 1] (values outside are clipped). 1 channel is
            grey, 3 are RGB, of any other number the first is shown.
        columns: images in a row. None: as square as possible.
        scale: each pixel becomes scale x scale. None: 2 for images under 48 pixels, else 1.
    """
    images = levels(images)
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
    return Image.fromarray(canvas if canvas.shape[-1] == 3 else canvas[..., 0])


def equation(images: np.ndarray, signs: str, scale: int | None = None) -> Image.Image:
    """Images in one row with a sign in front of each, such as `" +-="`.

    Args:
        images: (n, height, width, channels), see `grid`.
        signs: n of `+`, `-`, `=` and, for none, a space.
        scale: see `grid`.
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


def levels(images: np.ndarray) -> np.ndarray:
    """Floats in [-1, 1], of any shape and clipped where they lie outside, as uint8 in 0..255."""
    return np.clip(np.rint((np.asarray(images, "float64") + 1.0) * 127.5), 0, 255).astype("uint8")


def picture(image: np.ndarray) -> Image.Image:
    """One image (height, width, channels) in [-1, 1], 1 channel or 3, as it is."""
    pixels = levels(image)
    return Image.fromarray(pixels if pixels.shape[-1] == 3 else pixels[..., 0])


def save(picture: Image.Image, path: str | os.PathLike) -> None:
    """Write a picture; the file appears complete or not at all."""
    with files.replacing(path) as temporary:
        picture.save(temporary)


def save_animation(
    frames: Sequence[str | os.PathLike], path: str | os.PathLike, frame_ms: int, most: int = 120
) -> None:
    """Write pictures from files as an animated GIF that rests on the last one.

    Args:
        frames: paths of pictures of one size.
        path: the GIF to write.
        frame_ms: how long each is shown, in milliseconds.
        most: where there are more frames, so many are taken, evenly spaced.
    """
    chosen = sorted({round(i) for i in np.linspace(0, len(frames) - 1, min(most, len(frames)))})
    pictures = [Image.open(frames[index]).convert("P", palette=Image.ADAPTIVE) for index in chosen]
    durations = [frame_ms] * (len(pictures) - 1) + [max(frame_ms, 2000)]
    with files.replacing(path) as temporary:
        pictures[0].save(
            temporary, save_all=True, append_images=pictures[1:], duration=durations, loop=0
        )
