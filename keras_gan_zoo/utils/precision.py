"""Minimum precision of sums, squares and products, as float16 overflows at 65504; finite numbers."""

import keras
import numpy as np
from keras import ops


def at_least_float32(x):
    """Cast `x` to float32, unless it is float64."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def is_finite(variable: keras.Variable) -> bool:
    """Return whether all values of a variable are finite."""
    return bool(np.isfinite(ops.convert_to_numpy(variable)).all())
