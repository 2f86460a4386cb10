"""Plain words to whoever waits: how far it is, and warnings at their own line."""

import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any


def progress(items: Iterable[Any], total: int | None, label: str, delay: float = 2.0) -> Iterator[Any]:
    """Yields `items`; once `delay` seconds have passed, says so often to stderr how many."""
    due = time.monotonic() + delay
    for count, item in enumerate(items, 1):
        yield item
        if time.monotonic() >= due:
            of = f" of {total}" if total else ""
            print(f"{label}: {count}{of}", file=sys.stderr, flush=True)
            due = time.monotonic() + delay


def warn(message: str) -> None:
    """Warns at the line that called into this package."""
    frame, level = sys._getframe(1), 1
    while frame is not None and frame.f_globals.get("__name__", "").startswith("keras_gan_zoo."):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level + 1)
