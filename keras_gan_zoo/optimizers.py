"""`OptimizerGroup`, which presents several optimizers to Keras as one, and `ScheduledAdam`."""

import numbers
from types import MappingProxyType

import keras

from keras_gan_zoo import backend, schedules
from keras_gan_zoo.backend import keras_private


class OptimizerGroup(keras.optimizers.Optimizer):
    """Named optimizers, each with its own variables, presented to Keras as one.

    Keras saves, restores and (on JAX) passes through the training step only `model.optimizer`. The
    variables of the group are those of all its members. `group[name]` returns a member.

    Args:
        members: dict of name to `(optimizer, variables)`. Each optimizer is built for its variables and
            takes the name.

    Attributes:
        training_goes_on: whether the end of Keras' `fit` is not the end of training, so that the
            averages of optimizers with `use_ema` do not replace the weights yet.
    """

    def __init__(self, members: dict):
        super().__init__(learning_rate=0.0, name="optimizers")
        # Not a dict: Keras would save its contents, which the group does itself.
        self.members = MappingProxyType(members)
        for name, (optimizer, variables) in members.items():
            optimizer.name = name
            if not optimizer.built:
                optimizer.build(variables)
        self.built = True
        self.training_goes_on = False

    def __getitem__(self, name: str) -> keras.optimizers.Optimizer:
        return self.members[name][0]

    @property
    def variables(self):
        return [v for optimizer, _ in self.members.values() for v in optimizer.variables]

    def gradients(self, name: str, pullback) -> list:
        """Gradients for one member, times its loss scale.

        Args:
            name: of the member.
            pullback: from `backend.vjp`.
        """
        return pullback(self[name].scale_loss(1.0))

    def update(self, name: str, gradients, variables: list | None = None) -> None:
        """Apply one step of one member.

        Args:
            name: of the member.
            gradients: one per variable.
            variables: some of the member's variables; the moments of the others are left unchanged.
                Defaults to None: all of them.
        """
        optimizer, own_variables = self.members[name]
        backend.apply(optimizer, gradients, own_variables if variables is None else variables)

    @property
    def optimizers(self):
        """Iterator over the members, which Keras' learning-rate callbacks and TensorBoard read."""
        return (optimizer for optimizer, _ in self.members.values())

    @property
    def iterations(self):
        """Number of steps of the last member, the generator's optimizer."""
        return list(self.optimizers)[-1].iterations

    @property
    def learning_rate(self):
        raise ValueError(
            "A GAN has several optimizers, so `model.optimizer` has no learning rate of its own. Use "
            "that of a member: "
            + ", ".join(f"`model.optimizer[{n!r}].learning_rate`" for n in self.members)
            + "."
        )

    @learning_rate.setter
    def learning_rate(self, value):
        return self.learning_rate

    def build(self, variables):
        pass

    def finalize_variable_values(self, var_list):
        if self.training_goes_on:
            return
        for optimizer, variables in self.members.values():
            optimizer.finalize_variable_values(variables)

    def _stored_names(self):
        return {
            f"{name}.{index}": variable
            for name, (optimizer, _) in self.members.items()
            for index, variable in enumerate(optimizer.variables)
        }

    def save_own_variables(self, store):
        for name, variable in self._stored_names().items():
            store[name] = keras.ops.convert_to_numpy(variable)

    def load_own_variables(self, store):
        expected = self._stored_names()
        if set(expected) != set(store.keys()):
            raise ValueError(
                f"The file has {len(store.keys())} optimizer variables, this model has "
                f"{len(expected)}. Compile the model with the optimizers that it was saved with."
            )
        for name, variable in expected.items():
            variable.assign(store[name])


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ScheduledAdam(keras.optimizers.Adam):
    """Adam (Kingma and Ba 2014, arXiv 1412.6980) with an optional schedule of `beta_2`.

    Each step uses the schedule's value at the number of previous steps, for the moments and for the
    bias correction 1 - beta_2 ** step, which is not adjusted for earlier values of beta_2.

    Args:
        learning_rate, beta_1, epsilon: as in `keras.optimizers.Adam`.
        beta_2: decay of the second moments, a number in [0, 1) or a
            `keras.optimizers.schedules.LearningRateSchedule` such as `schedules.Cosine`. Defaults to
            0.999.
        **kwargs: as in `keras.optimizers.Adam`.

    Raises:
        ValueError: `beta_2` is neither such a number nor a schedule.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **kwargs):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)

    @property
    def beta_2(self):
        """Value for the next step."""
        return schedules.at(self._beta_2, keras_private.optimizer_step(self))

    @beta_2.setter
    def beta_2(self, value):
        is_number = isinstance(value, numbers.Real) and 0.0 <= value < 1.0
        if not is_number and not isinstance(value, schedules.Schedule):
            raise ValueError(
                "Argument `beta_2` must be a number in [0, 1) or a schedule such as "
                f"`keras_gan_zoo.schedules.Cosine(0.9, 0.99, steps)`. Received: beta_2={value!r}."
            )
        self._beta_2 = value

    def get_config(self):
        return super().get_config() | {"beta_2": schedules.serialize(self._beta_2)}

    @classmethod
    def from_config(cls, config, custom_objects=None):
        restored = {"beta_2": schedules.deserialize(config["beta_2"])} if "beta_2" in config else {}
        return super().from_config(config | restored, custom_objects)


def get(optimizer, default, argument: str) -> keras.optimizers.Optimizer:
    """Look up an optimizer.

    Args:
        optimizer: name, config or object of a Keras optimizer, or None.
        default: function without arguments that returns the optimizer for None.
        argument: name of the user's argument, for error messages.

    Raises:
        ValueError: not a name, config or object of a Keras optimizer.
    """
    if optimizer is None:
        return default()
    if isinstance(optimizer, dict):
        optimizer = dict(optimizer)  # Keras changes the dict
    try:
        return keras.optimizers.get(optimizer)
    except ValueError as error:
        raise type(error)(
            f"Argument `{argument}` must be None, the name of a Keras optimizer such as 'adam', or "
            f"an optimizer object. Received: {argument}={optimizer!r}."
        ) from error


def serialize(optimizer: keras.optimizers.Optimizer) -> dict:
    """Config of an optimizer with the public Keras class, which loads on every backend.

    Args:
        optimizer: of any backend, also wrapped in a loss scale.
    """
    config = keras.optimizers.serialize(optimizer)
    if hasattr(keras.optimizers, config["class_name"]):
        config |= {"module": "keras.optimizers", "registered_name": None}
    inner = config["config"].get("inner_optimizer")
    if inner is not None:
        config["config"]["inner_optimizer"] = serialize(optimizer.inner_optimizer)
    return config


def loss_scaled(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """Wrap an optimizer in a dynamic loss scale for float16, unless it has one.

    Each optimizer skips only its own overflows.

    Args:
        optimizer: of one network.
    """
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def check_separate(d_opt, g_opt, current) -> None:
    """Raise ValueError if the optimizers are one object, or belong to other variables.

    Args:
        d_opt, g_opt: Keras optimizers.
        current: the model's `OptimizerGroup`, whose members are accepted, or None.
    """
    if d_opt is g_opt:
        raise ValueError(
            "Arguments `d_opt` and `g_opt` must be two optimizer objects, because each stores moments "
            f"of its own variables. Received: the same {type(d_opt).__name__} twice. Create a second."
        )
    for name, optimizer in (("d_opt", d_opt), ("g_opt", g_opt)):
        if optimizer.built and (current is None or optimizer is not current[name]):
            raise ValueError(
                f"Argument `{name}` must be a fresh optimizer. Received: {type(optimizer).__name__}, "
                "already built for other variables. Create a new one."
            )
