"""In-memory checkpoint of a model in training."""

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend


class InMemoryCheckpoint:
    """Copy of the weights, moving averages, optimizer states and seeds of a model.

    Knobs and learning rates are not part of it: callbacks set them, and a lower learning rate must
    persist when the weights are restored. Neither are the metrics of the running epoch.

    Args:
        model: a compiled model.
        counters: whether the copy includes step counters and seeds. Without them, training does not
            repeat its steps after `restore`.

    Attributes:
        step: Training step of the copy; None if there is none.
        values: Arrays of the copy.
    """

    def __init__(self, model, counters: bool = True):
        self.model = model
        self.counters = counters
        self.step = None
        self.values = []

    def _variables(self):
        model = self.model
        excluded = [*model.metrics_variables, *model.knobs.values()]
        excluded += [optimizer.learning_rate for optimizer in model.optimizer.optimizers]
        ids = {id(variable) for variable in excluded}
        unique = {id(v): v for v in [*model.variables, *model.optimizer.variables]}
        variables = [variable for key, variable in unique.items() if key not in ids]
        return [v for v in variables if self.counters or keras.backend.is_float_dtype(v.dtype)]

    def save(self) -> bool:
        """Copy the current state unless a value is NaN or infinite; return whether it was copied."""
        backend.sync(self.model)
        values = [np.array(ops.convert_to_numpy(variable)) for variable in self._variables()]
        finite = all(np.isfinite(v).all() for v in values if np.issubdtype(v.dtype, np.floating))
        if finite:
            self.step, self.values = self.model.steps, values
        return finite

    def restore(self) -> None:
        """Assign the copy to the model; training continues from it, also within an epoch."""
        backend.sync(self.model)
        for variable, value in zip(self._variables(), self.values, strict=True):
            variable.assign(value)
