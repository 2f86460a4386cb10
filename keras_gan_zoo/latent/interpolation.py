"""From one latent to another."""

import numpy as np

from keras_gan_zoo.utils import checks


def linear(start, end, steps: int) -> np.ndarray:
    """Points on the straight line from `start` to `end`, evenly spaced.

    In the middle they are shorter than normal latents ever are; `spherical` keeps the length.

    Args:
        start, end: latents (d,) or (n, d); either may be a single one for all.
        steps: how many points, 2 or more; the first is `start` and the last `end`, exactly.

    Returns:
        Array (steps, d) or (n, steps, d), float32 or, where the latents are, float64.

    Raises:
        ValueError: shapes that do not fit, values that are not finite, or fewer than 2 steps.
    """
    return _stepwise("linear", start, end, steps)


def spherical(start, end, steps: int) -> np.ndarray:
    """Points on the arc from `start` to `end`, evenly spaced (slerp; Shoemake 1985, White 2016, arXiv
    1609.04468).

    The direction turns by the same angle at each step, the length changes evenly: two latents of the
    same length have only such between them. Opposite ones are joined by one of the many half circles,
    always the same; a latent of length 0 has the direction of the other.

    Args, Returns, Raises: as of `linear`.
    """
    return _stepwise("spherical", start, end, steps)


def _stepwise(method, start, end, steps):
    steps = at_least_two("steps", steps)
    start, end = np.broadcast_arrays(*_checked(start, end))
    return between(method, start[..., None, :], end[..., None, :], np.linspace(0.0, 1.0, steps))


def at_least_two(name: str, value) -> int:
    """`value` as an int, if it is one from 2 on."""
    if checks.positive_integer(name, value) < 2:
        raise ValueError(f"Argument `{name}` must be 2 or more: both ends count. Received: {value}.")
    return int(value)


def _checked(start, end):
    start, end = (np.asarray(latents) for latents in (start, end))
    shapes = start.shape, end.shape
    known = all(a.ndim in (1, 2) and a.dtype.kind in "fiu" for a in (start, end))
    if (
        not known
        or shapes[0][-1] != shapes[1][-1]
        or (start.ndim == end.ndim and shapes[0] != shapes[1])
    ):
        raise ValueError(
            "Arguments `start` and `end` must be latents (d,) or (n, d) of the same d and n. Received: "
            f"shapes {shapes[0]} and {shapes[1]}, of {start.dtype} and {end.dtype}."
        )
    for name, latents in (("start", start), ("end", end)):
        if not np.isfinite(latents).all():
            raise ValueError(f"Argument `{name}` must be finite. Received: NaN or infinity in it.")
    return start, end


def between(method: str, start: np.ndarray, end: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Points at the shares `t` of the way, which are `start` and `end` themselves at 0 and 1.

    Args:
        method: `"linear"` or `"spherical"`.
        start, end: (..., d).
        t: (...), in [0, 1].
    """
    method = checks.one_of("method", method, tuple(METHODS))
    dtype = np.result_type(start, end, "float32")
    t = np.asarray(t, "float64")[..., None]
    found = METHODS[method](start.astype("float64"), end.astype("float64"), t)
    return np.where(t == 0.0, start, np.where(t == 1.0, end, found)).astype(dtype)


def _line(start, end, t):
    return (1.0 - t) * start + t * end


def _arc(start, end, t):
    lengths = [np.linalg.norm(latents, axis=-1, keepdims=True) for latents in (start, end)]
    first, last = (_divided(*pair) for pair in zip((start, end), lengths, strict=True))
    first = np.where(lengths[0] > 0.0, first, last)
    last = np.where(lengths[1] > 0.0, last, first)
    across = _perpendicular(last, first)
    sine, cosine = _dot(last, across), _dot(last, first)
    angle = t * np.arctan2(sine, cosine)  # accurate for parallel and for opposite ones, too
    return _line(*lengths, t) * (np.cos(angle) * first + np.sin(angle) * across)


def _perpendicular(vector, unit):
    """What of `vector` is at right angles to `unit`, with length 1; where nothing is, any such."""
    axis = np.eye(unit.shape[-1])[np.abs(unit).argmin(-1)]
    found = _without(vector, unit)
    found = np.where(np.linalg.norm(found, axis=-1, keepdims=True) > 1e-9, found, _without(axis, unit))
    found = _without(_divided(found, np.linalg.norm(found, axis=-1, keepdims=True)), unit)
    return _divided(found, np.linalg.norm(found, axis=-1, keepdims=True))


def _without(vector, unit):
    return vector - _dot(vector, unit) * unit


def _dot(left, right):
    return (left * right).sum(-1, keepdims=True)


def _divided(vector, length):
    """The vector with length 1, or 0 where its length is 0."""
    return vector / np.where(length > 0.0, length, 1.0)


METHODS = {"linear": _line, "spherical": _arc}
