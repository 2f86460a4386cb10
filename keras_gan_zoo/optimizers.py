"""Several optimizers behind the one that Keras saves, restores and carries; an Adam with a schedule."""

import numbers
from types import MappingProxyType

import keras

from keras_gan_zoo import backend, schedules
from keras_gan_zoo.backend import keras_private


class OptimizerGroup(keras.optimizers.Optimizer):
    """Named optimizers, each for its own variables, presented to Keras as one.

    Keras saves, restores and (on JAX) threads through the step only `model.optimizer`; the group's
    variables are those of its members, so all of them are covered.

    Args:
        members: dict of name to `(optimizer, variables)`. Each is built here and gets that name.
    """

    def __init__(self, members: dict):
        super().__init__(learning_rate=0.0, name="optimizers")
        # No dict: Keras' saving would walk it, and the group saves its members itself.
        self.members = MappingProxyType(members)
        for name, (optimizer, variables) in members.items():
            optimizer.name = name
            if not optimizer.built:
                optimizer.build(variables)
        self.built = True

    def __getitem__(self, name: str) -> keras.optimizers.Optimizer:
        return self.members[name][0]

    @property
    def variables(self):
        return [v for optimizer, _ in self.members.values() for v in optimizer.variables]

    def gradients(self, name: str, pullback) -> list:
        """Gradients for one member, times its loss scale; `pullback` is from `backend.vjp`."""
        return pullback(self[name].scale_loss(1.0))

    def update(self, name: str, gradients, variables: list | None = None) -> None:
        """One step of one member on some of its own variables; None: on all. Other moments stay."""
        optimizer, known = self.members[name]
        backend.apply(optimizer, gradients, known if variables is None else variables)

    @property
    def optimizers(self):
        """The members: where Keras' learning-rate callbacks and TensorBoard look for them."""
        return (optimizer for optimizer, _ in self.members.values())

    @property
    def iterations(self):
        """Steps of the last member, the generator's."""
        return list(self.optimizers)[-1].iterations

    @property
    def learning_rate(self):
        raise ValueError(
            "A GAN has several optimizers, so `model.optimizer` has no learning rate of its own. Ask "
            "one of them: "
            + ", ".join(f"`model.optimizer[{n!r}].learning_rate`" for n in self.members)
            + "."
        )

    @learning_rate.setter
    def learning_rate(self, value):
        return self.learning_rate

    def build(self, variables):
        pass

    def finalize_variable_values(self, var_list):
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
                f"The file holds {len(store.keys())} optimizer variables, this model has "
                f"{len(expected)}: compile it with the same optimizers as when it was saved."
            )
        for name, variable in expected.items():
            variable.assign(store[name])


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ScheduledAdam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` (Kingma and Ba 2014, arXiv 1412.6980) whose `beta_2` may be a schedule.

    Each step takes the schedule's value at the number of steps made before it, also for the bias
    correction: 1 - beta_2 ** step with the current beta_2, as if it had always been that.

    Args:
        learning_rate, beta_1, epsilon: as in `keras.optimizers.Adam`.
        beta_2: decay of the second moments, a number in [0, 1) or a
            `keras.optimizers.schedules.LearningRateSchedule` such as `schedules.Cosine`.
        **kwargs: as in `keras.optimizers.Adam`.

    Raises:
        ValueError: `beta_2` is neither.
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **kwargs):
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **kwargs)

    @property
    def beta_2(self):
        """The value for the coming step."""
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
    """The optimizer asked for by name, config or object; `default()` for None.

    Raises:
        ValueError: Keras knows no optimizer of that name.
        TypeError: not something that describes an optimizer.
    """
    if optimizer is None:
        return default()
    try:
        return keras.optimizers.get(optimizer)
    except ValueError as error:
        raise type(error)(
            f"Argument `{argument}` must be None, the name of a Keras optimizer such as 'adam', or "
            f"an optimizer object. Received: {argument}={optimizer!r}."
        ) from error


def serialize(optimizer: keras.optimizers.Optimizer) -> dict:
    """Config that names the public Keras class, so that a file from one backend opens on another."""
    config = keras.optimizers.serialize(optimizer)
    if hasattr(keras.optimizers, config["class_name"]):
        config |= {"module": "keras.optimizers", "registered_name": None}
    inner = config["config"].get("inner_optimizer")
    if inner is not None:
        config["config"]["inner_optimizer"] = serialize(optimizer.inner_optimizer)
    return config


def loss_scaled(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.Optimizer:
    """For float16: the optimizer with a dynamic loss scale, which skips its own overflows only."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def check_separate(d_opt, g_opt, current) -> None:
    """Refuse one object for both sides, and objects that already train something else."""
    if d_opt is g_opt:
        raise ValueError(
            "Arguments `d_opt` and `g_opt` must be two optimizer objects: each keeps moments of its "
            f"own variables. Received: the same {type(d_opt).__name__} twice. Make a second one."
        )
    for name, optimizer in (("d_opt", d_opt), ("g_opt", g_opt)):
        if optimizer.built and (current is None or optimizer is not current[name]):
            raise ValueError(
                f"Argument `{name}` must be a fresh optimizer. Received: one of the type "
                f"{type(optimizer).__name__} that already belongs to other variables. Make a new one."
            )
