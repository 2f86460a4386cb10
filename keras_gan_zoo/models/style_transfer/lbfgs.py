"""L-BFGS, for a picture: SciPy's, behind the face of a Keras optimizer."""

import contextlib
import math

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class LBFGS(keras.optimizers.Optimizer):
    """L-BFGS-B (Byrd et al. 1995, SIAM J. Sci. Comput. 16) within [-1, 1], from SciPy.

    It does not update in steps: applying gradients only keeps them, and `minimize` asks for as many
    as it needs. What it knows of the curvature begins anew with every epoch; so a run that was saved
    between two epochs goes on as if it had never stopped.

    Args:
        memory: how many earlier steps the curvature is estimated from.

    Raises:
        ImportError: SciPy is not installed.
        ValueError: `memory` is no positive integer.
    """

    def __init__(self, memory: int = 10, name: str = "lbfgs"):
        super().__init__(learning_rate=0.0, name=name)
        self.memory = checks.positive_integer("memory", memory)
        _scipy()

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.gradients = self.add_optimizer_variables(variables, "gradient")

    def update_step(self, gradient, variable, learning_rate):
        kept = self.gradients[keras_private.variable_index(self, variable)]
        self.assign(kept, ops.cast(gradient, kept.dtype))

    def minimize(self, evaluate, variable, evaluations: int) -> None:
        """Move the variable, this optimizer's only one, to where a scalar is less.

        Args:
            evaluate: returns the scalar at the variable's value, its gradient applied.
            variable: holds the best point that was found at the end.
            evaluations: how often the scalar may be evaluated.
        """
        scipy = _scipy()
        best = start = np.array(ops.convert_to_numpy(variable))
        count = 0

        def at(point):
            nonlocal count
            if count == evaluations:
                raise _EnoughError
            count += 1
            variable.assign(point.reshape(start.shape).astype(start.dtype))
            value = evaluate()
            return value, ops.convert_to_numpy(self.gradients[0]).astype("float64").ravel()

        def accepted(point):
            nonlocal best
            best = point.copy()

        options = {"maxiter": evaluations, "maxfun": evaluations, "maxcor": self.memory}
        with contextlib.suppress(_EnoughError):
            result = scipy.minimize(
                at,
                start.astype("float64").ravel(),
                jac=True,
                method="L-BFGS-B",
                bounds=scipy.Bounds(np.full(start.size, -1.0), np.ones(start.size)),
                callback=accepted,
                options={**options, "ftol": 0.0, "gtol": 0.0},
            )
            best = result.x
        variable.assign(np.reshape(best, start.shape).astype(start.dtype))

    def get_config(self):
        return {"memory": self.memory, "name": self.name}


def fit(model, variable, epochs, steps, verbose="auto", callbacks=None, initial_epoch=0):
    """Keras' `fit` for a model of one variable, with SciPy in the place of the steps.

    Args:
        model: its optimizer is an `LBFGS`; its step needs no data, logs a `loss`, and takes the
            gradient of it times the size of the variable.
        variable: what it trains.
        epochs, verbose, callbacks, initial_epoch: as in `keras.Model.fit`.
        steps: evaluations in an epoch, at most.

    Returns:
        The history.
    """
    verbose = 1 if verbose == "auto" else verbose
    progress = {"verbose": verbose, "epochs": epochs, "steps": steps}
    listeners = keras.callbacks.CallbackList(
        callbacks, add_history=True, add_progbar=verbose != 0, model=model, **progress
    )
    model.stop_training, tick, step, logs = False, np.zeros((1, 1), "float32"), 0, {}

    def evaluate():
        nonlocal step, logs
        listeners.on_train_batch_begin(step)
        logs = model.train_on_batch(tick, return_dict=True)
        listeners.on_train_batch_end(step, logs)
        step += 1
        return logs["loss"] * math.prod(variable.shape)

    listeners.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        step = 0
        listeners.on_epoch_begin(epoch)
        model.optimizer.minimize(evaluate, variable, steps)
        listeners.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    listeners.on_train_end(logs)
    return model.history


class _EnoughError(Exception):
    """There are to be no more evaluations."""


def _scipy():
    try:
        import scipy.optimize
    except ImportError as error:
        raise ImportError(
            "The optimizer 'lbfgs' needs SciPy: pip install scipy, or 'keras-gan-zoo[lbfgs]'. Adam "
            "does not."
        ) from error
    return scipy.optimize
