"""Writing files so that a full disk or a Ctrl-C never costs the last good one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def replacing(path: str | os.PathLike, overwrite: bool = True) -> Iterator[str]:
    """A path beside `path` to write to, moved to `path` when the block ends without an error.

    Args:
        path: the file that is to be written.
        overwrite: False: `path` itself is given out where it exists, so that the writer asks.
    """
    path = Path(path)
    if path.exists() and not overwrite:
        yield str(path)
        return
    temporary = path.with_name(f".{os.getpid()}.{path.name}")  # keeps the suffix, which means a format
    try:
        yield str(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def writable_folder(path: str | os.PathLike, argument: str) -> Path:
    """Make the folder, with its parents, and make sure that files can be written there.

    Raises:
        ValueError: it cannot be made or written; the message names the argument.
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
