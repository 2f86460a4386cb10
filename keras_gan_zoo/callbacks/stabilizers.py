"""Remedies for a discriminator that wins: smoothed labels, noise, skipped updates.

They turn knobs that live in the model as weights, so they act inside compiled steps.
"""

import math
from collections.abc import Callable

import keras

from keras_gan_zoo import losses
from keras_gan_zoo.utils import checks


class _Knobs(keras.callbacks.Callback):
    """Compiles a feature into the model's step and sets its knobs in every epoch."""

    feature = ""

    def set_model(self, model):
        super().set_model(model)
        if not hasattr(model, "set_knob"):
            raise TypeError(
                f"`{type(self).__name__}` needs a model of keras_gan_zoo that is trained with `fit`. "
                f"Received: {type(model).__name__}."
            )
        self.check(model)
        model.enable(self.feature)

    def check(self, model):
        pass

    def knobs(self, epoch: int) -> dict[str, float]:
        raise NotImplementedError

    def on_epoch_begin(self, epoch, logs=None):
        for name, value in self.knobs(epoch).items():
            self.model.set_knob(name, value)


class _Labels(_Knobs):
    def check(self, model):
        loss = model.adversarial_loss
        if not loss.uses_targets:
            able = ", ".join(repr(name) for name, kind in losses.LOSSES.items() if kind.uses_targets)
            raise ValueError(
                f"`{type(self).__name__}` needs a loss that has labels: {able}. Received: "
                f"{type(loss).__name__}, which compares scores instead. Compile with one of these "
                "losses or leave the callback out."
            )


class LabelSmoothing(_Labels):
    """Soften the labels that the discriminator learns (Salimans et al. 2016, arXiv 1606.03498).

    The generator's own labels stay at 1.

    Args:
        real: label of real images, 1.0 being unsmoothed.
        fake: label of fakes, 0.0 being unsmoothed (the paper advises to leave it there).
        schedule: function of the epoch (from 0) to the strength, 1.0 for the labels above and 0.0
            for none. None: always 1.0.

    Raises:
        ValueError: a label is outside [0, 1]; when training starts: the loss has no labels.
    """

    feature = "label_smoothing"

    def __init__(
        self,
        real: float = 0.9,
        fake: float = 0.0,
        schedule: Callable[[int], float] | None = None,
    ):
        super().__init__()
        self.real = checks.fraction("real", real)
        self.fake = checks.fraction("fake", fake)
        self.schedule = schedule

    def knobs(self, epoch):
        strength = 1.0 if self.schedule is None else float(self.schedule(epoch))
        return {
            "real_label": 1.0 + strength * (self.real - 1.0),
            "fake_label": strength * self.fake,
        }


class LabelNoise(_Labels):
    """Disturb the labels that the discriminator learns, anew for every image and step.

    Args:
        amplitude: labels are moved by a uniform number in [-amplitude, amplitude].
        flip: probability that an image gets the label of the other kind.
        decay: both are multiplied with `decay**epoch`, in (0, 1]. None: they stay.

    Raises:
        ValueError: an argument is outside [0, 1]; when training starts: the loss has no labels.
    """

    feature = "label_noise"

    def __init__(self, amplitude: float = 0.05, flip: float = 0.0, decay: float | None = None):
        super().__init__()
        self.amplitude = checks.fraction("amplitude", amplitude)
        self.flip = checks.fraction("flip", flip)
        self.decay = 1.0 if decay is None else checks.fraction("decay", decay)

    def knobs(self, epoch):
        strength = self.decay**epoch
        return {"label_noise": strength * self.amplitude, "label_flip": strength * self.flip}


class InstanceNoise(_Knobs):
    """Add noise to all that the discriminator sees (Sønderby et al. 2016, arXiv 1610.04490).

    Real images and fakes overlap then, so that a discriminator cannot be sure of itself early on.

    Args:
        amplitude: standard deviation of the normal noise in the first epoch; images are in [-1, 1].
        epochs: after so many the noise is gone; it falls linearly. None: it stays.

    Raises:
        ValueError: `amplitude` is negative or `epochs` is not positive.
    """

    feature = "instance_noise"

    def __init__(self, amplitude: float = 0.1, epochs: int | None = None):
        super().__init__()
        self.amplitude = checks.non_negative("amplitude", amplitude)
        self.epochs = None if epochs is None else checks.positive_integer("epochs", epochs)

    def knobs(self, epoch):
        left = 1.0 if self.epochs is None else max(0.0, 1.0 - epoch / self.epochs)
        return {"instance_noise": left * self.amplitude}


class DiscriminatorSkip(_Knobs):
    """Skip the discriminator's update while its loss on the batch is below a threshold.

    A skipped step does not pay for the discriminator's backward pass. The logs get `d_skipped`, the
    share of skipped updates.

    Args:
        threshold: in units of `d_loss`; 1.386 is the loss of a discriminator that guesses, under
            the default loss.
        patience: skips in a row after which one update is made all the same, so that the
            discriminator does not starve. None: no limit.

    Raises:
        ValueError: `patience` is not positive.
    """

    feature = "skip"

    def __init__(self, threshold: float = 0.3, patience: int | None = None):
        super().__init__()
        self.threshold = float(threshold)
        self.patience = math.inf if patience is None else checks.positive_integer("patience", patience)

    def knobs(self, epoch):
        return {"skip_threshold": self.threshold, "skip_patience": float(self.patience)}
