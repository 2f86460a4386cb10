"""The complete state of a training: what is written, and how `fit(resume=...)` takes it up."""

import dataclasses
import os
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

import keras
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.utils import checkpoint_files

# State of Keras' callbacks, which have no `get_state`.
_KERAS_STATES = (
    (
        keras.callbacks.EarlyStopping,
        ("wait", "best", "best_epoch", "stopped_epoch", "best_weights"),
    ),
    (keras.callbacks.ReduceLROnPlateau, ("wait", "best", "cooldown_counter")),
    (keras.callbacks.ModelCheckpoint, ("best",)),
)
# Arguments of `compile` that must be those of the checkpoint, besides the classes of the optimizers.
_COMPILED = ("losses", "penalties", "augment", "d_steps", "updates", "ema")


@dataclasses.dataclass(frozen=True)
class Position:
    """The place in a training at which `fit` continues.

    Args:
        path: the checkpoint.
        epoch: full epochs before it.
        step: steps of the running epoch before it.
        first_step: the model's number of steps at the start of this epoch.
        steps_per_epoch: length of this epoch, None: not known.
        metrics: values of the model's metrics.
        knobs: values of the model's knobs by name.
        callbacks: states of the callbacks by name.
    """

    path: Path
    epoch: int
    step: int
    first_step: int
    steps_per_epoch: int | None
    metrics: list
    knobs: dict[str, float]
    callbacks: dict[str, Any]


def versions() -> dict[str, str]:
    """Return the versions of the package, of Keras and of the backend."""
    name = keras.backend.backend()
    try:
        own = metadata.version("keras-gan-zoo")
    except metadata.PackageNotFoundError:
        own = "unknown"
    return {
        "keras_gan_zoo": own,
        "keras": keras.__version__,
        name: getattr(sys.modules.get(name), "__version__", "unknown"),
    }


def state(model, callbacks, epoch, step, first_step, steps_per_epoch) -> dict[str, Any]:
    """Return the part of a training's state that is not in the model's file; see `Position`."""
    return {
        "epoch": epoch,
        "step": step,
        "first_step": first_step,
        "steps_per_epoch": steps_per_epoch,
        "metrics": [ops.convert_to_numpy(variable) for variable in model.metrics_variables],
        "knobs": {name: float(value) for name, value in model.knobs.items()},
        "callbacks": {
            name: found
            for name, callback in _named(callbacks).items()
            if (found := _callback_state(callback)) is not None
        },
        "versions": versions(),
    }


def restore(model, folder: str | os.PathLike) -> Position | None:
    """Load the newest good checkpoint of a folder into a compiled model.

    Returns:
        Where training continues; None if the folder has no checkpoint.

    Raises:
        ValueError: there is no such folder, all checkpoints are damaged, or they are of another model.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(
            "Argument `resume` must be the folder of a `callbacks.Checkpoint`. Received: "
            f"resume={str(folder)!r}, which is no folder. Leave the argument out to start a training."
        )
    path = checkpoint_files.newest(folder)
    if path is None:
        return None
    _check_model(model, path)
    model.load_weights(path)
    state = checkpoint_files.read(path)
    written = state.pop("versions")
    if written != versions():
        warnings.warn(
            f"{path} was written by {_listed(written)}, this is {_listed(versions())}: training goes "
            "on, but its numbers may differ in the last digits from those of an uninterrupted run.",
            stacklevel=3,
        )
    return Position(path, **state)


def _listed(numbers):
    return ", ".join(f"{name} {number}" for name, number in numbers.items())


def _check_model(model, path):
    """Raise ValueError unless the checkpoint is of a model with the same arguments."""
    saved = checkpoint_files.config(path)
    own = keras.saving.serialize_keras_object(model)
    if own["class_name"] != saved["class_name"]:
        raise _mismatch(path, "model", saved["class_name"], own["class_name"])
    names = [name for name in own["config"] if name not in ("name", "seed")]
    pairs = [(name, saved["config"].get(name), own["config"][name]) for name in names]
    before, now = saved.get("compile_config") or {}, own["compile_config"]
    for name in _COMPILED:  # no average and no augmentation were None in earlier files
        was, value = (None if each is False else each for each in (before.get(name), now[name]))
        pairs.append((name, was, value))
    for name in ("d_opt", "g_opt"):
        pairs.append((name, before.get(name, {}).get("class_name"), now[name]["class_name"]))
    for name, was, value in pairs:
        if was != value:
            raise _mismatch(path, name, was, value)


def _mismatch(path, name, was, value):
    return ValueError(
        f"Argument `resume` must be the folder of a training of the same model. Received: {path} with "
        f"{name}={was!r}, this model has {value!r}. Make and compile the model as for the interrupted "
        "training, or pass another folder."
    )


def _named(callbacks) -> dict[str, Any]:
    """Return callbacks by the name of their class and their number among those of the same class."""
    named: dict[str, Any] = {}
    for callback in callbacks:
        callback = getattr(callback, "callback", callback)  # inside of `ForOptimizer`
        kind = type(callback).__name__
        number = sum(name.startswith(f"{kind}.") for name in named)
        named[f"{kind}.{number}"] = callback
    return named


def _attributes(callback):
    return next((names for kind, names in _KERAS_STATES if isinstance(callback, kind)), ())


def _callback_state(callback):
    if hasattr(callback, "get_state"):
        return callback.get_state()
    names = _attributes(callback)
    return {name: getattr(callback, name, None) for name in names} if names else None


class Restore(keras.callbacks.Callback):
    """Set the callbacks' states, metrics and knobs to those of a checkpoint; the first of `fit`.

    At the start of an epoch before the other callbacks start it, in the middle of one after they have.

    Args:
        position: the place at which `fit` continues.
        callbacks: the callbacks of `fit`.
    """

    def __init__(self, position: Position, callbacks: list):
        super().__init__()
        self.position = position
        self.callbacks = callbacks
        self._is_done = False

    def on_epoch_begin(self, epoch, logs=None):
        if not self.position.step:
            self._restore()

    def on_train_batch_begin(self, batch, logs=None):
        self._restore()

    def _restore(self):
        if self._is_done:
            return
        self._is_done = True
        model, position = self.model, self.position
        backend.sync(model)
        metrics = model.metrics_variables
        # Keras has reset them for a new epoch; with other callbacks than before there may be others.
        if position.step and len(metrics) == len(position.metrics):
            for variable, value in zip(metrics, position.metrics, strict=True):
                variable.assign(value)
        for name, value in position.knobs.items():
            model.set_knob(name, value)
        for name, callback in _named(self.callbacks).items():
            if name not in position.callbacks:
                continue
            state = position.callbacks[name]
            if hasattr(callback, "set_state"):
                callback.set_state(state)
            else:
                vars(callback).update({key: state[key] for key in _attributes(callback)})
