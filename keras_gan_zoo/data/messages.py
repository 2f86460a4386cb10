"""Progress bars of slow loops, and warnings that point to the caller's line."""

import contextlib
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import keras

from keras_gan_zoo.utils import files


def progress(
    items: Iterable[Any], total: int | None, label: str, delay: float = 2.0, unit: str = "image"
) -> Iterator[Any]:
    """Yield `items`, with Keras' progress bar on stderr once `delay` seconds have passed.

    Args:
        items: Any iterable.
        total: Number of items. `None` if unknown.
        label: Title of the bar, printed on a line of its own.
        delay: Seconds without a bar. Loops that end earlier print nothing.
        unit: Name of one item, for the time per item.
    """
    start, count, shown = time.monotonic(), 0, False
    with contextlib.redirect_stdout(sys.stderr):  # Keras chooses its style by the stream
        bar = keras.utils.Progbar(total, unit_name=unit)
    if not sys.stderr.isatty():
        bar.interval = 10.0  # in seconds, as each update is a line of the log
    for count, item in enumerate(items, 1):
        yield item
        if time.monotonic() - start >= delay:
            if not shown:
                print(label, file=sys.stderr, flush=True)
                shown = True
            _update(bar, count)
    if shown and total is None:
        _update(bar, count, finalize=True)


def _update(bar: keras.utils.Progbar, count: int, finalize: bool | None = None) -> None:
    # Keras prints to stdout, which is for the results of a program.
    with contextlib.redirect_stdout(sys.stderr):
        bar.update(count, finalize=finalize)


def warn(message: str) -> None:
    """Warn at the line that called into this package, see `files.printable`."""
    frame, level = sys._getframe(1), 1
    while frame is not None and frame.f_globals.get("__name__", "").startswith("keras_gan_zoo."):
        frame, level = frame.f_back, level + 1
    warnings.warn(files.printable(message), stacklevel=level + 1)
