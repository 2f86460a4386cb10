"""Base classes of penalties: on gradients with respect to images, and on weights."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from keras import ops

from keras_gan_zoo import backend, schedules
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


class Penalty:
    """A weighted term that one side minimizes besides its losses.

    In each training step the model calls `draw` and then, in every `every`-th step, `cost`. A custom
    penalty subclasses `ImageGradientPenalty`, `WeightPenalty` or, for anything else, this class.

    Args:
        weight: factor, a finite number >= 0 or a `keras.optimizers.schedules.LearningRateSchedule` of
            the training step, such as `keras_gan_zoo.schedules.Cosine`.
        every: compute the penalty in every n-th update of its side only, with n times the weight
            ("lazy regularization", Karras et al. 2019, arXiv 1912.04958). An integer >= 1.

    Raises:
        ValueError: If an argument breaks its rule.

    Attributes:
        name: Name of the weighted value in the logs.
        argument: Name of the constructor argument that holds the weight.
        side: The side that minimizes the penalty: `"discriminator"` or `"generator"`.
        state: Initial values of scalars that the model keeps for the penalty and saves with its
            weights: `model.penalty_state[name]`.
        needs_features: Whether `draw` uses the `features` of the passes.
    """

    name = "penalty"
    argument = "weight"
    side = "discriminator"
    state: Mapping[str, float] = MappingProxyType({})
    needs_features = False

    def __init__(self, weight: Any, every: int = 1):
        self.weight = schedules.get(self.argument, weight)
        self.every = checks.positive_integer("every", every)

    def draw(self, model, real=None, fake=None):
        """Return the inputs of `cost`.

        Called in every step: random numbers are drawn and variables are assigned here.

        Args:
            model: the model in training; `model.seed_generator` seeds random numbers.
            real, fake: `training.plan.DiscriminatorPass` over real and over generated images. `None`
                on the generator's side.
        """
        return None

    def cost(self, model, drawn):
        """Return the unweighted penalty, a scalar.

        Assignments to variables in here have no effect.

        Args:
            model: the model in training.
            drawn: the return value of `draw`.
        """
        raise NotImplementedError

    def factor(self, step):
        """Return the factor of a computed penalty at training step `step`."""
        return schedules.at(self.weight, step) * self.every

    def get_config(self) -> dict[str, Any]:
        return {self.argument: schedules.serialize(self.weight), "every": self.every}

    @classmethod
    def from_config(cls, config):
        return cls(**config | {cls.argument: schedules.deserialize(config[cls.argument])})


class ImageGradientPenalty(Penalty):
    """Base of penalties on the gradients of logits with respect to the discriminator's input images.

    Subclasses define `points` and `value`.

    Attributes:
        extras_from: `"real"` or `"fake"`: the pass whose extra inputs, such as labels, go with the
            points.
    """

    extras_from = "real"

    def points(self, real, fake, seed):
        """Return images (n, ...) at which gradients are taken.

        Args:
            real, fake: images (n, ...) as the discriminator receives them.
            seed: `keras.random.SeedGenerator`.
        """
        raise NotImplementedError

    def value(self, gradients):
        """Return the unweighted penalty, a scalar, of gradients (n, ...)."""
        raise NotImplementedError

    def draw(self, model, real=None, fake=None):
        images = (ops.stop_gradient(at_least_float32(each.view.images)) for each in (real, fake))
        source = fake if self.extras_from == "fake" else real
        return source.view._replace(images=self.points(*images, model.seed_generator))

    def cost(self, model, drawn):
        def logits(images):
            return model.discriminate(drawn._replace(images=images)).logits

        return self.value(backend.value_and_input_grad(logits, drawn.images)[1])


class WeightPenalty(Penalty):
    """Base of penalties on the trained weights of one side, such as orthogonal regularization.

    Subclasses define `value`.

    Args:
        weight, every: see `Penalty`.
        side: `"discriminator"` or `"generator"`, the side whose weights are penalized.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    def __init__(self, weight: Any, every: int = 1, side: str = "generator"):
        super().__init__(weight, every)
        self.side = checks.one_of("side", side, ("discriminator", "generator"))

    def value(self, variables):
        """Return the unweighted penalty, a scalar, of a list of `keras.Variable`."""
        raise NotImplementedError

    def cost(self, model, drawn):
        return self.value(model.side_variables(self.side))

    def get_config(self):
        return super().get_config() | {"side": self.side}
