"""Argument checks of the loaders."""

from typing import Any

import numpy as np

from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.checks import integer

ASPECTS = ("stretch", "crop", "pad")


def image_size(value: Any) -> tuple[int, int] | None:
    """Returns `image_size` as (height, width), or None for "as it is"."""
    if value is None:
        return None
    number = integer(value)
    pair = (number, number) if number is not None else value
    if isinstance(pair, (tuple, list)) and len(pair) == 2:
        height, width = (integer(side) for side in pair)
        if height is not None and width is not None and min(height, width) > 0:
            return height, width
    raise ValueError(
        "Argument `image_size` must be a positive integer, a pair (height, width) of them, or "
        f"None. Received: image_size={value!r}. Pass for example image_size=64 or (64, 96)."
    )


def aspect(value: Any, size: tuple[int, int] | None) -> str:
    """Returns `aspect`, one of `ASPECTS`."""
    checks.one_of("aspect", value, ASPECTS)
    if size is None and value != "stretch":
        raise ValueError(
            "Argument `image_size` must be given with `aspect`, which says how images get to "
            f"that size. Received: image_size=None, aspect={value!r}. Pass for example image_size=64."
        )
    return value


def channels(value: Any) -> int | None:
    """Returns `channels`: None, 1 or 3."""
    if value is None:
        return None
    number = integer(value)
    if number in (1, 3):
        return number
    raise ValueError(
        f"Argument `channels` must be 1, 3 or None. Received: channels={value!r}. Pass 1 for "
        "grey, 3 for RGB, None to keep what the source has."
    )


def split(value: Any, source: str, known: tuple[str, ...] | None = None) -> str:
    """Returns `split`: a non-empty string, and one of `known` where the source has fixed ones."""
    if not isinstance(value, str) or not value or (known and value not in known):
        rule = f"must be one of {list(known)} for {source}" if known else "must be a name"
        raise ValueError(
            f"Argument `split` {rule}. Received: split={value!r}. Pass one that {source} has, or "
            "load the images of the other split from a place of their own."
        )
    return value


def spread(count: int, samples: int | None) -> np.ndarray:
    """Returns at most `samples` indices, evenly spaced over `count`: sorted sources keep a mix."""
    if samples is None or samples >= count:
        return np.arange(count)
    return np.arange(samples) * count // samples
