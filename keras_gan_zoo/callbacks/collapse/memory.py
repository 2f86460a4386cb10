"""A copy of all that training goes on from, in memory."""

import numpy as np
from keras import ops

from keras_gan_zoo import backend


class Memory:
    """Keeps the weights, moving averages, optimizers' states and seeds of a model, and puts them back.

    Knobs and learning rates are left as they are: callbacks turn them, and what a callback learned
    from a failure must outlive the way back. So are the metrics of the running epoch.

    Attributes:
        step: training step of the copy; None while there is none.
    """

    def __init__(self, model):
        self.model = model
        self.step = None
        self._values = []

    def _variables(self):
        model = self.model
        left = [*model.metrics_variables, *model._knobs.values()]
        left += [optimizer.learning_rate for optimizer in model.optimizer.optimizers]
        ids = {id(variable) for variable in left}
        found = {id(v): v for v in [*model.variables, *model.optimizer.variables]}
        return [variable for key, variable in found.items() if key not in ids]

    def keep(self) -> bool:
        """Copy the present state, unless something in it is NaN or infinite; says whether it did."""
        backend.sync(self.model)
        values = [np.array(ops.convert_to_numpy(variable)) for variable in self._variables()]
        finite = all(np.isfinite(v).all() for v in values if np.issubdtype(v.dtype, np.floating))
        if finite:
            self.step, self._values = self.model.steps, values
        return finite

    def restore(self) -> None:
        """Put the copy back; the following steps start from it, also in the middle of an epoch."""
        backend.sync(self.model)
        for variable, value in zip(self._variables(), self._values, strict=True):
            variable.assign(value)
