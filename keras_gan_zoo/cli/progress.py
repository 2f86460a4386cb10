"""Progress of a training over all epochs: a bar on a terminal, plain lines elsewhere and in a log."""

import datetime
import sys
import threading
import time
from pathlib import Path

import keras

from keras_gan_zoo.utils.text import duration

_MINUTE = 60.0


class TrainingProgress(keras.callbacks.Callback):
    """Show how far a training is, with the time left until the end of the last epoch.

    On a terminal, one `keras.utils.Progbar` counts the steps of all epochs. After every so many epochs,
    and after a minute without one, there is a line with the logs, which goes to standard output and,
    with date and time, to the log file.

    Args:
        path: log file; lines are appended.
        steps: training steps per epoch.
        first_epoch: number of the first epoch, from 0 on.
        epochs: number of the last epoch, from 1 on.
        every: epochs between two lines.
    """

    async_safe = True  # Keras may call the hooks for steps from several threads

    def __init__(self, path: Path, steps: int, first_epoch: int, epochs: int, every: int = 1):
        super().__init__()
        self.path = path
        self.steps = steps
        self.first_epoch = first_epoch
        self.epochs = epochs
        self.every = every
        self._lock = threading.Lock()
        self._bar = None

    def on_train_begin(self, logs=None):
        total = (self.epochs - self.first_epoch) * self.steps
        if sys.stdout.isatty():
            self._bar = keras.utils.Progbar(total)
        self._total, self._done, self._epoch = total, 0, self.first_epoch
        self._start = self._last_line = time.monotonic()
        self._first_step = None

    def on_epoch_begin(self, epoch, logs=None):
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        with self._lock:
            done = (self._epoch - self.first_epoch) * self.steps + batch + 1
            if done <= self._done:
                return  # reported out of order
            self._count(done)
            if self._is_due():
                self._line(logs, f"step {done % self.steps or self.steps}/{self.steps}, ")
            if self._bar is not None:
                self._bar.update(self._done, finalize=False)

    def on_epoch_end(self, epoch, logs=None):
        with self._lock:
            self._count((epoch - self.first_epoch + 1) * self.steps)
            if (epoch + 1) % self.every == 0 or self._is_due():
                self._line(logs)
            if self._bar is not None:
                self._bar.update(self._done)

    def _is_due(self):
        return time.monotonic() - self._last_line > _MINUTE

    def _count(self, done):
        self._done = done
        if self._first_step is None:  # which includes the time for compiling
            self._first_step = done, time.monotonic()

    def _line(self, logs, place=""):
        values = " - ".join(f"{name}: {float(value):.4g}" for name, value in (logs or {}).items())
        self.write(
            f"Epoch {self._epoch + 1}/{self.epochs}, {place}{self._done / self._total:.0%} done, "
            f"{duration(time.monotonic() - self._start)} elapsed, {self._left()} left - {values}"
        )

    def _left(self):
        first, since = self._first_step
        if self._done == self._total:
            return duration(0)
        if self._done == first:
            first, since = 0, self._start
        seconds = (time.monotonic() - since) / (self._done - first) * (self._total - self._done)
        return duration(seconds)

    def write(self, line: str, stream=None) -> None:
        """Write a line to a stream, by default standard output, and to the log file."""
        erase = "" if self._bar is None else "\r\x1b[K"
        print(f"{erase}{line}", file=stream or sys.stdout, flush=True)
        self._last_line = time.monotonic()
        with open(self.path, "a", encoding="utf-8") as log:
            log.write(f"{datetime.datetime.now():%Y-%m-%d %H:%M:%S} {line}\n")
