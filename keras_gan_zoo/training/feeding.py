"""Preparation of the arguments of `fit` for Keras."""

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.data.batches import Batches

# Arguments of `fit` for which Keras must receive the arrays themselves.
_NEEDS_ARRAYS = ("class_weight", "sample_weight", "steps_per_epoch", "validation_split")


def feed(x, y=None, batch_size=None, callbacks=None, **arguments) -> dict:
    """Convert the arguments of a model's `fit` to those of `keras.Model.fit`.

    Data in memory are converted to the backend's fastest format. Datasets of this package continue at
    the epoch given by the model's step counter.

    Args:
        x, y, batch_size, callbacks, **arguments: as in `keras.Model.fit`.
    """
    callbacks = as_list(callbacks)
    if isinstance(x, Batches):
        callbacks.insert(0, _FollowSteps(x))
        arguments["shuffle"] = False  # the dataset shuffles reproducibly
    arguments = {"x": x, "y": y, "batch_size": batch_size, "callbacks": callbacks, **arguments}
    in_memory = hasattr(x, "shape") or isinstance(x, Batches)
    if in_memory and not any(arguments.get(name) is not None for name in _NEEDS_ARRAYS):
        arguments = backend.feed(arguments)
    return arguments


def as_list(callbacks) -> list:
    """Copy the argument `callbacks` of `fit` to a new list."""
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


class _FollowSteps(keras.callbacks.Callback):
    """Set a dataset's epoch from the model's step counter, which is saved with the model."""

    def __init__(self, dataset: Batches):
        super().__init__()
        self.dataset = dataset

    def on_epoch_begin(self, epoch, logs=None):
        self.dataset.epoch = self.model.steps // len(self.dataset)
