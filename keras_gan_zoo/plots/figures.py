"""Matplotlib figures without pyplot: nothing is shown, and no global state changes."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan_zoo.utils import files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
GREY = "#666666"
FORMATS = (".png", ".svg", ".pdf")


def check_matplotlib() -> None:
    """Raise ImportError with the name of the extra if Matplotlib is not installed."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: F401
        from matplotlib.figure import Figure  # noqa: F401
    except ImportError as error:
        raise ImportError(
            'Plots need matplotlib. Install it with `pip install "keras-gan-zoo[plots]"`.'
        ) from error


def new(width: float, height: float, path: str | os.PathLike | None = None, dpi: int = 150) -> "Figure":
    """Create an empty figure with its own canvas, and check that `path` can be written.

    Args:
        width, height: Inches.
        path: File that `save` will write, or None.
        dpi: Pixels per inch.

    Raises:
        ValueError: The extension of `path` is unknown, or its folder cannot be written to.
        ImportError: Matplotlib is not installed.
    """
    check_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    if path is not None:
        if Path(path).suffix.lower() not in FORMATS:
            raise ValueError(
                f"Argument `path` must end in {', '.join(FORMATS)}. Received: path={str(path)!r}."
            )
        files.writable_folder(Path(path).parent, "path")
    figure = Figure((width, height), dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: "Figure", path: str | os.PathLike | None) -> None:
    """Write a figure atomically; None writes nothing."""
    if path is not None:
        with files.replacing(path) as temporary:
            figure.savefig(temporary)
