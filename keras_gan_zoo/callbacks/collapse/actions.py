"""Countermeasures of `CollapseMonitor`."""

import math
from typing import Any

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks.collapse import failures
from keras_gan_zoo.callbacks.collapse.checkpoint import InMemoryCheckpoint
from keras_gan_zoo.utils import checks

ACTIONS = ("stop", "lower_rate", "skip", "restore")
_MAX_RESTORES = 2  # in a row, without a good check in between


def parse(action: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """Return the argument `action` of `CollapseMonitor` as a tuple of known names."""
    actions = (action,) if isinstance(action, str) else tuple(action or ())
    for name in actions:
        checks.one_of("action", name, ACTIONS)
    return actions


class Actions:
    """The selected countermeasures for one model, see `CollapseMonitor`.

    Args:
        model: A compiled model whose training step has not been traced yet.
        names: Any of `ACTIONS`.
        rate_optimizer: Optimizer for `"lower_rate"`, or None for those of the failure.
        rate_factor: Factor for `"lower_rate"`, in (0, 1).
        skip_threshold: `d_loss` for `"skip"`, or None for a fifth of the loss at chance level.

    Raises:
        ValueError: An argument breaks its rule, or the model's optimizers or loss do not allow an
            action.
    """

    def __init__(self, model, names, rate_optimizer, rate_factor, skip_threshold):
        self.model = model
        self.names = names
        self.rate_optimizer = rate_optimizer
        self.rate_factor = rate_factor
        self.skip_threshold = skip_threshold
        self.checkpoint = None
        if not 0.0 < rate_factor < 1.0:
            raise ValueError(
                "Attribute `rate_factor` must be a number in (0, 1). Received: "
                f"rate_factor={rate_factor!r}. Set for example rate_factor = 0.5."
            )
        if "lower_rate" in names:
            self._check_rates()
        if "skip" in names:
            self._check_loss()
            model.enable("skip")  # part of the compiled step; has no effect until knobs are set

    def _check_rates(self):
        members = self.model.optimizer.members
        if self.rate_optimizer is not None and self.rate_optimizer not in members:
            raise ValueError(
                f"Attribute `rate_optimizer` must be one of {', '.join(map(repr, members))}. "
                f"Received: rate_optimizer={self.rate_optimizer!r}."
            )
        for name in members if self.rate_optimizer is None else [self.rate_optimizer]:
            if not isinstance(self.model.optimizer[name].learning_rate, keras.Variable):
                raise ValueError(
                    "Action 'lower_rate' needs a learning rate that is a number. Received: a schedule "
                    f"for {name}. Compile with a number, or set another `rate_optimizer` or `action`."
                )

    def _check_loss(self):
        if failures.chance_loss(self.model.adversarial_loss) is None:
            raise ValueError(
                "Action 'skip' needs a loss with a chance level. Received: "
                f"{type(self.model.adversarial_loss).__name__}. Leave the action out, or compile with "
                "losses='hinge'."
            )

    def start(self) -> None:
        """Start a training run; its first state is a checkpoint if it is finite."""
        self._restores = 0
        if "restore" in self.names:
            self.checkpoint = InMemoryCheckpoint(self.model)
            self.checkpoint.save()

    def get_state(self) -> dict[str, Any]:
        """Return the state of a training run, with the arrays of its last good check."""
        checkpoint = self.checkpoint
        copy = None if checkpoint is None else {"step": checkpoint.step, "values": checkpoint.values}
        return {"restores": self._restores, "checkpoint": copy}

    def set_state(self, state: dict[str, Any]) -> None:
        """Continue a training run."""
        self._restores = state["restores"]
        if self.checkpoint is not None and state["checkpoint"] is not None:
            self.checkpoint.step = state["checkpoint"]["step"]
            self.checkpoint.values = state["checkpoint"]["values"]

    def save_checkpoint(self) -> bool:
        """Save the state after a check without failures; return False if it contains NaN."""
        if self.checkpoint is not None and not self.checkpoint.save():
            return False
        self._restores = 0
        return True

    def run(self, failure: failures.Failure) -> str:
        """Run all actions against a failure; return a description, "" if nothing was done."""
        if failure.kind == "nan" and self.names and "restore" not in self.names:
            return self._stop(failure)
        return " ".join(filter(None, [getattr(self, f"_{name}")(failure) for name in self.names]))

    def _stop(self, failure):
        self.model.stop_training = True
        return "Training stops."

    def _lower_rate(self, failure):
        backend.sync(self.model)
        names = failure.optimizers if self.rate_optimizer is None else (self.rate_optimizer,)
        changes = []
        for name in (name for name in self.model.optimizer.members if name in names):
            optimizer = self.model.optimizer[name]
            before = float(optimizer.learning_rate)
            optimizer.learning_rate = after = before * self.rate_factor
            changes.append(f"The learning rate of {name} goes from {before:g} to {after:g}.")
        return " ".join(changes)

    def _skip(self, failure):
        if failure.kind != "overconfident":
            return ""  # fewer discriminator updates do not help against the other failures
        threshold = self.skip_threshold
        if threshold is None:
            threshold = failures.default_skip_threshold(self.model.adversarial_loss)
        self.model.set_knob("skip_threshold", threshold)
        self.model.set_knob("skip_patience", math.inf)
        return f"From now on the discriminator's update is skipped while d_loss < {threshold:.2g}."

    def _restore(self, failure):
        checkpoint = self.checkpoint
        if checkpoint.step is None:
            self.model.stop_training = True
            return "There is no good state to restore: training stops."
        checkpoint.restore()
        if self._restores < _MAX_RESTORES:
            self._restores += 1
            return f"Restored the weights, optimizers and seeds of step {checkpoint.step}."
        self.model.stop_training = True
        failures.warn(
            self.model,
            f"Restored step {checkpoint.step} {_MAX_RESTORES} times in a row, and the failure came "
            "again: training stops, with the weights of that step. Try action=('restore', "
            "'lower_rate'), a smaller `rate_factor`, or the remedy of the first warning.",
        )
        return ""
