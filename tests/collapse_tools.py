"""Models and monitors for the tests of `CollapseMonitor`."""

import keras
import numpy as np
import pytest
from keras import layers
from tools import SHAPE, images

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks import CollapseMonitor, FiniteNumbers, TrainingWarning
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

SGD = keras.optimizers.SGD


def pixels(shape=SHAPE):
    """An extractor whose features are the pixels."""
    return keras.Sequential([keras.Input(shape), layers.Flatten()])


def monitor(**arguments):
    """A monitor of all three failures without warm-up and patience.

    Names of thresholds and of class attributes are set as such, others are arguments.
    """
    thresholds, attributes = {"warmup": 0, "patience": 1}, {"samples": 16}
    for name in list(arguments):
        if name in CollapseMonitor.default_thresholds:
            thresholds[name] = arguments.pop(name)
        elif name in ("samples", "rate_optimizer", "rate_factor", "skip_threshold", "seed"):
            attributes[name] = arguments.pop(name)
    watch = CollapseMonitor(**{"extractor": pixels(), "thresholds": thresholds} | arguments)
    for name, value in attributes.items():
        setattr(watch, name, value)
    return watch


def only_nan(**arguments):
    return monitor(diversity=0.0, confidence=1.0, **arguments)


def unguarded(**arguments):
    """A monitor of NaN, without the `FiniteNumbers` of `fit`, which would stop the training."""
    return [FiniteNumbers(None), only_nan(**arguments)]


def only_confidence(**arguments):
    return monitor(diversity=0.0, **arguments)


class Toy(NoiseToImage):
    """A generator whose pixels are `bias + scale * latent`, and a discriminator that guesses."""

    def __init__(self, kernel="random", scale=0.5, bias=0.0, image_shape=SHAPE):
        super().__init__(image_shape=image_shape, latent_dim=4, seed=0)
        self.make_networks()
        weights, offsets = self.generator.get_weights()
        if kernel == "random":
            weights = np.random.default_rng(0).normal(0, scale, weights.shape)
        elif kernel == "brightness":
            weights[0] = scale
        self.generator.set_weights([weights, offsets + bias])

    def make_generator(self):
        size = int(np.prod(self.image_shape))
        dense = layers.Dense(size, kernel_initializer="zeros")
        return keras.Sequential(
            [keras.Input((self.latent_dim,)), dense, layers.Reshape(self.image_shape)]
        )

    def make_discriminator(self):
        dense = layers.Dense(1, kernel_initializer="zeros")
        return keras.Sequential([keras.Input(self.image_shape), layers.Flatten(), dense])


class Poison(keras.callbacks.Callback):
    """Makes a weight NaN in these epochs, or after these steps."""

    def __init__(self, epochs=(), steps=()):
        super().__init__()
        self.epochs, self.steps, self.count = epochs, steps, 0
        if not steps:
            self.on_train_batch_end = super().on_train_batch_end

    def _poison(self):
        backend.sync(self.model)
        weight = self.model.generator.weights[0]
        weight.assign(np.full(weight.shape, np.nan))

    def on_epoch_begin(self, epoch, logs=None):
        if epoch in self.epochs:
            self._poison()

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        if self.count in self.steps:
            self._poison()


def warned(*patterns):
    return pytest.warns(TrainingWarning, match=".*".join(patterns))


def monitor_messages(found):
    """The monitor's messages among the warnings; each is one line."""
    messages = [str(warning.message) for warning in found if warning.category is TrainingWarning]
    assert not any("\n" in message for message in messages)
    return messages


def prepared(watch, model, x=None):
    watch.set_model(model)
    model._fit_data.value = images() if x is None else x
    watch.on_train_begin()
    return watch
