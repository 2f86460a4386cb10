"""Files of checkpoints: their names, contents, seals, and the newest good one of a folder.

A checkpoint is a `.keras` file with two more members: `training.json`, what training needs besides the
model, and `training.npz`, the arrays in it. The comment of the archive is a seal: the SHA-256 of all
bytes before it.
"""

import contextlib
import io
import json
import os
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.utils import files

_PATTERN = "epoch_*_step_*.keras"
_STATE, _ARRAYS = "training.json", "training.npz"
_ARRAY = "__array__"
_DIGEST = 64  # characters of a SHA-256


def name(epoch: int, step: int) -> str:
    """Return the name of the checkpoint after `epoch` epochs and `step` steps of the next one."""
    return f"epoch_{epoch:05d}_step_{step:07d}.keras"


def listed(folder: Path) -> list[Path]:
    """Return the checkpoints of a folder, the oldest first; damaged ones are among them."""
    return sorted(folder.glob(_PATTERN))


def complete(path: str | os.PathLike, state: dict[str, Any]) -> None:
    """Add the state of a training to a `.keras` file and seal it.

    Args:
        path: the file, which nobody reads yet.
        state: numbers, strings, None and arrays in lists and dicts, whose keys are strings.
    """
    arrays: list[np.ndarray] = []
    text = json.dumps(_without_arrays(state, arrays))
    buffer = io.BytesIO()
    np.savez(buffer, *arrays)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(_STATE, text)
        archive.writestr(_ARRAYS, buffer.getvalue())
        archive.comment = b"0" * _DIGEST
    digest = _digest(path)
    with open(path, "r+b") as file:
        file.seek(-_DIGEST, os.SEEK_END)
        file.write(digest)


def read(path: Path) -> dict[str, Any]:
    """Return the state that `complete` added to a file that is whole."""
    with zipfile.ZipFile(path) as archive:
        state = json.loads(archive.read(_STATE))
        with np.load(io.BytesIO(archive.read(_ARRAYS)), allow_pickle=False) as file:
            arrays = [file[name] for name in file.files]
    return _with_arrays(state, arrays)


def config(path: Path) -> dict[str, Any]:
    """Return the config of the model in a `.keras` file, as Keras wrote it."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read("config.json"))


def is_whole(path: str | os.PathLike) -> bool:
    """Return whether every byte of a checkpoint is as it was written."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _DIGEST, 0))
        seal = file.read()
    return size > _DIGEST and seal == _digest(path)


def newest(folder: Path) -> Path | None:
    """Return the newest checkpoint that is whole, None if the folder has no checkpoint.

    Damaged newer ones are named in a warning and renamed to `NAME.damaged`.

    Raises:
        ValueError: all checkpoints are damaged.
    """
    paths = listed(folder)
    for path in reversed(paths):
        if is_whole(path):
            return path
        warnings.warn(
            f"The checkpoint {path} is damaged: its contents differ from what was written. The one "
            "before it is taken.",
            stacklevel=3,
        )
        with contextlib.suppress(OSError):  # a folder that is only read
            path.rename(path.with_name(f"{path.name}.damaged"))
    if paths:
        raise ValueError(
            f"All checkpoints in {folder} are damaged. Train anew with another folder, or restore the "
            "files from a copy."
        )
    return None


def keep_newest(folder: Path, count: int) -> None:
    """Delete all but the `count` newest checkpoints."""
    for path in listed(folder)[:-count]:
        path.unlink(missing_ok=True)


def _digest(path) -> bytes:
    """Hexadecimal SHA-256 of a file without its last `_DIGEST` bytes."""
    return files.sha256(path, os.path.getsize(path) - _DIGEST).hexdigest().encode()


def _without_arrays(value, arrays):
    """Return `value` with places in place of arrays, which are appended to `arrays`."""
    if isinstance(value, dict):
        return {key: _without_arrays(item, arrays) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_arrays(item, arrays) for item in value]
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {_ARRAY: len(arrays) - 1}
    return value.item() if isinstance(value, np.generic) else value


def _with_arrays(value, arrays):
    if isinstance(value, dict):
        if value.keys() == {_ARRAY}:
            return arrays[value[_ARRAY]]
        return {key: _with_arrays(item, arrays) for key, item in value.items()}
    return [_with_arrays(item, arrays) for item in value] if isinstance(value, list) else value
