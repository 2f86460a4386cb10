"""Scalars that callbacks change during training, optional parts of the step, and logged values."""

import collections

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.training.plan import TrainingPlan

# The scalars that callbacks set, with their neutral values.
KNOBS = {
    "real_label": 1.0,
    "fake_label": 0.0,
    "label_noise": 0.0,
    "label_flip": 0.0,
    "skip_threshold": 0.0,
    "skip_patience": 0.0,
    "instance_noise": 0.0,
}
# What a step adds to its logs under this name is kept for `callbacks.FiniteNumbers`.
NUMBERS = "numbers"
LOGS = ("d_loss", "g_loss", "real_score", "fake_score")


class ControlledModel(keras.Model):
    """A model with a training plan, scalars that callbacks set inside compiled steps, and logs.

    Args:
        seed: see `AdversarialModel`.
    """

    plan: TrainingPlan | None = None
    warmup_steps = (
        0  # with the option `"warmup"`, the first steps, in which the generator is not updated
    )

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self._knobs = {name: self.add_scalar(name, value) for name, value in KNOBS.items()}
        self._skips_in_a_row = self.add_scalar("skips_in_a_row", 0.0)
        self._augment_probability = self.add_scalar("augment_probability", 0.0)
        self.penalty_state = {}
        self._trackers = {}
        self._add_trackers(*LOGS, "d_skipped")
        self._traced = None
        self.recent_numbers = collections.deque(maxlen=4)

    def add_scalar(self, name: str, value: float) -> keras.Variable:
        """Add a float32 scalar that the step may assign and files keep; it is not trained."""
        initializer = keras.initializers.Constant(value)
        return self.add_weight((), initializer, "float32", trainable=False, name=name)

    @property
    def knobs(self) -> dict[str, keras.Variable]:
        """The scalars of `KNOBS` by name."""
        return self._knobs

    def set_knob(self, name: str, value: float) -> None:
        """Set a scalar of `KNOBS`, at any time; `fit` starts with neutral values."""
        backend.sync(self)
        self._knobs[name].assign(value)

    def reset_knobs(self) -> None:
        """Set all knobs to their neutral values and switch all options off."""
        self.plan = self.plan.with_options()
        for name, value in KNOBS.items():
            self._knobs[name].assign(value)

    def enable(self, option: str) -> None:
        """Compile an optional part, such as `"label_noise"` or `"skip"`, into this `fit`'s step."""
        self.plan = self.plan.with_options(*self.plan.options, option)

    def log(self, name: str, value) -> None:
        """Add a scalar tensor to the epoch's mean that is logged under `name`.

        Args:
            name: declared in the class attribute `extra_logs`, or the name of a penalty.
            value: scalar.

        Raises:
            ValueError: If the name was not declared.
        """
        if name not in self._trackers:
            raise ValueError(
                f"Logged values must be declared before training. Received: name={name!r}. Add it to "
                f"the class attribute `extra_logs` of {type(self).__name__}."
            )
        self._trackers[name].update_state(value)

    def _add_trackers(self, *names):
        for name in names:
            if name not in self._trackers:
                self._trackers[name] = keras.metrics.Mean(name)

    def trace_signature(self) -> tuple:
        """Return the Python state that a compiled step depends on; a change compiles it again."""
        return () if self.plan is None else (self.plan.options, self.warmup_steps)

    def make_train_function(self, force: bool = False):
        signature = self.trace_signature()
        changed, self._traced = signature != self._traced, signature
        if force or changed or self.train_function is None:
            super().make_train_function(force=True)
            self.train_function = self._without_numbers(self.train_function)

    def _without_numbers(self, train_function):
        """Take `NUMBERS` out of the logs of a train function, and keep them in `recent_numbers`.

        They are not read here, which would wait for the step.
        """

        def function(*arguments):
            outputs = train_function(*arguments)
            logs = outputs[0] if isinstance(outputs, tuple) else outputs  # a tuple on JAX
            if NUMBERS in logs:
                self.recent_numbers.append((logs.pop(NUMBERS), tuple(logs)))
            return outputs

        return function

    @property
    def metrics(self):
        logged = {*LOGS, *(self.plan.logs if self.plan else ())}
        if self.plan and "skip" in self.plan.options:
            logged.add("d_skipped")
        hidden = {"loss", *self._trackers} - logged
        return [metric for metric in super().metrics if metric.name not in hidden]
