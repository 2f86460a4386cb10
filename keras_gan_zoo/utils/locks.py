"""Lock of a folder that only one process at a time may write to."""

import contextlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def exclusive(path: str | os.PathLike, argument: str) -> Iterator[None]:
    """Context manager that holds a lock, which the system releases when the process ends in any way.

    Does nothing where the system or the file system has no locks.

    Args:
        path: File of the lock, created if it does not exist; it names the process that holds it.
        argument: Name of the user's argument, for the error message.

    Raises:
        ValueError: Another process holds the lock.
    """
    path = Path(path)
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with open(path, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise ValueError(
                f"Argument `{argument}` must be a folder that no other training uses. Received: "
                f"{str(path.parent)!r}, which is in use by {file.read().strip() or 'another process'}. "
                "Wait for its end, stop it, or choose another folder."
            ) from error
        except OSError:
            pass
        else:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            file.flush()
        yield
