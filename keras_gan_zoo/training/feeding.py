"""How `fit` hands its data to Keras."""

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.data.batches import Batches

# Arguments of `fit` with which Keras itself has to look at the arrays.
_NOT_FED = ("class_weight", "sample_weight", "steps_per_epoch", "validation_split")


def feed(x, y=None, batch_size=None, callbacks=None, **arguments) -> dict:
    """Arguments for Keras' own `fit`, made of those of a model's.

    Data in memory goes the backend's fastest way; datasets of this library serve the batches that are
    due by the model's own count of steps.

    Args:
        x, y, batch_size, callbacks, **arguments: of `keras.Model.fit`.
    """
    callbacks = as_list(callbacks)
    if isinstance(x, Batches):
        callbacks.insert(0, _FollowSteps(x))
        arguments["shuffle"] = False  # the dataset shuffles, in an order that repeats
    arguments = {"x": x, "y": y, "batch_size": batch_size, "callbacks": callbacks, **arguments}
    in_memory = hasattr(x, "shape") or isinstance(x, Batches)
    if in_memory and not any(arguments.get(name) is not None for name in _NOT_FED):
        arguments = backend.feed(arguments)
    return arguments


def as_list(callbacks) -> list:
    """The argument `callbacks` of `fit` as a list of its own."""
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


class _FollowSteps(keras.callbacks.Callback):
    """Serve a dataset's epochs by the model's own count, which survives saving and loading."""

    def __init__(self, dataset: Batches):
        super().__init__()
        self.dataset = dataset

    def on_epoch_begin(self, epoch, logs=None):
        self.dataset.epoch = self.model.steps // len(self.dataset)
