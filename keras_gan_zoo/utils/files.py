"""Atomic file writes and checks of output folders."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | os.PathLike, overwrite: bool = True) -> Iterator[str]:
    """Context manager for an atomic write: an error or Ctrl-C leaves an existing file unchanged.

    Yields a temporary path in the folder of `path`, which replaces `path` when the block ends without
    an error.

    Args:
        path: the file to write.
        overwrite: if False and `path` exists, yields `path` itself, so that the writer can prompt.
            Defaults to True.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        yield str(path)
        return
    temporary = path.with_name(f".{os.getpid()}.{path.name}")  # writers choose the format by the suffix
    try:
        yield str(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


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
