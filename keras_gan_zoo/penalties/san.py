"""Direction loss of slicing adversarial networks (Takida et al. 2024, arXiv 2301.12811)."""

from collections.abc import Sequence

import keras
from keras import ops

from keras_gan_zoo.layers import SANDense
from keras_gan_zoo.penalties.base import Penalty
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SANDirection(Penalty):
    """Wasserstein loss of the direction of a `layers.SANDense`.

    weight * (mean(fake) - mean(real)) of the layer's logits, with gradients with respect to its
    direction only. `compile` adds it to discriminators that end in a `SANDense`, such as
    `DCGAN(d_output="san")`.

    Args:
        weight, every: See `Penalty`. Weight 1 is the authors'.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    name = "san_direction"
    needs_features = True

    def __init__(self, weight=1.0, every: int = 1):
        super().__init__(weight, every)

    def draw(self, model, real=None, fake=None):
        return real.features, fake.features

    def cost(self, model, drawn):
        layer = model.discriminator.layers[-1]
        real, fake = (ops.mean(at_least_float32(layer.direction_logits(each))) for each in drawn)
        return fake - real


def required_by(discriminator: keras.Model, given: Sequence[Penalty]) -> list[Penalty]:
    """Return the penalties that the layers of a discriminator need and that are not among `given`.

    Args:
        discriminator: the network.
        given: penalties of the user.
    """
    is_given = any(isinstance(penalty, SANDirection) for penalty in given)
    return [] if is_given or not isinstance(discriminator.layers[-1], SANDense) else [SANDirection()]
