"""Regularization terms for `compile(penalties=[...])`, on gradients and on weights.

`every=n` computes a penalty in every n-th update only, with n times the weight, so that its mean stays
the same ("lazy regularization", Karras et al. 2019, arXiv 1912.04958). The term is part of that
update's loss; the authors of StyleGAN2 make an update of its own and rescale Adam to compensate.
"""

from collections.abc import Sequence

import keras

from keras_gan_zoo.layers import second_order
from keras_gan_zoo.penalties.base import ImageGradientPenalty as ImageGradientPenalty
from keras_gan_zoo.penalties.base import Penalty as Penalty
from keras_gan_zoo.penalties.base import WeightPenalty as WeightPenalty
from keras_gan_zoo.penalties.gradients import DRAGAN as DRAGAN
from keras_gan_zoo.penalties.gradients import R1 as R1
from keras_gan_zoo.penalties.gradients import R2 as R2
from keras_gan_zoo.penalties.gradients import GradientPenalty as GradientPenalty
from keras_gan_zoo.penalties.lecam import LeCam as LeCam
from keras_gan_zoo.penalties.path_length import PathLength as PathLength
from keras_gan_zoo.penalties.san import SANDirection as SANDirection
from keras_gan_zoo.penalties.san import required_by as required_by
from keras_gan_zoo.utils import checks

PENALTIES: dict[str, type[Penalty]] = {
    "gradient_penalty": GradientPenalty,
    "dragan": DRAGAN,
    "r1": R1,
    "r2": R2,
    "path_length": PathLength,
    "lecam": LeCam,
}


def get(penalties: Sequence[str | Penalty] | str | Penalty) -> list[Penalty]:
    """Return the penalties of the given names and objects.

    Args:
        penalties: a key of `PENALTIES` or a `Penalty`, or a sequence of them.

    Raises:
        ValueError: If a name is unknown or two penalties have the same name.
        TypeError: If an element is neither a name nor a `Penalty`.
    """
    given = [penalties] if isinstance(penalties, str | Penalty) else list(penalties)
    resolved = [checks.named(item, Penalty, PENALTIES, "A penalty", "penalties") for item in given]
    names = [penalty.name for penalty in resolved]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Argument `penalties` must hold one of each kind. Received: {', '.join(names)}. Add up "
            "their weights in one."
        )
    return resolved


def check(penalties: Sequence[Penalty], model) -> None:
    """Refuse penalties that cannot be computed on a model's networks.

    Args:
        penalties: as `get` returns them.
        model: `AdversarialModel` with its networks.

    Raises:
        ValueError: If a gradient penalty meets layers with wrong second-order gradients, or a path
            length penalty a generator without styles.
    """
    if any(isinstance(penalty, ImageGradientPenalty) for penalty in penalties):
        check_network(model.discriminator)
    if any(penalty.side == "styles" for penalty in penalties) and not model.has_styles:
        raise ValueError(
            "The penalty 'path_length' needs a generator with styles. Received: a model of the type "
            f"{type(model).__name__}. Leave it out, or train `keras_gan_zoo.StyleGAN2`."
        )


def check_network(network: keras.Model) -> None:
    """Refuse a discriminator whose gradient penalty would have wrong gradients.

    Args:
        network: the discriminator.

    Raises:
        ValueError: If it has Keras layers whose second-order gradients are wrong or differ between
            backends; the message names the replacements.
    """
    unsafe = second_order.unsafe_second_order_layers(network)
    if unsafe:
        kinds = sorted({type(layer).__name__ for layer in unsafe})
        raise ValueError(
            "A penalty differentiates the discriminator twice, and Keras' own normalization layers "
            "are wrong there: TensorFlow's `nn.moments` has a wrong second gradient, and spectral "
            "normalization assigns its kernel. Received: a discriminator with "
            f"{', '.join(f'{layer.name} ({type(layer).__name__})' for layer in unsafe)}. Use the "
            f"layers of `keras_gan_zoo.layers` instead of keras.layers.{', '.join(kinds)}, or no "
            "penalties."
        )
