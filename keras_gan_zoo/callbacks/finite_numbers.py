"""Callback that notices NaN and infinity in training."""

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks.collapse import failures
from keras_gan_zoo.callbacks.collapse.checkpoint import InMemoryCheckpoint
from keras_gan_zoo.utils import checks, precision

ACTIONS = ("stop", "skip", "rewind", None)
_LAYERS = 3  # in a message


class FiniteNumbers(keras.callbacks.Callback):
    """Notice NaN and infinity in losses and weights within two steps, and act on them.

    `fit` adds `FiniteNumbers()` by itself unless `callbacks` has one, or a `CollapseMonitor` with the
    action `"restore"`. The compiled step adds up the weights of each network, which is not finite if a
    weight is not, and the callback reads the result of a step while the next one runs: it does not make
    the training wait. A gradient that is not finite is noticed by the weights that it makes. Files that
    are written during `fit`, by `ModelCheckpoint`, `BackupAndRestore` or `model.save`, are written only
    after a check of all weights, so that the last good file stays.

    With the loss scale of `mixed_float16`, numbers that are not finite are normal now and then, and
    their update is skipped. There only the weights count, and a loss scale that has fallen below
    2 ** -20, after some 35 skipped updates: then no update succeeds any more.

    Args:
        action: What to do. `None`: nothing.

            - `"stop"`: raise a `FloatingPointError` that names the loss or network, the layers and the
              step.
            - `"skip"`: do not apply a step with such a number: weights, moving averages, optimizers
              and means of the logs stay as they were before, only counters and seeds go on. The first
              one is reported as a `TrainingWarning`. Stop after `max_skips` in a row. This keeps a
              second copy of all weights and optimizer states in the memory of the device.
            - `"rewind"`: go back to the copy of the last good weights and optimizer states, which is
              made every `every` steps, multiply the learning rates by `rate_factor`, and go on with
              other random numbers. Stop after `max_rewinds`.
        every: Steps between two copies for `"rewind"`.
        max_rewinds: Number of times that `"rewind"` goes back in one `fit`, at most.
        rate_factor: Factor of both learning rates for `"rewind"`, in [0, 1].

    Attributes:
        max_skips: Skipped steps in a row before `"skip"` stops the training, 20.

    Raises:
        ValueError: An argument breaks its rule. When training starts: `"rewind"` with a learning rate
            that is a schedule.
        FloatingPointError: In training, see `action`.

    Example:

    >>> model.fit(dataset, epochs=50, callbacks=[kgz.callbacks.FiniteNumbers("rewind")])
    """

    max_skips = 20

    def __init__(
        self,
        action: str | None = "stop",
        every: int = 500,
        max_rewinds: int = 3,
        rate_factor: float = 0.5,
    ):
        super().__init__()
        self.action = checks.one_of("action", action, ACTIONS)
        self.every = checks.positive_integer("every", every)
        self.max_rewinds = checks.positive_integer("max_rewinds", max_rewinds)
        self.rate_factor = checks.fraction("rate_factor", rate_factor)

    def set_model(self, model):
        super().set_model(model)
        if self.action is None:
            return
        if not hasattr(model, "recent_numbers"):
            raise TypeError(
                "`FiniteNumbers` needs a GAN of keras_gan_zoo that is trained with `fit`. Received: "
                f"{type(model).__name__}. For other models use `keras.callbacks.TerminateOnNaN`."
            )
        model.enable("numbers")
        if self.action == "skip":
            model.enable("skip_non_finite")
        if self.action == "rewind":
            for name in model.optimizer.members:
                if not isinstance(model.optimizer[name].learning_rate, keras.Variable):
                    raise ValueError(
                        "Argument `action` can be 'rewind' only if the learning rates are numbers. "
                        f"Received: a schedule for {name}. Compile with a number, or pass another "
                        "action."
                    )

    def on_train_begin(self, logs=None):
        self._step = self.model.steps
        self._skipped, self._in_a_row, self._rewinds = 0, 0, 0
        self.model.recent_numbers.clear()
        self._checkpoint = InMemoryCheckpoint(self.model, counters=False)
        if self.action == "rewind":
            self._checkpoint.save()
        if self.action is not None:
            self.model.before_save = self._check_weights

    def get_state(self):
        """Return the counts of rewinds and skipped steps, for checkpoints."""
        return {"rewinds": self._rewinds, "skipped": self._skipped, "in_a_row": self._in_a_row}

    def set_state(self, state):
        """Set the counts that `get_state` returned."""
        self._rewinds, self._skipped = state["rewinds"], state["skipped"]
        self._in_a_row = state["in_a_row"]

    def on_train_batch_begin(self, batch, logs=None):
        self._check(unread=1)  # the last step may still be running
        if self.action == "rewind":
            steps = self._step + len(self.model.recent_numbers) * self.model.steps_per_execution
            last = self._checkpoint.step
            if (last is None or steps - last >= self.every) and not self._check():
                self._checkpoint.save()

    def on_epoch_end(self, epoch, logs=None):
        self._check()
        self._step = self.model.steps

    def _check(self, unread: int = 0) -> bool:
        """Read the numbers of all steps but the last `unread`; return whether one was not finite."""
        recent = self.model.recent_numbers
        while len(recent) > unread:
            numbers, logs = recent.popleft()
            self._step += self.model.steps_per_execution
            is_bad = ~np.isfinite(ops.convert_to_numpy(numbers))
            if is_bad.any():
                names = np.array(self.model.number_names(logs))[is_bad]
                self._handle(list(names))
                return True
            self._in_a_row = 0
        return False

    def _check_weights(self):
        """Check all weights and optimizer states before a file is written."""
        if not self._check() or self.action == "skip":
            backend.sync(self.model)
            bad = self.model.non_finite()
            if bad is not None:
                self._handle([f"the variable {bad}"])

    def _handle(self, names: list[str]):
        found = f"Step {self._step}: NaN or infinity in {' and '.join(names)}"
        if self.action == "skip" and not any(name.startswith("the variable") for name in names):
            self._skipped, self._in_a_row = self._skipped + 1, self._in_a_row + 1
            if self._in_a_row >= self.max_skips:
                self._stop(f"{found}, in {self._in_a_row} steps in a row, all of which were skipped.")
            if self._skipped == 1:
                failures.warn(
                    self.model, f"{found}. The step is skipped, and so are later ones of this kind."
                )
        elif self.action == "rewind" and self._checkpoint.step is not None:
            if self._rewinds == self.max_rewinds:
                self._checkpoint.restore()
                self._stop(f"{found}, after {self._rewinds} rewinds.")
            self._rewind(found)
        else:
            self._stop(f"{found}{self._layers()}.")

    def _rewind(self, found):
        model, self._rewinds = self.model, self._rewinds + 1
        self._checkpoint.restore()
        model.reset_metrics()
        model.recent_numbers.clear()
        rates = []
        for name in model.optimizer.members:
            optimizer = model.optimizer[name]
            optimizer.learning_rate = float(optimizer.learning_rate) * self.rate_factor
            rates.append(f"{name} {float(optimizer.learning_rate):g}")
        failures.warn(
            model,
            f"{found}. Back to the weights of step {self._checkpoint.step} with lower learning rates, "
            f"{', '.join(rates)}: rewind {self._rewinds} of at most {self.max_rewinds}.",
        )

    def _stop(self, found):
        raise FloatingPointError(
            f"{found} Training stops; files that were saved before are unchanged. Probably a step was "
            "too large or a number overflowed. Go back to the last checkpoint and compile with a lower "
            "learning rate for `d_opt` and `g_opt`, or with clipnorm=1.0 in both. "
            '`FiniteNumbers("rewind")` in `callbacks` does so by itself, `FiniteNumbers("skip")` '
            "leaves out such steps."
        )

    def _layers(self) -> str:
        """Name the layers whose weights are not finite."""
        backend.sync(self.model)
        parts = []
        for name, network in self.model.watched_networks().items():
            layers = [layer for layer in network.layers if layer.weights]
            bad = [layer.name for layer in layers if not all(map(precision.is_finite, layer.weights))]
            if bad:
                more = f" and {len(bad) - _LAYERS} more" if len(bad) > _LAYERS else ""
                parts.append(f"; layers of the {name}: {', '.join(bad[:_LAYERS])}{more}")
        return "".join(parts)


def first(callbacks: list[Any]) -> list[Any]:
    """Return callbacks with a `FiniteNumbers` in front, a new one if none of them handles NaN."""
    own = [callback for callback in callbacks if isinstance(callback, FiniteNumbers)]
    others = [callback for callback in callbacks if not isinstance(callback, FiniteNumbers)]
    if not own and not any(getattr(callback, "handles_nan", False) for callback in others):
        own = [FiniteNumbers()]
    return [*own, *others]
