"""The file `report.jsonl` of a run: what its report shows besides pictures, one JSON object per line.

A line is written when something happens, so that a killed training leaves all but perhaps its last one:

- `{"epoch": 0, "start": {...}}`: a call of `fit`, after so many epochs: settings and versions.
- `{"epoch": 3, "logs": {...}, "seconds": 1.2, "memory": 0.8, "device_memory": null}`: an epoch.
- `{"epoch": 3, "warning": "..."}`: a `TrainingWarning` in an epoch.
- `{"epoch": 3, "neighbours": "..."}`: the picture of nearest training images was written.
- `{"epoch": 3, "end": "..."}`: how `fit` ended.
"""

import contextlib
import json
from pathlib import Path
from typing import Any

from keras_gan_zoo.plots.history import read_log
from keras_gan_zoo.plots.tables import without_nan
from keras_gan_zoo.utils import checkpoint_files, files

FILE = "report.jsonl"
_LOG = "log.csv"  # of `keras-gan-zoo train`


def append(folder: Path, **record: Any) -> None:
    """Write a record."""
    with open(folder / FILE, "a", encoding="utf-8") as file:
        file.write(_line(record))


def restart(folder: Path, epochs: int) -> None:
    """Keep only the records of the first `epochs` epochs, after which a training continues."""

    def is_kept(record):
        if "start" in record:
            return record["epoch"] < epochs
        return 0 < record["epoch"] <= epochs and "end" not in record

    lines = [_line(record) for record in read(folder) if is_kept(record)]
    with files.replacing(folder / FILE) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.writelines(lines)


def read(folder: Path) -> list[dict[str, Any]]:
    """Return the records of a run; lines that were cut off or damaged are skipped.

    A run without the file has the records that follow from `log.csv` and from its model file.
    """
    path, records = folder / FILE, []
    if not path.is_file():
        return [*_start_from_model(folder), *_epochs_from_log(folder)]
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                if isinstance(record, dict) and isinstance(record.get("epoch"), int):
                    records.append(record)
    return records


def _line(record):
    return json.dumps(without_nan(record), allow_nan=False, default=str) + "\n"


def _epochs_from_log(folder):
    try:
        columns = read_log(folder / _LOG)
    except ValueError:  # there is none, or it is empty
        return []
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [{"epoch": int(row.pop("epoch")) + 1, "logs": without_nan(row)} for row in rows]


def _start_from_model(folder):
    paths = [folder / "model.keras", *reversed(checkpoint_files.listed(folder / "checkpoints"))]
    for path in paths:
        with contextlib.suppress(Exception):  # a damaged file has no settings to show
            saved = checkpoint_files.config(path)
            parts = {"Model": saved["config"], "Training": saved.get("compile_config") or {}}
            return [{"epoch": 0, "start": {"model": saved["class_name"], "settings": parts}}]
    return []
