"""Argument checks that the whole package shares: an error names the rule, what came, the way out."""

import math
import numbers
import operator
from typing import Any


def integer(value: Any) -> int | None:
    """`value` as an int, or None when it is no whole number (or a bool)."""
    if isinstance(value, bool) or type(value).__name__ == "bool":
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def positive_integer(name: str, value: Any) -> int:
    """`value` as an int, if it is one from 1 on."""
    number = integer(value)
    if number is None or number < 1:
        raise ValueError(
            f"Argument `{name}` must be a positive integer. Received: {name}={value!r}. "
            f"Pass for example {name}=32."
        )
    return number


def non_negative_integer(name: str, value: Any) -> int:
    """`value` as an int, if it is one from 0 on."""
    number = integer(value)
    if number is None or number < 0:
        raise ValueError(
            f"Argument `{name}` must be an integer of 0 or more. Received: {name}={value!r}. "
            f"Pass for example {name}=0."
        )
    return number


def fraction(name: str, value: float) -> float:
    """`value` if it is in [0, 1]."""
    if not isinstance(value, int | float) or not 0.0 <= value <= 1.0:
        raise ValueError(f"Argument `{name}` must be in [0, 1]. Received: {name}={value!r}.")
    return float(value)


def finite(name: str, value: Any) -> float:
    """`value` as a float, if it is a finite number."""
    if not _is_finite(value):
        raise ValueError(f"Argument `{name}` must be a finite number. Received: {name}={value!r}.")
    return float(value)


def _is_finite(value):
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def non_negative(name: str, value: Any) -> float:
    """`value` as a float, if it is a finite number of 0 or more."""
    if not _is_finite(value) or value < 0.0:
        raise ValueError(
            f"Argument `{name}` must be a finite number of 0 or more. Received: {name}={value!r}."
        )
    return float(value)


def positive(name: str, value: Any) -> float:
    """`value` as a float, if it is a finite number above 0."""
    if not _is_finite(value) or value <= 0.0:
        raise ValueError(
            f"Argument `{name}` must be a finite number above 0. Received: {name}={value!r}."
        )
    return float(value)


def decay(name: str, value: float | None) -> float | None:
    """`value` if it is None or in (0, 1)."""
    if value is not None and not 0.0 < value < 1.0:
        raise ValueError(
            f"Argument `{name}` must be None or a number in (0, 1). Received: {name}={value!r}. "
            f"Pass for example {name}=0.999."
        )
    return value


def one_of(name: str, value: Any, allowed) -> Any:
    """`value` if it is allowed."""
    if value not in allowed:
        known = ", ".join(map(repr, allowed))
        raise ValueError(f"Argument `{name}` must be one of {known}. Received: {name}={value!r}.")
    return value


def known_keys(name: str, given: dict, required, optional=()) -> None:
    """Refuse a dict that lacks a required key or has one that is not known."""
    if not set(required) <= set(given) <= {*required, *optional}:
        known = ", ".join(map(repr, required))
        if optional:
            known += f" and, if wanted, {', '.join(map(repr, optional))}"
        raise ValueError(
            f"Argument `{name}` must be a dict with the terms {known}. Received: {list(given)}."
        )


def image_shape(shape: Any) -> tuple[int, int, int]:
    """`shape` as three positive integers (height, width, channels)."""
    sides = [integer(side) for side in shape] if isinstance(shape, tuple | list) else []
    if len(sides) != 3 or not all(side and side > 0 for side in sides):
        raise ValueError(
            "Argument `image_shape` must be (height, width, channels), three positive integers, such "
            f"as (64, 64, 3). Received: image_shape={shape!r}."
        )
    return tuple(sides)


def known_sides(shape) -> None:
    """Refuse inputs of a layer that are not (batch, height, width, channels) with known sides."""
    if len(shape) != 4 or None in shape[1:]:
        raise ValueError(
            "Inputs must be (batch, height, width, channels) with known sides, such as (None, 8, 8, "
            f"64). Received: shape {tuple(shape)}."
        )


def even_sides(shape) -> None:
    """Refuse inputs of a layer that are not (batch, height, width, channels) with even sides."""
    known_sides(shape)
    if shape[1] % 2 or shape[2] % 2:
        raise ValueError(
            "Inputs must have even sides to be halved. Received: shape "
            f"{tuple(shape)}. `keras.layers.ZeroPadding2D` can add a row or a column."
        )


def named(value: Any, kind: type, known: dict[str, type], what: str, module: str) -> Any:
    """`value` if it is of the kind, or an object of the class that is known by this name.

    Args:
        value: a name or an object.
        kind: base class of such objects.
        known: classes by name.
        what: what the objects are, with an article, such as `"A penalty"`, for the messages.
        module: where their classes are, such as `"penalties"`.

    Raises:
        ValueError: the name is unknown; the message lists the known ones.
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
