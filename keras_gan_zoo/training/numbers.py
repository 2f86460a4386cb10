"""The part of the training step that notices numbers which are not finite."""

import keras
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.training.controls import NUMBERS
from keras_gan_zoo.training.hooks import AdversarialHooks

# Below this loss scale a float16 training is lost: 35 updates in a row were skipped since its start.
_SMALLEST_LOSS_SCALE = 2.0**-20


class GuardedStep(AdversarialHooks):
    """End of a training step, with the options `"numbers"` and `"skip_non_finite"`.

    See `callbacks.FiniteNumbers`, which switches them on and reads the results.
    """

    def finish_step(self, before):
        """Return the logs, with one number for each network and each log under `NUMBERS`.

        The number of a network is finite if all of its weights are. Gradients need no number of their
        own: an update makes weights of them. With a loss scale, numbers that are not finite lead to a
        skipped update and a smaller scale, so that only the weights and the scale count.

        Args:
            before: the state to go back to if a number is not finite. None: stay.
        """
        logs = self._logs_of_all()
        if "numbers" not in self.plan.options:
            return logs
        numbers = [backend.magnitude(floats(network)) for network in self.watched_networks().values()]
        scales = [member.dynamic_scale for member in self.loss_scales().values()]
        numbers += [ops.where(scale < _SMALLEST_LOSS_SCALE, float("inf"), 0.0) for scale in scales]
        numbers += [] if scales else [ops.cast(logs[name], "float32") for name in sorted(logs)]
        numbers = ops.stack(numbers)
        if before is not None:
            is_bad = ops.logical_not(ops.all(ops.isfinite(numbers)))
            variables, values = before
            backend.cond(is_bad, lambda: assign(variables, values), variables)
            logs = self._logs_of_all()
        return {**logs, NUMBERS: numbers}

    def _logs_of_all(self):
        """Return the logs, averaged over the replicas."""
        variables = self.metrics_variables
        # TensorFlow's strategies join the metrics of their devices, which are in one process.
        if backend.process()[1] > 1 and backend.replicas() > 1 and variables:
            values = backend.mean_over_replicas(ops.stack([v.value for v in variables]))
            assign(variables, ops.unstack(values))
        return self.get_metrics_result()

    def number_names(self, logs) -> list[str]:
        """Return the names of the numbers of a step with these logs, in their order."""
        names = [f"the weights of the {name}" for name in self.watched_networks()]
        scales = [f"the loss scale of {name}" for name in self.loss_scales()]
        return [*names, *(scales or sorted(logs))]  # JAX sorts the logs

    def watched_networks(self) -> dict[str, keras.Model]:
        """Return the networks that training changes, by name."""
        names = ("generator", "discriminator", "head")
        networks = {name: getattr(self, name) for name in names}
        return {name: each for name, each in networks.items() if each is not None and floats(each)}

    def loss_scales(self) -> dict[str, keras.optimizers.LossScaleOptimizer]:
        """Return the optimizers with a loss scale, by name."""
        members = {name: self.optimizer[name] for name in self.optimizer.members}
        kind = keras.optimizers.LossScaleOptimizer
        return {name: member for name, member in members.items() if isinstance(member, kind)}

    def copy_state(self):
        """Return all variables but counters and seeds, and copies of their values."""
        owned = [*floats(self), *floats(self.optimizer), *self.metrics_variables]
        variables = list({id(variable): variable for variable in owned}.values())
        return variables, copies(variables)


def floats(owner) -> list:
    """Return the variables of a network, a model or an optimizer that hold floats."""
    return [v for v in owner.variables if keras.backend.is_float_dtype(v.dtype)]


def copies(variables) -> list:
    """Return copies of the values of variables, inside of a compiled step."""
    return [ops.stop_gradient(ops.copy(variable.value)) for variable in variables]


def assign(variables, values) -> None:
    """Assign values to variables one by one."""
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
