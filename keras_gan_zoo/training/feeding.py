"""Preparation of the arguments of `fit` for Keras."""

import contextlib
import itertools
import warnings
from collections.abc import Iterator
from typing import Any

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.data.arrays import ArrayBatches, OrderedBatches, Rest, Share
from keras_gan_zoo.data.batches import Batches

# Arguments of `fit` for which Keras must receive the arrays themselves.
_NEEDS_ARRAYS = ("class_weight", "sample_weight", "steps_per_epoch", "validation_split")


def ordered(x, y, batch_size: int | None, seed: int, arguments: dict[str, Any]):
    """Return the source of `fit` in an order that depends on a seed and the epoch only, if possible.

    Arrays become `ArrayBatches`, a `PyDataset` becomes `OrderedBatches`. Other sources are returned
    unchanged.

    Args:
        x, y, batch_size: as in `keras.Model.fit`.
        seed: of the orders.
        arguments: the other arguments of `fit`.
    """
    shuffle = arguments.get("shuffle", True)
    if isinstance(x, Batches) or not isinstance(shuffle, bool):  # Keras also knows shuffle="batch"
        return x
    is_dataset = isinstance(x, keras.utils.PyDataset)
    if is_dataset and (x.num_batches is None or arguments.get("steps_per_epoch") is None):
        return OrderedBatches(x, shuffle, seed)
    if hasattr(x, "shape") and not _needs_arrays(arguments):
        return ArrayBatches([x] if y is None else [x, y], batch_size or 32, shuffle, seed)
    return x


def _needs_arrays(arguments):
    return any(arguments.get(name) is not None for name in _NEEDS_ARRAYS)


def feed(x, y=None, batch_size=None, callbacks=None, first_step=None, **arguments) -> dict:
    """Convert the arguments of a model's `fit` to those of `keras.Model.fit`.

    Data in memory are converted to the backend's fastest format. Datasets of this package continue at
    the epoch given by the model's step counter.

    Args:
        x, y, batch_size, callbacks, **arguments: as in `keras.Model.fit`.
        first_step: the model's number of steps at the start of the first epoch. Defaults to `None`, its
            number of steps then.
    """
    callbacks = as_list(callbacks)
    source = x.dataset if isinstance(x, Rest) else x
    if isinstance(source, Batches | OrderedBatches):
        callbacks.insert(0, _FollowSteps(source, first_step))
        arguments["shuffle"] = False  # the dataset shuffles reproducibly
    process, count = backend.process()
    if count > backend.replicas() and keras.distribution.distribution() is None:
        raise ValueError(
            f"`fit` in {count} processes needs `keras.distribution.set_distribution("
            "keras.distribution.DataParallel(auto_shard_dataset=False))` before the model is made. "
            "Received: no distribution, with which each process would train a model of its own."
        )
    if backend.replicas() > 1:
        callbacks.insert(0, _SameWeights())
    if count > 1:
        # Makes variables, on JAX in all processes at once; later, the first one saves alone.
        keras_private.keep_saving_lists()
        if isinstance(x, keras.utils.PyDataset):
            x = Share(x, process, count)
    arguments = {"x": x, "y": y, "batch_size": batch_size, "callbacks": callbacks, **arguments}
    in_memory = hasattr(x, "shape") or isinstance(source, Batches)
    if in_memory and not _needs_arrays(arguments):
        arguments = backend.feed(arguments)
    return arguments


