"""Bounds on the memory that a file takes, checked before anything of it is read."""

import os
import zipfile
from pathlib import Path
from typing import Any

from keras_gan_zoo.utils.files import printable

# Model files are written without compression, presets with about half of their size.
_EXPANSION = 20
_ALLOWANCE = 2**20  # bytes, for small files
_WEIGHTS = "model.weights.h5"


class ExpansionError(ValueError):
    """A file asks for much more memory than it has bytes."""


def check_needed(path: str | os.PathLike, needed: int) -> None:
    """Raise ExpansionError if the contents of a file need much more memory than room on the disk.

    A few bytes can ask for any amount of memory: compressed zeros, an array of one repeated number, an
    array without stored values.

    Args:
        path: the file.
        needed: bytes that its contents take in memory.
    """
    size = os.path.getsize(path)
    if needed > _EXPANSION * size + _ALLOWANCE:
        raise ExpansionError(
            f"The file {printable(path)} is damaged or harmful: it has {size:,} bytes and asks for "
            f"{needed:,} bytes of memory. It was not loaded. Use another copy, or write it again "
            "without compression."
        )


def check_zip(path: str | os.PathLike) -> None:
    """Check the sizes that the directory of a zip archive declares, see `check_needed`.

    Raises:
        ExpansionError: they are too large.
        zipfile.BadZipFile: it is no zip archive.
    """
    with zipfile.ZipFile(path) as archive:
        check_needed(path, sum(member.file_size for member in archive.infolist()))


def check_model(path: str | os.PathLike) -> None:
    """Check the sizes that a `.keras` or a `.weights.h5` file declares, see `check_needed`.

    Raises:
        ExpansionError: they are too large.
        OSError, zipfile.BadZipFile: the file is damaged.
    """
    if Path(path).suffix != ".keras":
        _check_arrays(path, path)
        return
    check_zip(path)
    with zipfile.ZipFile(path) as archive:
        if _WEIGHTS in archive.namelist():
            with archive.open(_WEIGHTS) as file:
                _check_arrays(file, path)


def _check_arrays(file: Any, path: str | os.PathLike) -> None:
    """Check the sizes of the arrays in an HDF5 file, given as a path or as an open file."""
    import h5py

    sizes = []

    def add(name, item):
        if isinstance(item, h5py.Dataset):
            sizes.append(item.size * item.dtype.itemsize)

    with h5py.File(file, "r") as opened:
        opened.visititems(add)
    check_needed(path, sum(sizes))
