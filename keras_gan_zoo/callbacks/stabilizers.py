"""Callbacks that weaken the discriminator: label smoothing, noise, skipped updates.

They set knobs, which are scalar weights of the model, so that they take effect in compiled steps.
"""

import math
from collections.abc import Callable

import keras

from keras_gan_zoo import losses
from keras_gan_zoo.callbacks.collapse import failures
from keras_gan_zoo.utils import checks


class _Knobs(keras.callbacks.Callback):
    """Base class: compile an option into the training step and set its knobs in every epoch."""

    option = ""  # name for the model's `enable`

    def set_model(self, model):
        super().set_model(model)
        if not hasattr(model, "set_knob"):
            raise TypeError(
                f"`{type(self).__name__}` needs a model of keras_gan_zoo that is trained with `fit`. "
                f"Received: {type(model).__name__}."
            )
        self.check(model)
        model.enable(self.option)

    def check(self, model):
        """Raise ValueError if the model does not allow the callback."""

    def knobs(self, epoch: int) -> dict[str, float]:
        """Return values of the knobs by name for an epoch, counted from 0."""
        raise NotImplementedError

    def on_epoch_begin(self, epoch, logs=None):
        for name, value in self.knobs(epoch).items():
            self.model.set_knob(name, value)


class _TargetKnobs(_Knobs):
    """Base class of callbacks that change the targets of the discriminator's loss."""

    def check(self, model):
        loss = model.adversarial_loss
        if not loss.uses_targets:
            names = ", ".join(repr(name) for name, kind in losses.LOSSES.items() if kind.uses_targets)
            raise ValueError(
                f"`{type(self).__name__}` needs a loss with target labels: {names}. Received: "
                f"{type(loss).__name__}, which has none. Compile with one of these losses or leave the "
                "callback out."
            )


class LabelSmoothing(_TargetKnobs):
    """Smooth the target labels of the discriminator (Salimans et al. 2016, arXiv 1606.03498).

    Targets of the generator's loss stay at 1.

    Warns with a `TrainingWarning` when training starts if the discriminator has no bias before its
    first batch normalization, as in `DCGAN(d_bias=False)`: its output then hardly depends on the
    contrast of generated images, and training with smoothed targets of real images can end in uniform
    grey.

    Args:
        real: Target for real images, in [0, 1]; 1.0 is no smoothing.
        fake: Target for generated images, in [0, 1]; 0.0 is no smoothing, which the paper recommends.
        schedule: Function from the epoch, counted from 0, to the strength: 1.0 for the targets above,
            0.0 for no smoothing. Defaults to `None`, which is always 1.0.

    Raises:
        ValueError: A label is outside [0, 1]. When training starts: the loss has no target labels.
    """

    option = "label_smoothing"

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

    def on_train_begin(self, logs=None):
        if self.real < 1.0 and _is_contrast_invariant(self.model.discriminator):
            failures.warn(
                self.model,
                f"`LabelSmoothing(real={self.real:g})` can end in uniform grey samples: the "
                "discriminator has no bias before its first batch normalization, so that its output "
                "hardly depends on the contrast of generated images. Leave the callback out, or make "
                "the model with d_bias=True or d_norm='spectral'.",
            )

    def knobs(self, epoch):
        strength = 1.0 if self.schedule is None else float(self.schedule(epoch))
        return {
            "real_label": 1.0 + strength * (self.real - 1.0),
            "fake_label": strength * self.fake,
        }


class LabelNoise(_TargetKnobs):
    """Add noise to the target labels of the discriminator, drawn for every image and step.

    Args:
        amplitude: Uniform noise in [-amplitude, amplitude] is added to labels; in [0, 1].
        flip: Probability of swapping the label of an image for that of the other class, in [0, 1].
        decay: Factor per epoch, in [0, 1]: both are multiplied by `decay**epoch`. Defaults to
            `None`, which keeps them constant.

    Raises:
        ValueError: An argument is outside [0, 1]. When training starts: the loss has no target labels.
    """

    option = "label_noise"

    def __init__(self, amplitude: float = 0.05, flip: float = 0.0, decay: float | None = None):
        super().__init__()
        self.amplitude = checks.fraction("amplitude", amplitude)
        self.flip = checks.fraction("flip", flip)
        self.decay = 1.0 if decay is None else checks.fraction("decay", decay)

    def knobs(self, epoch):
        strength = self.decay**epoch
        return {"label_noise": strength * self.amplitude, "label_flip": strength * self.flip}


