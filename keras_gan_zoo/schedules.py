"""Values that change over training: for learning rates, Adam's `beta_2`, penalties and averages."""

import math
import numbers

import keras
from keras import ops

from keras_gan_zoo import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Cosine(keras.optimizers.schedules.LearningRateSchedule):
    """Half a cosine from one value to another, then constant (Loshchilov and Hutter 2016, arXiv
    1608.03983, without restarts).

    Unlike `keras.optimizers.schedules.CosineDecay`, both values are given as they are, the first may
    be 0, and the second may be the larger one.

    Args:
        start: value at step 0.
        end: value from step `steps` on.
        steps: how many steps the change takes, a positive integer.

    Calling it with a step, a scalar or a variable, gives a float32 scalar.

    Raises:
        ValueError: a value is not finite or no number, or `steps` is no positive integer.
    """

    def __init__(self, start: float, end: float, steps: int):
        super().__init__()
        self.start = _finite("start", start)
        self.end = _finite("end", end)
        self.steps = checks.positive_integer("steps", steps)

    def __call__(self, step):
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        share = 0.5 - 0.5 * ops.cos(math.pi * done)
        return self.start + (self.end - self.start) * share

    def get_config(self):
        return {"start": self.start, "end": self.end, "steps": self.steps}


def _finite(name, value):
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"Argument `{name}` must be a finite number. Received: {name}={value!r}.")
    return float(value)
