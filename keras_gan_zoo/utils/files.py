"""Atomic file writes and checks of output folders."""

import contextlib
import glob
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_ABANDONED = 3600.0  # seconds


@contextlib.contextmanager
def replacing(path: str | os.PathLike, overwrite: bool = True) -> Iterator[str]:
    """Context manager for an atomic write: an error or Ctrl-C leaves an existing file unchanged.

    Yields a temporary path on the file system of `path`, which replaces `path` when the block ends
    without an error, after its contents are on the disk.

    Args:
        path: the file to write.
        overwrite: if False and `path` exists, yields `path` itself, so that the writer can prompt.
            Defaults to True.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        yield str(path)
        return
    remove_abandoned(path.parent, path.name)
    # A folder of its own, which nobody else can open, has a name that cannot be guessed.
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.writing-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name  # writers choose the format by the suffix
        yield str(temporary)
        _flush(temporary, os.O_RDWR)
        os.replace(temporary, path)
    with contextlib.suppress(OSError):  # not every file system can flush a folder
        _flush(path.parent, os.O_RDONLY)


def remove_abandoned(parent: Path, name: str = "*") -> None:
    """Remove temporary folders of files that killed processes left more than an hour ago.

    Args:
        parent: the folder of the files.
        name: of the file. Defaults to any.
    """
    name = name if name == "*" else glob.escape(name)
    for folder in parent.glob(f".{name}.writing-*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > _ABANDONED:
                shutil.rmtree(folder)


def _flush(path, flags):
    """Wait until a file or the entries of a folder, opened with `flags`, are on the disk."""
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def writable_folder(path: str | os.PathLike, argument: str) -> Path:
    """Create a folder with its parents and check that it is writable.

    Args:
        path: the folder.
        argument: name of the user's argument, for the error message.

    Returns:
        The folder as a `Path`.

    Raises:
        ValueError: the folder cannot be created or written to.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise ValueError(
            f"Argument `{argument}` must be a folder that can be written to. "
            f"Received: {str(path)!r} ({error.strerror or error}). Choose another folder."
        ) from error
    return path
