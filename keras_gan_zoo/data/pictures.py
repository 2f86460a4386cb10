"""Pillow conversions: pictures of any mode to 8-bit grey or RGB of one size, and arrays likewise."""

import contextlib
import math
import os
import stat
import threading
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

from keras_gan_zoo.data.messages import warn
from keras_gan_zoo.data.reading import Size, check_channels, check_image_size
from keras_gan_zoo.utils import checks

_FILTER = Image.Resampling.BICUBIC
_GREY = np.array([0.299, 0.587, 0.114], "float32")

LIMIT_VARIABLE = "KERAS_GAN_ZOO_MAX_PIXELS"
_LARGE = 2**24  # pixels; threads decode larger pictures one after the other, which bounds the memory
_one_large = threading.Lock()


def _set_limit(value: str | None) -> None:
    """Set Pillow's limit, which is the limit of this package, to the value of `LIMIT_VARIABLE`."""
    if value is not None:
        number = int(value) if value.isdecimal() else value
        Image.MAX_IMAGE_PIXELS = checks.positive_integer(LIMIT_VARIABLE, number)


_set_limit(os.environ.get(LIMIT_VARIABLE))


class Transparency:
    """Thread-safe counts of pictures with transparent pixels, for one warning about all of them."""

    def __init__(self):
        self.pictures = self.empty = 0
        self._lock = threading.Lock()

    def add(self, alpha: Image.Image) -> None:
        """Count a picture by its alpha channel, of mode "L"."""
        lowest, highest = alpha.getextrema()
        with self._lock:
            self.pictures += lowest < 255
            self.empty += highest == 0

    def warn(self, total: int) -> None:
        """Warn about the counted pictures, if any, out of `total`."""
        if self.pictures:
            empty = f" ({self.empty} fully transparent: all black)" if self.empty else ""
            warn(
                f"{self.pictures} of {total} pictures have transparent pixels, which are composited "
                f"over black{empty}. For another background, save the pictures without transparency."
            )


@contextlib.contextmanager
def open_picture(path: str | os.PathLike) -> Iterator[Image.Image]:
    """Open a picture file and check its size, before Pillow decodes it. Pillow's errors are not caught.

    Raises:
        ValueError: If the path is no regular file (a pipe would wait for ever), or the picture has more
            pixels than `PIL.Image.MAX_IMAGE_PIXELS`, which `LIMIT_VARIABLE` sets.
    """
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError("it is no regular file")
    with contextlib.ExitStack() as stack:
        try:
            image = stack.enter_context(Image.open(path))
        except Image.DecompressionBombError as error:
            raise ValueError(f"it has too many pixels, see {LIMIT_VARIABLE}") from error
        if image.format == "EPS":
            raise ValueError("it is a PostScript program, which is not run")
        pixels, limit = math.prod(image.size), Image.MAX_IMAGE_PIXELS
        if limit is not None and pixels > limit:
            raise ValueError(f"it has {pixels:,} pixels, more than {limit:,}, see {LIMIT_VARIABLE}")
        if pixels > _LARGE:
            stack.enter_context(_one_large)
        yield image


def read_picture(
    path: str | os.PathLike,
    size: Size,
    channels: int,
    aspect: str = "stretch",
    transparency: Transparency | None = None,
) -> np.ndarray:
    """Read a picture file upright, as uint8 `(h, w, channels)`. For errors see `open_picture`."""
    with open_picture(path) as image:
        if size is not None:
            # JPEG decodes faster at a half, quarter or eighth; stay above twice the final size.
            image.draft(None, (2 * max(size), 2 * max(size)))
        ImageOps.exif_transpose(image, in_place=True)
        return from_pillow(image, size, channels, aspect, transparency)


def picture(
    path: str | os.PathLike, size: int | tuple[int, int] | None = None, channels: int = 3
) -> np.ndarray:
    """Read one picture, upright.

    Any format, size and mode that Pillow reads: grey, palettes, 16 bits. Transparent pixels are
    composited over black, with a warning. Animations give their first frame.

    Args:
        path: A picture file.
        size: Pixels of the longer side, with the aspect ratio kept, or (height, width). `None` keeps
            the size.
        channels: 3 for RGB, 1 for grey.

    Returns:
        float32 array `(height, width, channels)` in [-1, 1].

    Raises:
        ValueError: If an argument breaks its rule, or the file is missing or cannot be read.
    """
    channels = check_channels(channels) or 3
    if size is not None:
        check_image_size(size, "size")
    transparency = Transparency()
    try:
        with open_picture(path) as image:
            ImageOps.exif_transpose(image, in_place=True)
            sides = _sides(image, size) if checks.integer(size) else size
            pixels = from_pillow(image, sides and tuple(sides), channels, transparency=transparency)
    except Exception as error:
        # Pillow's decoders raise errors of any type on broken files.
        reason = "no such file" if isinstance(error, FileNotFoundError) else str(error)[:100]
        raise ValueError(
            f"Argument `path` must be a picture file that can be read. Received: path={str(path)!r} "
            f"({reason}). Check the path, or save the picture again as PNG or JPEG."
        ) from error
    transparency.warn(1)
    return scaled(pixels)


