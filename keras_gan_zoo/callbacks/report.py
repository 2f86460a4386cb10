"""Callback that writes the report of a training."""

import math
import os
import platform
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_gan_zoo import __version__, backend
from keras_gan_zoo.metrics.reference import real_images
from keras_gan_zoo.plots import grids
from keras_gan_zoo.plots.report import FILE, nearest, pictures, records, report
from keras_gan_zoo.utils import files, machine

_SHARE = 0.05  # of the time of a training, at most, for writing the page
_FAKES, _REALS = 256, 2000  # images that are compared, at most,
_MAX_FAKES, _MAX_REALS = 2**25, 2**27  # and their numbers


class Report(keras.callbacks.Callback):
    """Write `report.html`, one file that needs no network, and update it in every epoch.

    It shows losses, scores and metrics as charts that one can zoom, the grids that `ImageSnapshots`
    leaves in the same folder, with a slider, each `TrainingWarning` on the axis of epochs, settings,
    versions, time and memory. While the training runs, the page reloads itself.

    After 1, 2, 4, 8, ... epochs and at the end, 256 generated images are compared with at most 2,000
    training images, and those nearest to one are shown above their three neighbours. Distances are
    those of features of the bundled network that fits the images, otherwise of their pixels at 16x16.
    This needs a model that generates from noise, and training data as an array or from `kgz.data`.

    In short epochs the page is written less often, so that it takes at most 5 % of the time. What it
    shows is in `report.jsonl`, which grows by a line in every epoch; `keras-gan-zoo report FOLDER`
    writes the page again.

    Args:
        folder: Folder of the files, created if it does not exist.
        settings: Further settings to show, values by name, such as `{"data": "nebulae"}`.
        neighbours: Whether to compare with training images.

    Attributes:
        path: The page, `report.html` in the folder.

    Raises:
        ValueError: The folder cannot be written to.

    Example:

    >>> snapshots = kgz.callbacks.ImageSnapshots("runs/mine")
    >>> model.fit(dataset, epochs=50, callbacks=[snapshots, kgz.callbacks.Report("runs/mine")])
    """

    def __init__(
        self,
        folder: str | os.PathLike,
        settings: Mapping[str, Any] | None = None,
        *,
        neighbours: bool = True,
    ):
        super().__init__()
        self.folder = files.writable_folder(folder, "folder")
        self.settings = dict(settings or {})
        self.neighbours = neighbours
        self._epoch: int | None = None  # finished epochs, None before the first one

    @property
    def path(self) -> Path:
        """Path of the page."""
        return self.folder / FILE

    def on_train_begin(self, logs=None):
        self._epoch = None
        self._images = None
        self._next = -np.inf  # time of the next page
        self._warnings = getattr(self.model, "training_warnings", [])
        self._recorded = 0  # of the warnings

    def on_epoch_begin(self, epoch, logs=None):
        if self._epoch is None and _is_writer():
            files.writable_folder(self.folder, "folder")
            records.restart(self.folder, epoch)
            records.append(self.folder, epoch=epoch, start=self._start())
        self._epoch = epoch
        self._begin = time.monotonic()

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.monotonic() - self._begin
        self._epoch = done = epoch + 1
        if _is_power_of_two(done):
            self._compare()
        if not _is_writer():
            return
        memory = backend.peak_memory()
        self._record_warnings(done)
        records.append(
            self.folder,
            epoch=done,
            logs={name: float(value) for name, value in (logs or {}).items()},
            seconds=seconds,
            memory=machine.process_memory(),
            device_memory=None if memory is None else memory / machine.GIGABYTE,
        )
        if time.monotonic() >= self._next:
            begin = time.monotonic()
            report(self.folder, running=True)
            end = time.monotonic()
            self._next = end + (end - begin) / _SHARE

    def on_train_end(self, logs=None):
        if self._epoch is not None and not _is_power_of_two(self._epoch):
            self._compare()
        self.end("Finished.")

    def end(self, state: str) -> None:
        """Write the last page, which does not reload itself; for a `fit` that raised an error.

        Args:
            state: how the training ended.
        """
        if self._epoch is not None and _is_writer():
            self._record_warnings(self._epoch)
            records.append(self.folder, epoch=self._epoch, end=state)
            report(self.folder)

    def _record_warnings(self, epoch):
        for warning in self._warnings[self._recorded :]:
            records.append(self.folder, epoch=epoch, warning=warning)
        self._recorded = len(self._warnings)

    # Settings ------------------------------------------------------------------------------------

    def _start(self):
        model, framework = self.model, keras.backend.backend()
        parts = {
            "Run": self.settings | {"started": time.strftime("%Y-%m-%d %H:%M:%S")},
            "Model": _config(lambda: keras.saving.serialize_keras_object(model)["config"]),
            "Training": _config(model.get_compile_config) | {"steps per epoch": self.params["steps"]},
            "Versions": {
                "keras-gan-zoo": __version__,
                "keras": keras.__version__,
                framework: sys.modules[framework].__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
                "system": f"{platform.platform()}, {os.cpu_count()} CPUs",
            },
        }
        return {"model": type(model).__name__, "epochs": self.params["epochs"], "settings": parts}

    # Nearest training images ---------------------------------------------------------------------

    def _compare(self):
        """Compare generated images with the training images, if there are any."""
        data = getattr(self.model, "training_data", None)
        images = getattr(data, "images", data)
        is_comparable = hasattr(images, "shape") and hasattr(self.model, "latents")
        if not (self.neighbours and is_comparable and len(images) > 1):
            return
        size = math.prod(self.model.image_shape)
        fakes = np.asarray(self.model.samples(max(1, min(_FAKES, _MAX_FAKES // size)), seed=0))
        if not _is_writer() or fakes.ndim != 4 or not np.isfinite(fakes).all():
            return
        if self._images is None:
            count = max(2, min(_REALS, _MAX_REALS // size))
            self._images = nearest.TrainingImages(real_images(data, count))
        picture, text = self._images.compare(fakes)
        grids.save(picture, self.folder / pictures.NEIGHBOURS)
        records.append(self.folder, epoch=self._epoch, neighbours=text)


def _is_writer():
    return backend.process()[0] == 0


def _is_power_of_two(number):
    return number & (number - 1) == 0


def _config(function):
    """Return a configuration, an empty one for objects of the user's that have none."""
    try:
        return function() or {}
    except Exception:  # Keras raises errors of many types
        return {}
