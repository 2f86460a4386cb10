"""Handwritten variants of the ten digits: pen strokes on a 6 x 10 grid, as dense points."""

import functools
from typing import NamedTuple

import numpy as np

# Three variants per digit. A pen stroke is a smooth curve through "x,y" points (y points down), strokes
# are separated by "|": a sharp corner is where one stroke ends and the next starts.
_VARIANTS = {
    0: (
        "3,0 1.1,1.2 0,5 1.1,8.8 3,10 4.9,8.8 6,5 4.9,1.2 3,0",
        "4.2,.7 2.3,.3 .7,2.5 .3,6 1.4,9.2 3,9.9 4.8,7.8 5.3,4 4.2,.9 2.4,.1",
        "2.4,0 .9,1.6 .2,5 1,8.7 2.6,10 4.2,8.6 4.8,5 4,1.4 2.4,0",
    ),
    1: (
        "1.2,0 1,5 1,10",
        "0,2.6 1.4,1.5 2.6,0 | 2.6,0 2.6,5 2.5,10",
        "0,2.4 1.2,1.6 2.5,0 | 2.5,0 2.5,10 | .3,10 4.7,10",
    ),
    2: (
        ".3,2.4 1.2,.5 3.2,0 5.2,1 5.4,3.2 3.5,6.2 .2,10 | .2,10 3,9.9 6,10",
        ".3,2 1.6,.2 4,.2 5.2,2 4.6,4.6 2.6,8 .9,9.8 .2,9 1.2,8.3 3,9.3 4.6,10 6,9.2",
        ".1,1.6 1.8,.1 4,.3 5,2 4.3,4.6 2.2,7.6 0,9.6 | 0,9.6 2,9 4,9.8 5.8,9.6",
    ),
    3: (
        ".3,1.5 2,0 4.4,.4 5.2,2.3 4,4.3 2.2,4.9 | 2.2,4.9 4.6,5.3 6,7.4 4.8,9.5 2.4,10 0,8.6",
        ".4,0 3,0 5.4,0 | 5.4,0 2.5,4.2 | 2.5,4.2 4.8,4.7 5.8,7 4.6,9.4 2.2,10 0,8.8",
        ".2,1 2.4,0 4.6,.9 4.4,3 2,4.8 | 2,4.8 4.6,5.6 5.2,7.8 3.6,9.8 1.6,10 0,9.2",
    ),
    4: (
        ".9,.4 .5,3.5 .2,5.6 | .2,5.6 3,5.8 5.8,5.4 | 4.8,0 4.6,5 4.4,10",
        "4.2,0 2,3.4 0,6.8 | 0,6.8 3,6.9 6,6.8 | 4.2,0 4.3,5 4.2,10",
        "1.3,.6 .3,4.4 | .3,4.4 1.6,5.3 4.6,4.6 | 5,0 4.6,5 3.9,10",
    ),
    5: (
        "5.4,0 3,.1 1,0 | 1,0 .6,4.4 | .6,4.4 2.8,3.6 5.2,4.6 5.8,7 4.6,9.4 2.2,10 0,8.8",
        "5.6,.2 3.2,0 1.4,.3 | 1.4,.3 .7,4.7 | .7,4.7 2.8,4.2 4.7,5.2 5,7.4 3.6,9.6 1.6,10 0,9.2",
        "1.6,.4 .8,4.2 | .8,4.2 3.4,4.2 4.8,6 4.2,8.8 2.2,10 0,9.6 | 1.6,.4 4,.5 6,0",
    ),
    6: (
        "4.6,0 2,2 .3,5.4 .6,8.8 2.8,10 5.2,9 5.6,6.8 4,5.1 2,5.6 .6,7.8",
        "3.2,0 1.2,3 .2,6.6 1,9.4 2.8,10 4.6,9 5,7 3.6,5.4 1.8,6 .6,8.2",
        "2.4,0 .6,4 .3,8 1.8,10 4,9.6 4.8,7.6 3.6,5.9 1.8,6.4 .6,8.2",
    ),
    7: (
        "0,0 3,.1 5.8,0 | 5.8,0 3.8,4.5 2.4,10",
        "0,.2 3,.2 5.6,0 | 5.6,0 3.8,4.4 2.2,10 | 1.4,5 3.4,4.9 5.4,5",
        ".1,1.6 .4,0 | .4,0 3,.3 5.6,.1 | 5.6,.1 3.6,4.6 2.8,10",
    ),
    8: (
        "5,1.5 3,0 1,1.2 1.2,3.2 3,4.7 5.1,6.5 5.3,8.8 3,10 .6,8.8 .8,6.5 3,4.7 4.8,3.2 5,1.5",
        "3,4.5 .9,3.4 .8,1.2 3,0 5.2,1.2 5.1,3.4 3,4.5 | "
        "3,4.5 .6,5.9 .2,8.4 3,10 5.8,8.4 5.4,5.9 3,4.5",
        "5.4,.6 3.4,0 1.4,1.4 2,3.6 4.2,5.8 4.8,8.4 3,10 1,9.2 1.2,7 3.4,4.6 5.2,2.4 5.4,.6",
    ),
    9: (
        "5.2,2 3.6,0 1.4,.4 .2,2.6 1,4.8 3,5 4.8,3.6 5.2,2 | 5.3,1.2 5.2,5 4.6,10",
        "5.3,2.2 3.8,.1 1.6,.3 .4,2.4 1.2,4.5 3.2,4.7 5.2,2.4 | 5.3,1.6 5.6,5.6 4.6,8.8 2.6,10 .6,9.2",
        "4.6,.8 2.4,0 .4,1.8 .6,4.2 2.4,5 4.4,3.4 4.7,.8 | 4.7,.8 4,5.6 2.8,10",
    ),
}
_SPACING = 0.35  # of neighbouring points, in grid units


class StrokeVariant(NamedTuple):
    """Variant of a digit: its label, and points (p, 2) in grid units along the pen's path."""

    label: int
    points: np.ndarray


def _curve(knots: np.ndarray) -> np.ndarray:
    """Return points (m, 2) about `_SPACING` apart on the Catmull-Rom curve through `knots`."""
    padded = np.concatenate([2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]])
    closed = len(knots) > 2 and np.allclose(knots[0], knots[-1])
    if closed:
        padded[0], padded[-1] = knots[-2], knots[1]
    a, b, c, d = (padded[i : len(padded) - 3 + i, None] for i in range(4))
    t = np.linspace(0, 1, 24, endpoint=False)[None, :, None]
    dense = b + (c - a) / 2 * t + (a - 2.5 * b + 2 * c - d / 2) * t**2
    dense = dense + ((d - a) / 2 + 1.5 * (b - c)) * t**3
    dense = np.concatenate([dense.reshape(-1, 2), knots[-1:]])
    length = np.r_[0, np.cumsum(np.hypot(*np.diff(dense, axis=0).T))]
    even = np.linspace(0, length[-1], max(2, round(length[-1] / _SPACING) + 1))
    return np.stack([np.interp(even, length, dense[:, axis]) for axis in (0, 1)], axis=1)


@functools.cache
def stroke_variants() -> tuple[StrokeVariant, ...]:
    """Return all variants, in the order of the digits, with read-only arrays."""
    result = []
    for label, texts in _VARIANTS.items():
        for text in texts:
            strokes = [
                np.array([knot.split(",") for knot in stroke.split()], dtype="float64")
                for stroke in text.split("|")
            ]
            points = np.concatenate([_curve(stroke) for stroke in strokes])
            points.setflags(write=False)
            result.append(StrokeVariant(label, points))
    return tuple(result)
