"""Minimum precision of sums, squares and products: float16 overflows at 65504."""

import keras
from keras import ops


def at_least_float32(x):
    """Cast `x` to float32, unless it is float64."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