class InstanceNoise(_Knobs):
    """Add noise to all inputs of the discriminator (Sønderby et al. 2016, arXiv 1610.04490).

    The noise makes the distributions of real and generated images overlap, which keeps the
    discriminator from becoming overconfident early in training.

    Args:
        amplitude: Standard deviation of the normal noise in the first epoch, at least 0; images are
            in [-1, 1].
        epochs: Number of epochs over which the noise decreases linearly to 0. Defaults to `None`,
            which keeps it constant.

    Raises:
        ValueError: `amplitude` is negative or `epochs` is not positive.
    """

    option = "instance_noise"

    def __init__(self, amplitude: float = 0.1, epochs: int | None = None):
        super().__init__()
        self.amplitude = checks.non_negative("amplitude", amplitude)
        self.epochs = None if epochs is None else checks.positive_integer("epochs", epochs)

    def knobs(self, epoch):
        remaining = 1.0 if self.epochs is None else max(0.0, 1.0 - epoch / self.epochs)
        return {"instance_noise": remaining * self.amplitude}


class DiscriminatorSkip(_Knobs):
    """Skip discriminator updates while the loss on the batch is below a threshold.

    Skipped updates save the discriminator's backward pass. The logs get `d_skipped`, the fraction of
    skipped updates.

    Args:
        threshold: Smallest `d_loss` that leads to an update. With the default loss a discriminator at
            chance level has a `d_loss` of 1.386.
        patience: Maximum number of consecutive skips, so that the discriminator keeps learning.
            Defaults to `None`, which is no limit.

    Raises:
        ValueError: `patience` is not positive.
    """

    option = "skip"

    def __init__(self, threshold: float = 0.3, patience: int | None = None):
        super().__init__()
        self.threshold = float(threshold)
        self.patience = math.inf if patience is None else checks.positive_integer("patience", patience)

    def knobs(self, epoch):
        return {"skip_threshold": self.threshold, "skip_patience": float(self.patience)}


class DiscriminatorWarmup(_Knobs):
    """Train the discriminator alone in the first steps of a model.

    A trained generator, such as that of a preset, meets a discriminator with initial weights, whose
    first gradients would worsen it.

    Args:
        steps: Number of the model's training steps, from its first one, in which the generator is not
            updated.

    Raises:
        ValueError: `steps` is not positive.

    Example:

    >>> model = kgz.from_preset("dcgan_digits_28")
    >>> model.compile(recipe="robust")
    >>> model.fit(dataset, epochs=5, callbacks=[kgz.callbacks.DiscriminatorWarmup(200)])
    """

    option = "warmup"

    def __init__(self, steps: int = 200):
        super().__init__()
        self.steps = checks.positive_integer("steps", steps)

    def set_model(self, model):
        super().set_model(model)
        model.warmup_steps = self.steps

    def knobs(self, epoch):
        return {}


def _is_contrast_invariant(network: keras.Model) -> bool:
    """Return whether batch normalization is the first layer that is not positively homogeneous.

    Images and the same images times a positive number then have equal outputs, up to the epsilon of the
    normalization, in batches of their own.
    """
    for layer in network.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            return True
        if not _is_homogeneous(layer):
            return False
    return False


def _is_homogeneous(layer) -> bool:
    """Return whether the layer maps inputs times a positive number to its outputs times that number."""
    known = (
        keras.layers.InputLayer,
        keras.layers.ReLU,
        keras.layers.LeakyReLU,
        keras.layers.Dropout,
        keras.layers.Flatten,
        keras.layers.Reshape,
        keras.layers.ZeroPadding2D,
        keras.layers.AveragePooling2D,
        keras.layers.MaxPooling2D,
    )
    if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
        linear = (keras.activations.linear, keras.activations.relu, keras.activations.leaky_relu)
        return not layer.use_bias and layer.activation in linear
    return isinstance(layer, known)
