"""Interpolation between latents."""

import numpy as np

from keras_gan_zoo.utils import checks


def linear(start, end, steps: int) -> np.ndarray:
    """Interpolate linearly from `start` to `end`, in even steps.

    Points in the middle are shorter than normal latents; `spherical` keeps the length.

    Args:
        start, end: Latents `(d,)` or `(n, d)`; either may be a single one for all.
        steps: Number of points, 2 or more, including both ends, which are returned exactly.

    Returns:
        Array `(steps, d)` or `(n, steps, d)`, float64 if the latents are, else float32.

    Raises:
        ValueError: If shapes do not match, values are not finite, or there are fewer than 2 steps.
    """
    return _interpolate("linear", start, end, steps)


def spherical(start, end, steps: int) -> np.ndarray:
    """Interpolate on the arc from `start` to `end`, in even steps (slerp; Shoemake 1985, White 2016,
    arXiv 1609.04468).

    Angle and length change evenly, so all points between two latents of the same length have this
    length. Opposite latents are joined by an arbitrary but deterministic half circle; a latent of
    length 0 gets the direction of the other.

    Args:
        start, end: See `linear`.
        steps: See `linear`.

    Returns:
        Array of points, see `linear`.

    Raises:
        ValueError: See `linear`.
    """
    return _interpolate("spherical", start, end, steps)


def _interpolate(method, start, end, steps):
    steps = at_least_two("steps", steps)
    start, end = np.broadcast_arrays(*_check_ends(start, end))
    return between(method, start[..., None, :], end[..., None, :], np.linspace(0.0, 1.0, steps))


def at_least_two(name: str, value) -> int:
    """Return the argument `name` as an int, if it is an integer of 2 or more."""
    if checks.positive_integer(name, value) < 2:
        raise ValueError(f"Argument `{name}` must be 2 or more: both ends count. Received: {value}.")
    return int(value)


def _check_ends(start, end):
    start, end = (np.asarray(latents) for latents in (start, end))
    shapes = start.shape, end.shape
    are_latents = all(a.ndim in (1, 2) and a.dtype.kind in "fiu" for a in (start, end))
    if (
        not are_latents
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
    """Interpolate at the fractions `t`, with exactly `start` at 0 and `end` at 1.

    Args:
        method: `"linear"` or `"spherical"`.
        start, end: `(..., d)`.
        t: `(...)`, in [0, 1].
    """
    method = checks.one_of("method", method, tuple(METHODS))
    dtype = np.result_type(start, end, "float32")
    t = np.asarray(t, "float64")[..., None]
    points = METHODS[method](start.astype("float64"), end.astype("float64"), t)
    return np.where(t == 0.0, start, np.where(t == 1.0, end, points)).astype(dtype)


def _lerp(start, end, t):
    return (1.0 - t) * start + t * end


def _slerp(start, end, t):
    lengths = [np.linalg.norm(latents, axis=-1, keepdims=True) for latents in (start, end)]
    first, last = (_normalized(*pair) for pair in zip((start, end), lengths, strict=True))
    first = np.where(lengths[0] > 0.0, first, last)
    last = np.where(lengths[1] > 0.0, last, first)
    normal = _perpendicular(last, first)
    sine, cosine = _dot(last, normal), _dot(last, first)
    angle = t * np.arctan2(sine, cosine)  # also accurate for parallel and opposite latents
    return _lerp(*lengths, t) * (np.cos(angle) * first + np.sin(angle) * normal)


def _perpendicular(vector, unit):
    """Return the normalized component of `vector` perpendicular to `unit`; if it is 0, any such one."""
    axis = np.eye(unit.shape[-1])[np.abs(unit).argmin(-1)]
    normal = _rejection(vector, unit)
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    normal = np.where(length > 1e-9, normal, _rejection(axis, unit))
    # A second time, against the cancellation of the first.
    normal = _rejection(_normalized(normal, np.linalg.norm(normal, axis=-1, keepdims=True)), unit)
    return _normalized(normal, np.linalg.norm(normal, axis=-1, keepdims=True))


def _rejection(vector, unit):
    return vector - _dot(vector, unit) * unit


def _dot(left, right):
    return (left * right).sum(-1, keepdims=True)


def _normalized(vector, length):
    """Return the vector divided by its length, or 0 where the length is 0."""
    return vector / np.where(length > 0.0, length, 1.0)


METHODS = {"linear": _lerp, "spherical": _slerp}
