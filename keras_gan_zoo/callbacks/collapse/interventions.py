"""What `CollapseMonitor` does about a trouble, besides the warning."""

import math

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks.collapse import troubles
from keras_gan_zoo.callbacks.collapse.memory import Memory
from keras_gan_zoo.utils import checks

ACTIONS = ("stop", "lower_rate", "skip", "restore")
_MOST_RESTORES = 2


class Interventions:
    """The actions that were asked for, see `CollapseMonitor`.

    Attributes:
        memory: the last good state, where `"restore"` is among the actions, else None.
    """

    def __init__(self, actions, member, factor, skip_threshold):
        self.actions = (actions,) if isinstance(actions, str) else tuple(actions or ())
        for name in self.actions:
            checks.one_of("action", name, ACTIONS)
        if not 0.0 < factor < 1.0:
            raise ValueError(
                f"Argument `factor` must be a number in (0, 1). Received: factor={factor!r}. Pass for "
                "example factor=0.5."
            )
        self.member = member
        self.factor = factor
        self.skip_threshold = skip_threshold
        self.memory = None

    def prepare(self, model) -> None:
        """Refuse a model that the actions do not fit; before its training step is compiled."""
        self.model = model
        if "lower_rate" in self.actions:
            self._check_rates(model)
        if "skip" in self.actions:
            self._check_loss(model)
            model.enable("skip")  # compiled in now, neutral until it is needed

    def _check_rates(self, model):
        members = model.optimizer.members
        if self.member is not None:
            checks.one_of("member", self.member, members)
        for name in members if self.member is None else [self.member]:
            if not isinstance(model.optimizer[name].learning_rate, keras.Variable):
                raise ValueError(
                    "Action 'lower_rate' needs a learning rate that is a number. Received: a schedule "
                    f"for {name}. Compile with a number, or choose another `member` or `action`."
                )

    def _check_loss(self, model):
        if troubles.guess(model.adversarial_loss) is None:
            raise ValueError(
                "Action 'skip' needs a loss under which a discriminator can be too sure. Received: "
                f"{type(model.adversarial_loss).__name__}. Leave the action out, or compile with "
                "losses='hinge'."
            )

    def begin(self) -> None:
        """A training starts; its first state is good, if it is finite."""
        self._restores = 0
        if "restore" in self.actions:
            self.memory = Memory(self.model)
            self.memory.keep()

    def healthy(self) -> bool:
        """A check found nothing: remember this state. False if it holds NaN all the same."""
        if self.memory is not None and not self.memory.keep():
            return False
        self._restores = 0
        return True

    def act(self, trouble: troubles.Trouble) -> str:
        """Do what is to be done, and say what was done; "" if nothing."""
        if trouble.kind == "nan" and self.actions and "restore" not in self.actions:
            return self._stop(trouble)
        return " ".join(filter(None, [getattr(self, f"_{name}")(trouble) for name in self.actions]))

    def _stop(self, trouble):
        self.model.stop_training = True
        return "Training stops."

    def _lower_rate(self, trouble):
        backend.sync(self.model)
        chosen = trouble.members if self.member is None else (self.member,)
        changes = []
        for name in (name for name in self.model.optimizer.members if name in chosen):
            optimizer = self.model.optimizer[name]
            before = float(optimizer.learning_rate)
            optimizer.learning_rate = after = before * self.factor
            changes.append(f"The learning rate of {name} goes from {before:g} to {after:g}.")
        return " ".join(changes)

    def _skip(self, trouble):
        if trouble.kind != "sure":
            return ""  # a discriminator that is held back is no help against the others
        threshold = self.skip_threshold
        if threshold is None:
            threshold = troubles.guess(self.model.adversarial_loss) / 5
        self.model.set_knob("skip_threshold", threshold)
        self.model.set_knob("skip_patience", math.inf)
        return f"From now on the discriminator's update is skipped while d_loss < {threshold:.2g}."

    def _restore(self, trouble):
        memory = self.memory
        if memory.step is None:
            self.model.stop_training = True
            return "There is no good state to go back to: training stops."
        memory.restore()
        if self._restores < _MOST_RESTORES:
            self._restores += 1
            return f"Went back to the weights, optimizers and seeds of step {memory.step}."
        self.model.stop_training = True
        troubles.warn(
            f"Went back to step {memory.step} {_MOST_RESTORES} times in a row, and the trouble came "
            "again: training stops, with the weights of that step. Try action=('restore', "
            "'lower_rate'), a smaller `factor`, or what the first warning says."
        )
        return ""
