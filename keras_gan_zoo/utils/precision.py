"""Minimum precision of sums, squares and products, as float16 overflows at 65504; finite numbers."""

import warnings

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.utils import machine


def at_least_float32(x):
    """Cast `x` to float32, unless it is float64."""
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def is_finite(variable: keras.Variable) -> bool:
    """Return whether all values of a variable are finite."""
    return bool(np.isfinite(ops.convert_to_numpy(variable)).all())


def warn_if_slow(policy: keras.DTypePolicy) -> None:
    """Warn that a processor without bfloat16 units is slow in it."""
    uses_processor = policy.compute_dtype == "bfloat16" and not backend.has_accelerator()
    if uses_processor and machine.lacks_bfloat16():
        warnings.warn(
            f"This processor has no bfloat16 units: {policy.name!r} is slower than 'float32' on it.",
            stacklevel=3,
        )
