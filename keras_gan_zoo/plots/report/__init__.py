"""The report of a training: one HTML file that needs no network."""

import os
from pathlib import Path

from keras_gan_zoo.plots.report import page, pictures, records
from keras_gan_zoo.utils import files

FILE = "report.html"
FILES = FILE, records.FILE, pictures.NEIGHBOURS  # all that a report leaves in the folder of a run


def report(
    folder: str | os.PathLike, path: str | os.PathLike | None = None, *, running: bool = False
) -> Path:
    """Write the report of a run: settings, curves, snapshots, warnings, time and memory.

    Neither the model nor the data is loaded. Without the file `report.jsonl` of `callbacks.Report`, the
    curves are those of `log.csv`.

    Args:
        folder: Folder of a training, as `keras-gan-zoo train --out` or `callbacks.Report` left it.
        path: HTML file to write. Defaults to `None`, which is `report.html` in the folder.
        running: Whether the page reloads itself, because the training goes on.

    Returns:
        The path of the file.

    Raises:
        ValueError: The folder has neither records nor a log nor snapshots, or the file cannot be
            written there.
    """
    folder = Path(folder)
    path = folder / FILE if path is None else Path(path)
    content = page.render(folder, running)
    files.writable_folder(path.parent, "path")
    with files.replacing(path) as temporary:
        Path(temporary).write_text(content, encoding="utf-8")
    return path
