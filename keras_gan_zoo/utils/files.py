"""Atomic file writes, checksums of files, checks of output folders, names that are safe to print."""

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ABANDONED = 3600.0  # seconds
_MARK = b"\nSHA-256 of the bytes before this line: "
_searched: set[Path] = set()  # folders, as a search for each of many files would take quadratic time


class FolderError(ValueError, OSError):
    """A folder cannot be written to: a wrong argument before the work, a failure during it."""


@contextlib.contextmanager
def replacing(path: str | os.PathLike, overwrite: bool = True) -> Iterator[str]:
    """Context manager for an atomic write: an error or Ctrl-C leaves an existing file unchanged.

    Yields a temporary path on the file system of `path`, which replaces `path` when the block ends
    without an error, after its contents are on the disk. What the writer puts beside the temporary path
    is moved beside `path` before that.

    Args:
        path: the file or folder to write.
        overwrite: if False and `path` exists, yields `path` itself, so that the writer can prompt.
            Defaults to True.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        yield str(path)
        return
    if path.parent.absolute() not in _searched:
        remove_abandoned(path.parent)
    # A folder of its own, which nobody else can open, has a name that cannot be guessed.
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.writing-", dir=path.parent) as folder:
        temporary = Path(folder) / path.name  # writers choose the format by the suffix
        yield str(temporary)
        written = sorted(Path(folder).iterdir(), key=temporary.__eq__)  # `temporary` is the last
        for entry in written:
            for file in filter(Path.is_file, [entry, *entry.rglob("*")]):
                _flush(file, os.O_RDWR)
        for entry in written:
            target = path.parent / entry.name
            if target.is_dir() and not target.is_symlink():
                os.replace(target, Path(folder) / f"{entry.name}.old")
            os.replace(entry, target)
    with contextlib.suppress(OSError):  # not every file system can flush a folder
        _flush(path.parent, os.O_RDONLY)


def remove_abandoned(parent: Path) -> None:
    """Remove temporary folders in a folder that killed processes left more than an hour ago."""
    _searched.add(parent.absolute())
    for folder in parent.glob(".*.writing-*"):
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


def printable(text: object) -> str:
    """Return a text with escape sequences for all characters that a terminal would not print as such.

    A name of a file may contain any character: colours, a new title of the window, a line break.
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def sha256(path: str | os.PathLike, length: int) -> Any:
    """Return the SHA-256 of the first `length` bytes of a file, as an object of `hashlib`."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while length > 0 and (block := file.read(min(length, 2**20))):
            digest.update(block)
            length -= len(block)
    return digest


def seal(path: str | os.PathLike) -> None:
    """Append the SHA-256 of a file to it, for a format whose readers ignore what follows its end."""
    with open(path, "r+b") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        file.write(_MARK + digest)


def check_seal(path: str | os.PathLike) -> None:
    """Compare a file with the SHA-256 that `seal` appended. A file without one passes.

    Raises:
        OSError: the file is damaged or cannot be read.
    """
    with open(path, "rb") as file:
        length = os.fstat(file.fileno()).st_size - len(_MARK) - 32
        if length < 0:
            return
        file.seek(length)
        if file.read(len(_MARK)) != _MARK:
            return
        expected = file.read()
    if sha256(path, length).digest() != expected:
        raise OSError(
            f"The file {printable(path)} is damaged: its contents differ from its checksum. Use "
            "another copy of it, or delete it."
        )


def writable_folder(path: str | os.PathLike, argument: str) -> Path:
    """Create a folder with its parents and check that it is writable.

    Args:
        path: the folder.
        argument: name of the user's argument, for the error message.

    Returns:
        The folder as a `Path`.

    Raises:
        FolderError: the folder cannot be created or written to.
    """
    path = Path(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise FolderError(
            f"Argument `{argument}` must be a folder that can be written to. "
            f"Received: {str(path)!r} ({error.strerror or error}). Choose another folder."
        ) from error
    return path
