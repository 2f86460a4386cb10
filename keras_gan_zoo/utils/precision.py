"""What is summed, squared or scaled is so in float32 at least: float16 overflows at 65504."""

import keras
from keras import ops


def at_least_float32(x):
    """The tensor `x` in float32, or as it is if it is of float64."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))
