"""Argument checks for the whole package. Errors name the argument, the rule and the received value."""

import math
import numbers
import operator
from typing import Any

# Values that error messages recommend for a positive integer; 1 for other arguments.
_EXAMPLES = {"batch_size": 64, "width": 32, "latent_dim": 100, "num_classes": 10, "samples": 1000}


def integer(value: Any) -> int | None:
    """Return `value` as an int, or None if it is a bool or not an integer."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def positive_integer(name: str, value: Any) -> int:
    """Return `value` as an int; raise ValueError unless it is an integer >= 1."""
    number = integer(value)
    if number is None or number < 1:
        raise ValueError(
            f"Argument `{name}` must be a positive integer. Received: {name}={value!r}. "
            f"Pass for example {name}={_EXAMPLES.get(name, 1)}."
        )
    return number


def optional_positive_integer(name: str, value: Any) -> int | None:
    """Return `value`; raise ValueError unless it is None or a positive integer."""
    return None if value is None else positive_integer(name, value)


def non_negative_integer(name: str, value: Any, example: int = 0) -> int:
    """Return `value` as an int; raise ValueError, with an example, unless it is an integer >= 0."""
    number = integer(value)
    if number is None or number < 0:
        raise ValueError(
            f"Argument `{name}` must be an integer of 0 or more. Received: {name}={value!r}. "
            f"Pass for example {name}={example}."
        )
    return number


def fraction(name: str, value: float) -> float:
    """Return `value` as a float; raise ValueError unless it is in [0, 1]."""
    if not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise ValueError(f"Argument `{name}` must be in [0, 1]. Received: {name}={value!r}.")
    return float(value)


def finite(name: str, value: Any) -> float:
    """Return `value` as a float; raise ValueError unless it is a finite number."""
    if not _is_finite(value):
        raise ValueError(f"Argument `{name}` must be a finite number. Received: {name}={value!r}.")
    return float(value)


def _is_finite(value):
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def non_negative(name: str, value: Any) -> float:
    """Return `value` as a float; raise ValueError unless it is a finite number >= 0."""
    if not _is_finite(value) or value < 0.0:
        raise ValueError(
            f"Argument `{name}` must be a finite number of 0 or more. Received: {name}={value!r}."
        )
    return float(value)


def positive(name: str, value: Any) -> float:
    """Return `value` as a float; raise ValueError unless it is a finite number > 0."""
    if not _is_finite(value) or value <= 0.0:
        raise ValueError(
            f"Argument `{name}` must be a finite number above 0. Received: {name}={value!r}."
        )
    return float(value)


def decay(name: str, value: float | None) -> float | None:
    """Return `value`; raise ValueError unless it is None or in (0, 1)."""
    if value is not None and not 0.0 < value < 1.0:
        raise ValueError(
            f"Argument `{name}` must be None or a number in (0, 1). Received: {name}={value!r}. "
            f"Pass for example {name}=0.999."
        )
    return value


def one_of(name: str, value: Any, allowed) -> Any:
    """Return `value`; raise ValueError unless it is in `allowed`."""
    if value not in allowed:
        known = ", ".join(map(repr, allowed))
        raise ValueError(f"Argument `{name}` must be one of {known}. Received: {name}={value!r}.")
    return value


def known_keys(name: str, given: dict, required, optional=()) -> None:
    """Raise ValueError unless a dict has all required keys and no unknown ones."""
    if not set(required) <= set(given) <= {*required, *optional}:
        known = ", ".join(map(repr, required))
        if optional:
            known += f" and optionally {', '.join(map(repr, optional))}"
        raise ValueError(
            f"Argument `{name}` must be a dict with the terms {known}. Received: {list(given)}."
        )


def image_shape(shape: Any) -> tuple[int, int, int]:
    """Return `shape` as (height, width, channels).

    Raises:
        ValueError: `shape` is not three positive integers, or has the channels first, as (3, 64, 64).
    """
    sides = [integer(side) for side in shape] if isinstance(shape, tuple | list) else []
    if len(sides) != 3 or not all(side and side > 0 for side in sides):
        raise ValueError(
            "Argument `image_shape` must be (height, width, channels), three positive integers, such "
            f"as (64, 64, 3). Received: image_shape={shape!r}."
        )
    if sides[0] in (1, 3) and min(sides[1:]) >= 8:
        raise ValueError(
            "Argument `image_shape` must be (height, width, channels). Received: image_shape="
            f"{tuple(sides)}, with the channels first. Pass image_shape={(*sides[1:], sides[0])}, and "
            "convert images with `np.moveaxis(images, 1, -1)`."
        )
    return tuple(sides)


def known_sides(shape) -> None:
    """Raise ValueError unless inputs of a layer are (batch, height, width, channels) of fixed size."""
    if len(shape) != 4 or None in shape[1:]:
        raise ValueError(
            "Inputs must be (batch, height, width, channels) of fixed size, such as (None, 8, 8, "
            f"64). Received: shape {tuple(shape)}."
        )


def even_sides(shape) -> None:
    """Raise ValueError unless inputs of a layer are (batch, height, width, channels) of even size."""
    known_sides(shape)
    if shape[1] % 2 or shape[2] % 2:
        raise ValueError(
            "Inputs must have even sides to be downsampled. Received: shape "
            f"{tuple(shape)}. `keras.layers.ZeroPadding2D` can add a row or a column."
        )


def named(value: Any, kind: type, known: dict[str, type], what: str, module: str) -> Any:
    """Return `value` if it is a `kind` object, else a new object of the class with this name.

    Args:
        value: a name or an object.
        kind: base class of the objects.
        known: classes by name.
        what: description of an object with its article, such as `"A penalty"`, for messages.
        module: module of the classes, such as `"penalties"`, for messages.

    Raises:
        ValueError: an unknown name; the message lists the known ones.
        TypeError: neither a name nor an object of the kind.
    """
    if isinstance(value, kind):
        return value
    names = ", ".join(map(repr, known))
    if not isinstance(value, str):
        raise TypeError(
            f"{what} must be one of {names} or an object of `keras_gan_zoo.{module}`. "
            f"Received: {value!r} (of type {type(value).__name__})."
        )
    if value not in known:
        _, noun = what.split(" ", 1)
        raise ValueError(f"Unknown {noun}. Received: {value!r}. Known: {names}.")
    return known[value]()
