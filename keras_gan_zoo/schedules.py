"""Numbers that change with the training step: of optimizers, penalties and moving averages."""

from typing import Any

import keras
from keras import ops

from keras_gan_zoo import checks

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
