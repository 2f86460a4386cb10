"""Ctrl-C and SIGTERM during `train`: stop after the running step, with a checkpoint."""

import contextlib
import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator, Sequence

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def on_signal(stop: Callable[[], None]) -> Iterator[list[int]]:
    """Context manager that calls `stop` at the first Ctrl-C or SIGTERM; a second one ends the process.

    Keras on JAX swallows the exception that Python raises at Ctrl-C.

    Args:
        stop: Function without arguments that returns at once.

    Yields:
        List of the numbers of the received signals.
    """
    received: list[int] = []

    def handle(number, frame):
        received.append(number)
        for other in _SIGNALS:
            signal.signal(other, signal.SIG_DFL)
        stop()
        os.write(2, b"\nStopping after this step, with a checkpoint; once more to leave at once.\n")

    if threading.current_thread() is not threading.main_thread():
        yield received
        return
    before = {number: signal.signal(number, handle) for number in _SIGNALS}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def resuming_command(argv: Sequence[str]) -> str:
    """Return the command that continues a training.

    Args:
        argv: arguments of the interrupted command, without the program's name.
    """
    kept, parts = [], iter(argv)
    for part in parts:
        if part == "--from":  # starts a training
            next(parts, None)
        elif part not in ("--overwrite", "--resume") and not part.startswith("--from="):
            kept.append(part)
    return shlex.join(["keras-gan-zoo", *kept, "--resume"])
