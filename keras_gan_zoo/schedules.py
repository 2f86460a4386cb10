"""Schedules: values that depend on the training step, for optimizers, penalties and averages."""

import math
from typing import Any

import keras
from keras import ops

from keras_gan_zoo.utils import checks

Schedule = keras.optimizers.schedules.LearningRateSchedule


def get(name: str, value: Any) -> float | Schedule:
    """Return a value that may be a schedule, after a check.

    Args:
        name: of the argument, for the message.
        value: a schedule, or a finite number of at least 0.

    Raises:
        ValueError: any other value.
    """
    return value if isinstance(value, Schedule) else checks.non_negative(name, value)


def at(value: float | Schedule, step) -> Any:
    """Value at a training step: a float32 scalar for a schedule, else `value` itself.

    Args:
        value: a number or a schedule.
        step: scalar, the number of steps so far.
    """
    return ops.cast(value(step), "float32") if isinstance(value, Schedule) else value


def serialize(value: Any) -> Any:
    """Config of a schedule; other values unchanged.

    Args:
        value: a schedule or any other value.
    """
    return keras.saving.serialize_keras_object(value) if isinstance(value, Schedule) else value


def deserialize(value: Any) -> Any:
    """Inverse of `serialize`.

    Args:
        value: what `serialize` returned.
    """
    return keras.saving.deserialize_keras_object(value) if isinstance(value, dict) else value


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Cosine(Schedule):
    """Cosine annealing from one value to another, then constant.

    After Loshchilov and Hutter 2016 (arXiv 1608.03983), without restarts. Unlike
    `keras.optimizers.schedules.CosineDecay`, it takes both values directly; `start` may be 0, and `end`
    may be larger. Calling the schedule with a step, a scalar or a variable, returns a float32 scalar.

    Args:
        start: value at step 0, a finite number.
        end: value from step `steps` on, a finite number.
        steps: duration of the change in steps, a positive integer.

    Raises:
        ValueError: a value is not a finite number, or `steps` is not a positive integer.
    """

    def __init__(self, start: float, end: float, steps: int):
        super().__init__()
        self.start = checks.finite("start", start)
        self.end = checks.finite("end", end)
        self.steps = checks.positive_integer("steps", steps)

    def __call__(self, step):
        progress = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        share = 0.5 - 0.5 * ops.cos(math.pi * progress)
        return self.start + (self.end - self.start) * share

    def get_config(self):
        return {"start": self.start, "end": self.end, "steps": self.steps}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Linear(Schedule):
    """Linear change from one value to another, constant before and after.

    Calling the schedule with a step, a scalar or a variable, returns a float32 scalar.

    Args:
        start: value until step `wait`, a finite number.
        end: value from step `wait + steps` on, a finite number.
        steps: duration of the change in steps, a positive integer.
        wait: number of steps before the change, a non-negative integer. Defaults to 0.

    Raises:
        ValueError: a value is not a finite number, or `steps` or `wait` is not such an integer.
    """

    def __init__(self, start: float, end: float, steps: int, wait: int = 0):
        super().__init__()
        self.start = checks.finite("start", start)
        self.end = checks.finite("end", end)
        self.steps = checks.positive_integer("steps", steps)
        self.wait = checks.non_negative_integer("wait", wait)

    def __call__(self, step):
        progress = ops.clip((ops.cast(step, "float32") - self.wait) / self.steps, 0.0, 1.0)
        return self.start + (self.end - self.start) * progress

    def get_config(self):
        return {"start": self.start, "end": self.end, "steps": self.steps, "wait": self.wait}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class HalfLife:
    """Half-life of a moving average in images, for `compile(ema=HalfLife(10_000))`.

    Unlike a decay per step, it means the same with any batch size: after `images` images, the share of
    old weights in the average has halved. The half-life grows with the number of images that the model
    has seen, up to `images`, so that the initial weights do not stay in the average (Karras et al.
    2020, arXiv 2006.06676).

    Args:
        images: half-life in images, a positive integer, such as 10,000, the value of StyleGAN2-ADA
            for batches of 32.
        rampup: share of the images seen so far that the half-life does not exceed, a positive number.
            Defaults to 0.05.

    Raises:
        ValueError: `images` is not a positive integer or `rampup` not a positive number.
    """

    def __init__(self, images: int, rampup: float = 0.05):
        self.images = checks.positive_integer("images", images)
        self.rampup = checks.positive("rampup", rampup)

    def decay(self, step, batch_size) -> Any:
        """Return the decay of step `step`, counted from 1, a float32 scalar in [0, 1)."""
        batch = ops.cast(batch_size, "float32")
        seen = ops.cast(step, "float32") * batch
        return ops.power(0.5, batch / ops.minimum(float(self.images), self.rampup * seen))

    def get_config(self):
        return {"images": self.images, "rampup": self.rampup}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
