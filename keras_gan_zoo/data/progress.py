"""A plain word on stderr while something takes long."""

import sys
import time
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
