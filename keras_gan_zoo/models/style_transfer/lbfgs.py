"""L-BFGS for a single image: SciPy's implementation with the interface of a Keras optimizer."""

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

    Applying gradients only stores them; `minimize` evaluates the loss as often as it needs. The
    estimate of the curvature is reset at the start of every epoch, so training that is saved between
    two epochs resumes exactly.

    Args:
        memory: positive integer, number of previous steps that the estimate of the curvature uses.

    Raises:
        ImportError: SciPy is not installed.
        ValueError: `memory` is not a positive integer.
    """

    def __init__(self, memory: int = 10, name: str = "lbfgs"):
        super().__init__(learning_rate=0.0, name=name)
        self.memory = checks.positive_integer("memory", memory)
        _import_scipy_optimize()

    @property
    def bytes_per_number(self) -> int:
        """Memory of `minimize` in bytes per number of the variable.

        SciPy allocates `2 * memory + 5` float64 vectors. The others are the point, the gradient and the
        best point.
        """
        return 8 * (2 * self.memory + 8)

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.gradients = self.add_optimizer_variables(variables, "gradient")

    def update_step(self, gradient, variable, learning_rate):
        stored = self.gradients[keras_private.variable_index(self, variable)]
        self.assign(stored, ops.cast(gradient, stored.dtype))

    def minimize(self, evaluate, variable, evaluations: int) -> None:
        """Minimize a scalar function of the optimizer's only variable.

        Args:
            evaluate: function without arguments that returns the scalar at the variable's value and
                applies its gradient.
            variable: holds the best point at the end.
            evaluations: maximum number of evaluations.
        """
        best = start = np.array(ops.convert_to_numpy(variable))
        count = 0

        def value_and_gradient(point):
            nonlocal count
            if count == evaluations:
                raise _EvaluationLimitError
            count += 1
            variable.assign(point.reshape(start.shape).astype(start.dtype))
            value = evaluate()
            return value, ops.convert_to_numpy(self.gradients[0]).astype("float64").ravel()

        def store_best(point):
            nonlocal best
            best = point.copy()

        optimize = _import_scipy_optimize()
        options = {"maxiter": evaluations, "maxfun": evaluations, "maxcor": self.memory}
        with contextlib.suppress(_EvaluationLimitError):
            result = optimize.minimize(
                value_and_gradient,
                start.astype("float64").ravel(),
                jac=True,
                method="L-BFGS-B",
                bounds=optimize.Bounds(np.full(start.size, -1.0), np.ones(start.size)),
                callback=store_best,
                options={**options, "ftol": 0.0, "gtol": 0.0},
            )
            best = result.x
        variable.assign(np.reshape(best, start.shape).astype(start.dtype))

    def get_config(self):
        return {"memory": self.memory, "name": self.name}


def fit(model, variable, epochs, steps, verbose="auto", callbacks=None, initial_epoch=0):
    """Equivalent of `keras.Model.fit` for a model of one variable that is trained by `LBFGS`.

    Args:
        model: model whose optimizer is an `LBFGS`. Its training step ignores the data, logs a `loss`
            and applies the gradient of the loss times the size of the variable.
        variable: trained variable.
        epochs, verbose, callbacks, initial_epoch: see `keras.Model.fit`.
        steps: maximum number of evaluations in an epoch.

    Returns:
        The `History` of the model.
    """
    verbose = 1 if verbose == "auto" else verbose
    progress = {"verbose": verbose, "epochs": epochs, "steps": steps}
    callback_list = keras.callbacks.CallbackList(
        callbacks, add_history=True, add_progbar=verbose != 0, model=model, **progress
    )
    model.stop_training, dummy_batch, step, logs = False, np.zeros((1, 1), "float32"), 0, {}

    def evaluate():
        nonlocal step, logs
        callback_list.on_train_batch_begin(step)
        logs = model.train_on_batch(dummy_batch, return_dict=True)
        callback_list.on_train_batch_end(step, logs)
        step += 1
        return logs["loss"] * math.prod(variable.shape)

    callback_list.on_train_begin()
    for epoch in range(initial_epoch, epochs):
        step = 0
        callback_list.on_epoch_begin(epoch)
        model.optimizer.minimize(evaluate, variable, steps)
        callback_list.on_epoch_end(epoch, logs)
        if model.stop_training:
            break
    callback_list.on_train_end(logs)
    return model.history


class _EvaluationLimitError(Exception):
    """The maximum number of evaluations is reached."""


def _import_scipy_optimize():
    try:
        import scipy.optimize
    except ImportError as error:
        raise ImportError(
            "The optimizer 'lbfgs' needs SciPy: pip install scipy, or 'keras-gan-zoo[lbfgs]'. Adam "
            "does not."
        ) from error
    return scipy.optimize
