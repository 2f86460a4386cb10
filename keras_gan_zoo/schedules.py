"""Values that change with the training step: for optimizers, penalties and moving averages."""

import math
from typing import Any

import keras
from keras import ops

from keras_gan_zoo.utils import checks

Schedule = keras.optimizers.schedules.LearningRateSchedule


def get(name: str, value: Any) -> float | Schedule:
    """`value` if it is a schedule or a number of 0 or more."""
    return value if isinstance(value, Schedule) else checks.non_negative(name, value)


def at(value: float | Schedule, step) -> Any:
    """The number at training step `step`, a float32 scalar for a schedule."""
    return ops.cast(value(step), "float32") if isinstance(value, Schedule) else value


def serialize(value: Any) -> Any:
    """A schedule as a config that `deserialize` reads; anything else as it is."""
    return keras.saving.serialize_keras_object(value) if isinstance(value, Schedule) else value


def deserialize(value: Any) -> Any:
    """What `serialize` was given."""
    return keras.saving.deserialize_keras_object(value) if isinstance(value, dict) else value


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Cosine(Schedule):
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
        self.start = checks.finite("start", start)
        self.end = checks.finite("end", end)
        self.steps = checks.positive_integer("steps", steps)

    def __call__(self, step):
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        share = 0.5 - 0.5 * ops.cos(math.pi * done)
        return self.start + (self.end - self.start) * share

    def get_config(self):
        return {"start": self.start, "end": self.end, "steps": self.steps}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Linear(Schedule):
    """A constant value, then a straight line to another one, then that.

    Args:
        start: value at first.
        end: value at last.
        steps: how many steps the change takes, a positive integer.
        wait: how many steps come before the change.

    Calling it with a step, a scalar or a variable, gives a float32 scalar.

    Raises:
        ValueError: a value is not finite or no number, or a number of steps is none.
    """

    def __init__(self, start: float, end: float, steps: int, wait: int = 0):
        super().__init__()
        self.start = checks.finite("start", start)
        self.end = checks.finite("end", end)
        self.steps = checks.positive_integer("steps", steps)
        self.wait = checks.non_negative_integer("wait", wait)

    def __call__(self, step):
        done = ops.clip((ops.cast(step, "float32") - self.wait) / self.steps, 0.0, 1.0)
        return self.start + (self.end - self.start) * done

    def get_config(self):
        return {"start": self.start, "end": self.end, "steps": self.steps, "wait": self.wait}