def _sides(image: Image.Image, longer: int) -> tuple[int, int]:
    """Return (height, width) with this longer side and the aspect ratio of the image."""
    scale = longer / max(image.size)
    return max(1, round(image.height * scale)), max(1, round(image.width * scale))


def from_pillow(
    image: Image.Image,
    size: Size,
    channels: int,
    aspect: str = "stretch",
    transparency: Transparency | None = None,
) -> np.ndarray:
    """Convert a Pillow image of any mode to uint8 `(h, w, channels)`, composited over black."""
    if image.mode == "F":
        raise ValueError("floating-point pixels have no known range")
    if image.mode.startswith("I"):
        sixteen_bit = np.clip(np.asarray(image), 0, 65535).astype("uint32")
        image = Image.fromarray(((sixteen_bit + 128) // 257).astype("uint8"))
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        if transparency is not None:
            transparency.add(rgba.getchannel("A"))
        image = Image.alpha_composite(Image.new("RGBA", rgba.size, (0, 0, 0, 255)), rgba)
    mode = "L" if channels == 1 else "RGB"
    image = image if image.mode == mode else image.convert(mode)  # which would copy it
    if size is not None and image.size != size[::-1]:
        image = _fit(image, size[::-1], aspect)
    return np.asarray(image).reshape(image.height, image.width, channels)


def _fit(image: Image.Image, size: tuple[int, int], aspect: str) -> Image.Image:
    """Resize to (width, height). Padding is black."""
    if aspect == "crop":
        return ImageOps.fit(image, size, _FILTER)
    if aspect == "pad":
        return ImageOps.pad(image, size, _FILTER, color=-1 if image.mode == "F" else None)
    return image.resize(size, _FILTER)


def check_images(images: np.ndarray, name: str = "images") -> np.ndarray:
    """Return images as uint8 or float32 `(n, h, w, c)`.

    Args:
        images: `(n, h, w)` or `(n, h, w, c)` with c 1 or 3; uint8 in 0..255, or a float type
            with values in [-1, 1].
        name: Name of the argument, for the messages.

    Raises:
        ValueError: If the shape, the type or the range is another one.
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
            "filter that selected them."
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
    # Written so that NaN fails; the tolerance is for rounding.
    if not (low >= -1.001 and high <= 1.001):
        raise ValueError(
            f"Argument `{name}` must hold finite values in [-1, 1] when it is float. Received: "
            f"values from {low:g} to {high:g}. For 0..255 pass uint8, for 0..1 pass images * 2 - 1."
        )
    return images


def scaled(images: np.ndarray) -> np.ndarray:
    """Return uint8 images as float32 in [-1, 1], and float images unchanged."""
    if images.dtype != np.uint8:
        return images
    images = np.divide(images, np.float32(127.5), dtype="float32")
    images -= 1
    return images


def adapt(images: np.ndarray, size: Size, channels: int | None, aspect: str = "stretch") -> np.ndarray:
    """Resize (antialiased) and convert images `(n, h, w, c)` where they differ; keep the dtype."""
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
    """Resize `(h, w, c)` into `target`; floats plane by plane, as Pillow has no float RGB.

    Args:
        image: uint8, or float32 in [-1, 1].
        target: Array of the same type and channels, which is overwritten.
        box: (left, top, right, bottom), the part of `image` that fills `target`. `None` for all.
        aspect: Fit of `image` to the shape of `target` without a box, one of `ASPECTS`.
    """
    size = target.shape[1::-1]

    def resized(picture: Image.Image) -> Image.Image:
        return _fit(picture, size, aspect) if box is None else picture.resize(size, _FILTER, box)

    if image.dtype == np.uint8:
        picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
        target[...] = np.asarray(resized(picture)).reshape(target.shape)
        return
    for channel in range(image.shape[-1]):
        plane = Image.fromarray(np.ascontiguousarray(image[..., channel]))
        target[..., channel] = np.clip(resized(plane), -1, 1)