@contextlib.contextmanager
def connected():
    """Turn errors of the connection to the other processes of a training into a ConnectionError."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        lost = any(library in str(error).lower() for library in ("gloo", "nccl"))
        if not lost or backend.process()[1] == 1:
            raise
        raise ConnectionError(
            "Another process of this training has ended or cannot be reached. Start all of them again, "
            f"from the last checkpoint. ({error})"
        ) from error


def as_list(callbacks) -> list:
    """Copy the argument `callbacks` of `fit` to a new list."""
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


def length(x, steps_per_epoch: int | None) -> int | None:
    """Return the number of steps in an epoch, None: not known."""
    if steps_per_epoch is not None:
        return steps_per_epoch
    if isinstance(x, keras.utils.PyDataset):
        return x.num_batches
    if hasattr(x, "cardinality"):  # of a `tf.data.Dataset`; negative: infinite or not known
        number = int(x.cardinality())
        return number if number >= 0 else None
    return len(x) if hasattr(x, "__len__") and not hasattr(x, "shape") else None


def split(x, epoch: int, step: int, steps_per_epoch: int | None):
    """Return the batches of an epoch from one step on, and the source for the epochs after it.

    Args:
        x: source of `fit`, as at the start of the training, which `ordered` returned.
        epoch, step: number of epochs and of steps of the next one that were trained.
        steps_per_epoch: as in `fit`.

    Raises:
        ValueError: Keras itself orders the arrays of `x`.
    """
    if isinstance(x, Batches | OrderedBatches):
        for _ in range(epoch if isinstance(x, OrderedBatches) else 0):
            x.on_epoch_begin()
            x.on_epoch_end()
        if x.num_batches is not None:
            return (Rest(x, step), x) if step else (None, x)
        start = epoch * steps_per_epoch
        return (Rest(x, start + step), Rest(x, start + (steps_per_epoch if step else 0)))
    if hasattr(x, "shape"):
        raise ValueError(
            "`fit(resume=...)` on arrays needs their order, which Keras keeps to itself with "
            "`steps_per_epoch`, `validation_split` or shuffle='batch'. Leave them out, or pass "
            "`keras_gan_zoo.data.ImageDataset(x)`, and `validation_data`."
        )
    skipped = epoch * steps_per_epoch + step if steps_per_epoch else step
    is_grain = any(kind.__module__.startswith("grain.") for kind in type(x).__mro__)
    if is_grain and hasattr(x, "slice"):  # random access
        rest = x.slice(slice(skipped, None)) if step else None
        if steps_per_epoch:
            x = x.slice(slice((epoch + bool(step)) * steps_per_epoch, None))
        return rest, x
    if not is_grain:
        warnings.warn(
            f"`resume` cannot set the position of a {type(x).__name__}: {skipped:,} batches are read "
            "and left out. Training equals that without an interruption only if the source, made "
            "again, gives the same batches in every epoch.",
            stacklevel=3,
        )
    if steps_per_epoch:
        batches = itertools.islice(_endless(x), skipped, None)
        first = itertools.islice(batches, steps_per_epoch - step) if step else None
        return _generator(first), _generator(batches)
    if not step:
        return None, x
    first = x.skip(step) if hasattr(x, "skip") else _generator(itertools.islice(iter(x), step, None))
    return first, x


def _endless(x) -> Iterator:
    while True:
        batches = iter(x)
        yield from batches
        if batches is x:  # a generator ends only once
            return


def _generator(batches):
    """Return an iterator as a generator of tuples, which Keras takes on every backend."""
    if batches is None:
        return None
    return (tuple(batch) if isinstance(batch, tuple | list) else (batch,) for batch in batches)


class TwoParts(keras.callbacks.CallbackList):
    """The callbacks of a training that Keras' `fit` runs in two parts: the rest of an epoch, and more.

    They see one training, and in the first part the numbers of its batches in the whole epoch.

    Args:
        callbacks: list of callbacks.
        start: number of the first batch in the first part.
        is_last: whether training ends after the first part.
        **arguments: of `keras.callbacks.CallbackList`.
    """

    def __init__(self, callbacks: list, start: int, is_last: bool, **arguments):
        super().__init__(callbacks, **arguments)
        self.start = start
        self.is_first, self.is_last, self.logs = True, is_last, None

    def run(self, fit, first: dict[str, Any], then: dict[str, Any]):
        """Call `fit` for one part or both, and return the history.

        Args:
            fit: method `fit` of `keras.Model`.
            first, then: its arguments for each part.
        """
        optimizer = self.model.optimizer
        optimizer.training_goes_on = not self.is_last
        try:
            history = fit(**first)
        finally:
            optimizer.training_goes_on = False
        if self.is_last:
            return history
        self.is_first, self.is_last = False, True
        if self.model.stop_training:
            then["epochs"] = then["initial_epoch"]
        return fit(**then | {"callbacks": self})

    def on_train_begin(self, logs=None):
        if self.is_first:
            super().on_train_begin(logs)

    def on_train_end(self, logs=None):
        if self.is_last:
            super().on_train_end(logs or self.logs)

    def on_epoch_end(self, epoch, logs=None):
        self.start = 0
        super().on_epoch_end(epoch, logs)
        self.logs = logs

    def on_train_batch_begin(self, batch, logs=None):
        super().on_train_batch_begin(batch + self.start, logs)

    def on_train_batch_end(self, batch, logs=None):
        super().on_train_batch_end(batch + self.start, logs)


class _SameWeights(keras.callbacks.Callback):
    """Check at the end of each epoch that all processes have the same weights."""

    def on_epoch_end(self, epoch, logs=None):
        backend.check_replicas(self.model)


class _FollowSteps(keras.callbacks.Callback):
    """Set a dataset's epoch from the model's step counter, which is saved with the model."""

    def __init__(self, dataset: Batches | OrderedBatches, first_step: int | None):
        super().__init__()
        self.dataset = dataset
        self.first_step = first_step

    def on_epoch_begin(self, epoch, logs=None):
        step, self.first_step = self.first_step, None
        step = self.model.steps if step is None else step
        self.dataset.epoch = step // (len(self.dataset) or 1)
