"""Callback that writes the complete state of a training."""

import concurrent.futures
import contextlib
import os
from pathlib import Path

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.callbacks.collapse import failures
from keras_gan_zoo.utils import checkpoint_files, checks, files

_AGREE_EVERY = 16  # steps, in a training of several processes


class Checkpoint(keras.callbacks.Callback):
    """Write checkpoints from which `fit(resume=folder)` continues bit for bit, at any step.

    A checkpoint is a `.keras` file that `keras.models.load_model` reads, such as
    `epoch_00002_step_0000150.keras`, written after 2 epochs and 150 steps of the third one. Besides
    the model with its moving average, optimizers and seeds it has the metrics, the place in the data,
    and the states of callbacks: of this library, of Keras' `EarlyStopping`, `ReduceLROnPlateau` and
    `ModelCheckpoint`, and of those with methods `get_state()` and `set_state(state)`, where the state
    is a dict of numbers, strings, lists and NumPy arrays.

    A file is sealed by the SHA-256 of its contents. It is copied in the step, and reaches the disk in
    the background, one at a time; older ones are deleted after it was read back. An error in writing it
    is raised at the next step. The state of a model with NaN or infinity is not written; a
    `TrainingWarning` names the variable.

    Args:
        folder: Folder of the files, created if it does not exist.
        every: Epochs between checkpoints.
        every_steps: Training steps between checkpoints. Defaults to `None`, which uses `every`.
        keep: Number of files that are kept.

    Attributes:
        latest: Path of the last checkpoint that was written or continued from; None: there is none.

    Raises:
        ValueError: The folder cannot be written to, or a number is not positive. When training starts:
            the folder has checkpoints of another training.
        TypeError: When training starts: the model does not belong to keras_gan_zoo.
        OSError: In `fit`: a file could not be written.

    Example:

    >>> checkpoint = kgz.callbacks.Checkpoint("runs/mine/checkpoints", every_steps=500)
    >>> model.fit(dataset, epochs=50, callbacks=[checkpoint], resume="runs/mine/checkpoints")
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        every: int = 1,
        *,
        every_steps: int | None = None,
        keep: int = 3,
    ):
        super().__init__()
        self.every = checks.positive_integer("every", every)
        self.every_steps = checks.optional_positive_integer("every_steps", every_steps)
        self.keep = checks.positive_integer("keep", keep)
        self.folder = files.writable_folder(folder, "folder")
        self.latest: Path | None = None
        self._writing: concurrent.futures.Future | None = None
        self._is_stop_requested = False

    def set_model(self, model):
        super().set_model(model)
        if not hasattr(model, "training_state"):
            raise TypeError(
                "`Checkpoint` needs an adversarial model of keras_gan_zoo. Received: "
                f"{type(model).__name__}."
            )

    def on_train_begin(self, logs=None):
        self.wait()
        start = self.model.position
        if start is not None and start.path.parent.resolve() == self.folder.resolve():
            self.latest = start.path
        elif found := checkpoint_files.listed(self.folder):
            raise ValueError(
                f"The folder {self.folder} has checkpoints of another training, such as "
                f"{found[-1].name}. Pass `fit(..., resume={str(self.folder)!r})` to continue it, or "
                "another folder."
            )
        process, count = backend.process()
        self._is_writer, self._agree_every = process == 0, _AGREE_EVERY if count > 1 else 1
        if self._is_writer:
            files.remove_abandoned(self.folder)
        self._place = (0, 0) if start is None else (start.epoch, start.step)
        self._first_step = None if start is None else start.first_step
        self._unwritten = 0  # steps

    def on_epoch_begin(self, epoch, logs=None):
        if epoch != self._place[0]:
            self._place = (epoch, 0)
        if self._place[1] == 0 or self._first_step is None:
            self._first_step = self.model.steps

    def between_steps(self, batch: int, logs=None) -> None:
        """Write a checkpoint if it is due; called before each step, without waiting for the last one.

        Args:
            batch: number of steps of the epoch so far.
        """
        self._place = (self._place[0], batch)
        is_due = self.every_steps is not None and self._unwritten >= self.every_steps
        self._write_if_due(is_due, can_stop=batch % self._agree_every == 0)
        self._unwritten += self.model.steps_per_execution

    def on_epoch_end(self, epoch, logs=None):
        _, batch = self._place
        done, steps = batch + self.model.steps_per_execution, self.params.get("steps")
        if self.model.stop_training and steps and done < steps:
            self._place = (epoch, done)
            return  # in the middle of an epoch
        self._place = (epoch + 1, 0)
        self._first_step = self.model.steps
        if self.every_steps is None:
            self._write_if_due((epoch + 1) % self.every == 0)
        else:
            self._write_if_due(self._unwritten >= self.every_steps)

    def on_train_end(self, logs=None):
        self._write_if_due(self._unwritten > 0)
        self.wait()

    def request_stop(self) -> None:
        """Let `fit` finish the running step, write a checkpoint and raise `KeyboardInterrupt`.

        May be called by the handler of a signal or another thread.
        """
        self._is_stop_requested = True

    def wait(self) -> None:
        """Wait until the last checkpoint is on the disk.

        Raises:
            OSError: It could not be written.
        """
        if self._writing is not None:
            writing, self._writing = self._writing, None
            self.latest = writing.result()

    def _write_if_due(self, is_due, can_stop=True):
        if self._writing is not None and self._writing.done():
            self.wait()
        stops = can_stop and backend.any_process(self._is_stop_requested)  # in all at the same step
        if (is_due or stops) and self._unwritten:
            self._write()
        if stops:
            self._is_stop_requested = False
            self.wait()
            raise KeyboardInterrupt

    def _write(self):
        self.wait()
        model, self._unwritten = self.model, 0
        if not self._is_writer:
            return
        backend.sync(model)
        bad = model.non_finite()
        if bad is not None:
            kept = f"The last good one is {self.latest}." if self.latest else "There is no good one."
            failures.warn(
                model,
                f"Step {model.steps}: no checkpoint is written, as {bad} contains NaN or infinity. "
                f"{kept}",
            )
            return
        epoch, step = self._place
        state = model.training_state(epoch, step, self._first_step, self.params.get("steps"))
        path = self.folder / checkpoint_files.name(epoch, step)
        with contextlib.ExitStack() as stack:
            with _named_errors(path, self.latest):
                self.folder.mkdir(parents=True, exist_ok=True)
                temporary = stack.enter_context(files.replacing(path))
                keras_private.keep_saving_lists()
                keras.Model.save(model, temporary)
            executor = concurrent.futures.ThreadPoolExecutor(1)
            self._writing = executor.submit(
                _finish, stack.pop_all(), temporary, state, path, self.keep, self.latest
            )
            executor.shutdown(wait=False)


def _finish(stack, temporary, state, path, keep, latest):
    """Complete a file, put it in its place, read it back, and delete older ones; return its path."""
    with _named_errors(path, latest):
        with stack:
            checkpoint_files.complete(temporary, state)
        if not checkpoint_files.is_whole(path):
            raise OSError("what was read back differs from what was written")
        checkpoint_files.keep_newest(path.parent, keep)
    return path


@contextlib.contextmanager
def _named_errors(path, latest):
    try:
        yield
    except OSError as error:
        kept = f"The last good one is {latest}." if latest else "There is none before it."
        raise OSError(
            f"The checkpoint {path} could not be written: {error.strerror or error}. {kept}"
        ) from error
