"""The plan of a training, and the records that the training step passes around."""

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import keras

from keras_gan_zoo.augment.base import Augmentation
from keras_gan_zoo.losses import AdversarialLoss
from keras_gan_zoo.penalties import Penalty


class View(NamedTuple):
    """Inputs of the discriminator.

    Args:
        images: augmented, noised and packed images (n, height, width, channels).
        extras: further inputs of the network, such as labels (n,) or timesteps (n,).
    """

    images: Any
    extras: tuple = ()


class DiscriminatorPass(NamedTuple):
    """Outputs of the discriminator for one `View`.

    Args:
        view: the inputs.
        logits: (n, 1) or a map of logits (n, h, w, 1), unbounded.
        features: penultimate activations (n, units), or a list of activations. None: no loss needs
            them.
        head_outputs: outputs of `model.head` for the features, in float32 at least. None: no head.
        training: whether the layers ran in training mode.
    """

    view: View
    logits: Any
    features: Any = None
    head_outputs: Any = None
    training: bool = True


@dataclasses.dataclass(frozen=True)
class TrainingPlan:
    """Everything that `compile` decides and the training step reads.

    Args:
        arguments: arguments of `compile` after defaults and recipe, as saved in files.
        loss_terms: `"adversarial"`: the loss; every other name: the term's weight, a number or a
            schedule of the training step.
        penalties: on all sides.
        augmentation: of the discriminator's input images, or None.
        d_steps: discriminator updates per generator update.
        updates: `"alternating"` or `"simultaneous"`.
        ema: decay of the generator's moving average, a number or a schedule, or None.
        metrics: objects of `keras_gan_zoo.metrics` that `evaluate` computes.
        feature_network: maps the discriminator's inputs to logits and penultimate activations. None:
            no loss needs the activations.
        logs: names of logged values besides those of every model.
        options: optional parts of the step that callbacks switched on for the present `fit`.
    """

    arguments: Mapping[str, Any]
    loss_terms: Mapping[str, Any]
    penalties: tuple[Penalty, ...]
    augmentation: Augmentation | None
    d_steps: int
    updates: str
    ema: Any
    metrics: tuple
    feature_network: keras.Model | None
    logs: tuple[str, ...]
    options: frozenset[str] = frozenset()

    @property
    def adversarial_loss(self) -> AdversarialLoss:
        return self.loss_terms["adversarial"]

    @property
    def matches_features(self) -> bool:
        return "feature_matching" in self.loss_terms

    @property
    def generator_needs_real(self) -> bool:
        """Whether the generator's loss needs a discriminator pass over real images."""
        return self.adversarial_loss.needs_real or self.matches_features

    @property
    def adapts_augmentation(self) -> bool:
        return self.augmentation is not None and self.augmentation.adaptive

    def penalties_on(self, side: str) -> list[Penalty]:
        return [penalty for penalty in self.penalties if penalty.side == side]

    def with_options(self, *options: str) -> "TrainingPlan":
        return dataclasses.replace(self, options=frozenset(options))
