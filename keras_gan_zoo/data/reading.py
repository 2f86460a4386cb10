"""Options and result of the readers, and the argument checks that all loaders share."""

from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.messages import warn
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.checks import integer

ASPECTS = ("stretch", "crop", "pad")

Size = tuple[int, int] | None


class Source(NamedTuple):
    """Images of a source, with their labels.

    Args:
        images: `(n, h, w, c)`, uint8 in 0..255 or float32 in [-1, 1].
        labels: Integers `(n,)`, or `None`.
        class_names: Names of the labels 0, 1, ..., or `None`.
        num_classes: Number of classes of the whole source, of which a subset may lack some, or `None`.
        label_error: Why existing labels cannot be used, or `None`.
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None
    num_classes: int | None = None
    label_error: str | None = None


class ReadOptions(NamedTuple):
    """Options of every reader.

    Args:
        size: (height, width) in pixels, or `None` to keep the size.
        split: Name of the split.
        channels: 1, 3 or `None` to keep the number of channels of the source.
        samples: Maximum number of images. `None` for all.
        aspect: Fit of images of another shape to `size`, one of `ASPECTS`.
    """

    size: Size = None
    split: str = "train"
    channels: int | None = None
    samples: int | None = None
    aspect: str = "stretch"


def read_options(image_size: Any, split: str, channels: Any, samples: Any, aspect: Any) -> ReadOptions:
    """Check the arguments of a loader, except `split`, whose rule depends on the source."""
    size = check_image_size(image_size)
    return ReadOptions(
        size,
        split,
        check_channels(channels),
        None if samples is None else checks.positive_integer("samples", samples),
        check_aspect(aspect, size),
    )


def check_image_size(value: Any, name: str = "image_size") -> Size:
    """Return the argument `name` as (height, width), or `None`."""
    if value is None:
        return None
    number = integer(value)
    pair = (number, number) if number is not None else value
    if isinstance(pair, (tuple, list)) and len(pair) == 2:
        height, width = (integer(side) for side in pair)
        if height is not None and width is not None and min(height, width) > 0:
            return height, width
    raise ValueError(
        f"Argument `{name}` must be a positive integer, a pair (height, width) of them, or None. "
        f"Received: {name}={value!r}. Pass for example {name}=64 or (64, 96)."
    )


def check_aspect(value: Any, size: Size) -> str:
    """Return `aspect`, one of `ASPECTS`."""
    checks.one_of("aspect", value, ASPECTS)
    if size is None and value != "stretch":
        raise ValueError(
            "Argument `image_size` must be given with `aspect`, the fit of images to that size. "
            f"Received: image_size=None, aspect={value!r}. Pass for example image_size=64."
        )
    return value


def check_channels(value: Any) -> int | None:
    """Return `channels`: `None`, 1 or 3."""
    if value is None:
        return None
    number = integer(value)
    if number in (1, 3):
        return number
    raise ValueError(
        f"Argument `channels` must be 1, 3 or None. Received: channels={value!r}. Pass 1 for "
        "grey, 3 for RGB, None to keep the channels of the source."
    )


def check_split(value: Any, source: str, allowed: tuple[str, ...] | None = None) -> str:
    """Return `split`: a non-empty string, and one of `allowed` where the source has fixed splits."""
    if not isinstance(value, str) or not value or (allowed and value not in allowed):
        rule = f"must be one of {list(allowed)} for {source}" if allowed else "must be a name"
        raise ValueError(
            f"Argument `split` {rule}. Received: split={value!r}. Pass a split of {source}, or "
            "load the images of the other split from a separate place."
        )
    return value


def select(count: int, samples: int | None, name: str, unit: str = "images") -> np.ndarray:
    """Return the indices of `samples` evenly spaced items, with a warning if there are fewer.

    Args:
        count: Number of items of the source.
        samples: Argument `samples` of the loader. `None` for all items.
        name, unit: Name of the argument with the source, and plural of its items, for the warning.
    """
    warn_of_fewer(count, samples, name, unit)
    return evenly_spaced(count, samples)


def warn_of_fewer(count: int, samples: int | None, name: str, unit: str = "images") -> None:
    """Warn if a source has fewer items than `samples`, see `select`."""
    if samples is not None and samples > count:
        warn(
            f"Argument `samples` exceeds the number of {unit} in `{name}`. Received: "
            f"samples={samples}, with {count} {unit}. All of them are used."
        )


def different_sizes(first: Size, other: Size, file: str | None = None) -> ValueError:
    """Return the error about images of two sizes without an `image_size`.

    Args:
        first, other: (height, width) of two images.
        file: Name of the file of the other image, if any.
    """
    where = "" if file is None else f", in {file!r},"
    return ValueError(
        "Argument `image_size` must be given when the images differ in size. Received: "
        f"image_size=None, with {first} and{where} {other} (height, width). Pass for example "
        "image_size=64."
    )
