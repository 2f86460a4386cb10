"""Pillow conversions: any picture to 8-bit grey or RGB of a size, and whole arrays likewise."""

import os
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from keras_gan_zoo.data import arguments
from keras_gan_zoo.utils import checks

_FILTER = Image.Resampling.BICUBIC
_GREY = np.array([0.299, 0.587, 0.114], "float32")


class Source(NamedTuple):
    """What a reader hands to `load`.

    Args:
        images: `(n, h, w, c)`, uint8 0..255 or float32 in [-1, 1].
        labels: Integers `(n,)` or None.
        class_names: Names of the labels 0, 1, ... or None.
        num_classes: How many classes the source has, which a subset may not show, or None.
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None
    num_classes: int | None = None


def read_picture(
    path: str | os.PathLike, size: tuple[int, int] | None, channels: int, aspect: str = "stretch"
) -> np.ndarray:
    """Reads a picture file upright, as uint8 `(h, w, channels)`; raises what Pillow raises."""
    with Image.open(path) as image:
        if size is not None:
            # JPEG decodes faster at a half, quarter or eighth; stay above twice what is wanted.
            image.draft(None, (2 * max(size), 2 * max(size)))
        return from_pillow(ImageOps.exif_transpose(image), size, channels, aspect)


def picture(
    path: str | os.PathLike, size: int | tuple[int, int] | None = None, channels: int = 3
) -> np.ndarray:
    """Reads one picture, upright: float32 `(height, width, channels)` in [-1, 1].

    Any format, size and mode that Pillow knows: grey, palettes, 16 bits; transparent parts are black,
    of an animation the first frame is taken.

    Args:
        path: A picture file.
        size: Pixels of the longer side, the other one keeps the aspect ratio; or (height, width). None
            keeps the size.
        channels: 3 for RGB, 1 for grey.

    Raises:
        ValueError: If an argument breaks its rule, or the file is missing or cannot be read.
    """
    channels = arguments.channels(channels) or 3
    if size is not None:
        arguments.image_size(size)
    try:
        with Image.open(path) as image:
            image = ImageOps.exif_transpose(image)
            sides = _sides(image, size) if checks.integer(size) else size
            return scaled(from_pillow(image, sides and tuple(sides), channels))
    except Exception as error:
        # Pillow's decoders raise whatever a broken file makes them run into.
        why = "no such file" if isinstance(error, FileNotFoundError) else str(error)[:100]
        raise ValueError(
            f"Argument `path` must be a picture file that can be read. Received: path={str(path)!r} "
            f"({why}). Check the path, or open the picture and save it anew, as PNG or JPEG."
        ) from error


def _sides(image: Image.Image, longer: int) -> tuple[int, int]:
    """Returns (height, width) of this aspect ratio."""
    scale = longer / max(image.size)
    return max(1, round(image.height * scale)), max(1, round(image.width * scale))


def from_pillow(
    image: Image.Image, size: tuple[int, int] | None, channels: int, aspect: str = "stretch"
) -> np.ndarray:
    """Turns a Pillow image of any mode into uint8 `(h, w, channels)`; alpha goes onto black."""
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    if image.mode.startswith("I"):
        wide = np.asarray(image).astype("float64") / 257
        image = Image.fromarray(np.clip(np.rint(wide), 0, 255).astype("uint8"))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba)
    image = image.convert("L" if channels == 1 else "RGB")
    if size is not None and image.size != size[::-1]:
        image = _fitted(image, size[::-1], aspect)
    return np.asarray(image).reshape(image.height, image.width, channels)


def _fitted(image: Image.Image, size: tuple[int, int], aspect: str) -> Image.Image:
    """Resizes to (width, height); what `aspect` pads is black."""
    if aspect == "crop":
        return ImageOps.fit(image, size, _FILTER)
    if aspect == "pad":
        return ImageOps.pad(image, size, _FILTER, color=-1 if image.mode == "F" else None)
    return image.resize(size, _FILTER)


def check_images(images: np.ndarray, name: str = "images") -> np.ndarray:
    """Returns images as `(n, h, w, c)` uint8 or float32, or raises what is wrong with them.

    Args:
        images: `(n, h, w)` or `(n, h, w, c)` with c 1 or 3; uint8 in 0..255, or a float type
            with values in [-1, 1].
        name: What the argument is called that they came in, for the messages.
    """
    images = np.asarray(images)
    received = f"Received: shape {images.shape}, dtype {images.dtype}"
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise ValueError(
            f"Argument `{name}` must have shape (n, height, width) or (n, height, width, channels) "
            f"with 1 or 3 channels. {received}. Reshape it; channels go last (np.moveaxis)."
        )
    if len(images) == 0:
        raise ValueError(
            f"Argument `{name}` must hold at least one image. {received}. Check the path or the "
            "filter that picked them."
        )
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise ValueError(
            f"Argument `{name}` must be uint8 (0..255) or float (-1..1). {received}. "
            'Use images.astype("uint8") when the values are 0..255.'
        )
    images = images.astype("float32", copy=False)
    low, high = (float(images.min()), float(images.max())) if images.size else (0.0, 0.0)
    # NaN fails this comparison too; the slack is for rounding.
    if not (low >= -1.001 and high <= 1.001):
        raise ValueError(
            f"Argument `{name}` must hold finite values in [-1, 1] when it is float. Received: "
            f"values from {low:g} to {high:g}. For 0..255 pass uint8, for 0..1 pass images * 2 - 1."
        )
    return images


def scaled(images: np.ndarray) -> np.ndarray:
    """Returns uint8 images as float32 in [-1, 1], and float images as they are."""
    if images.dtype != np.uint8:
        return images
    images = np.divide(images, np.float32(127.5), dtype="float32")
    images -= 1
    return images


def adapt(
    images: np.ndarray, size: tuple[int, int] | None, channels: int | None, aspect: str = "stretch"
) -> np.ndarray:
    """Resizes (antialiased) and converts images `(n, h, w, c)` where they differ; keeps dtype."""
    if size is not None and images.shape[1:3] != size:
        resized = np.empty((len(images), *size, images.shape[-1]), images.dtype)
        for image, target in zip(images, resized, strict=True):
            resize(image, target, aspect=aspect)
        images = resized
    if channels in (None, images.shape[-1]):
        return images
    if channels == 3:
        return np.repeat(images, 3, axis=-1)
    grey = np.empty((*images.shape[:3], 1), images.dtype)
    for image, target in zip(images, grey, strict=True):
        if images.dtype == np.uint8:
            target[..., 0] = Image.fromarray(image).convert("L")
        else:
            target[..., 0] = image @ _GREY
    return grey


def resize(
    image: np.ndarray,
    target: np.ndarray,
    box: tuple[float, float, float, float] | None = None,
    aspect: str = "stretch",
) -> None:
    """Resizes `(h, w, c)` into `target`; floats plane by plane, as Pillow has no float RGB.

    Args:
        image: uint8, or float32 in [-1, 1].
        target: Of the same type and channels.
        box: (left, top, right, bottom), the part of `image` that fills `target`; None means all.
        aspect: Without a box, how it becomes `target`'s shape, one of `arguments.ASPECTS`.
    """
    size = target.shape[1::-1]

    def resized(picture: Image.Image) -> Image.Image:
        return _fitted(picture, size, aspect) if box is None else picture.resize(size, _FILTER, box)

    if image.dtype == np.uint8:
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        target[...] = np.asarray(resized(picture)).reshape(target.shape)
        return
    for channel in range(image.shape[-1]):
        plane = Image.fromarray(np.ascontiguousarray(image[..., channel]))
        target[..., channel] = np.clip(resized(plane), -1, 1)
