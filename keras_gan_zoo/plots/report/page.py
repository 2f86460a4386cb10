"""The page of a run: one HTML file with its data, pictures, style and scripts.

Its security policy allows no network, and no script but its own. All text is escaped: names of files
and arguments may contain HTML.
"""

import base64
import datetime
import hashlib
import html
import json
import math
import string
import time
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.plots import figures
from keras_gan_zoo.plots.history import LINEAR, LOGARITHMIC, panel_names, ratio_of_extremes
from keras_gan_zoo.plots.report import pictures, records
from keras_gan_zoo.utils.text import duration

MAX_POINTS = 1000  # epochs in a curve
_RELOAD = 5.0, 60.0  # seconds, minimum and maximum
_PATIENCE = 3600.0  # seconds without news, after which a page no longer reloads


def render(folder: Path, running: bool = False) -> str:
    """Return the page of a run.

    Args:
        folder: of the run.
        running: whether the page reloads itself, because the training goes on.

    Raises:
        ValueError: The folder has neither records nor a log nor snapshots.
    """
    all_records = records.read(folder)
    snapshots = pictures.snapshots(folder)
    if not (all_records or snapshots):
        raise ValueError(
            f"Argument `folder` must be the folder of a training. Received: {str(folder)!r}, which has "
            f"no {records.FILE}, no log.csv and no snapshots such as epoch_00001.png."
        )
    start = _last(all_records, "start") or {}
    epochs = [record for record in all_records if "logs" in record]
    warnings = [record for record in all_records if "warning" in record]
    title = f"{start.get('model', 'Training')}: {folder.resolve().name}"
    seconds = epochs[-1].get("seconds") or 0.0 if epochs else 0.0
    data = {
        **_curves(epochs),
        "colours": figures.COLOURS,
        "warnings": [record["epoch"] for record in warnings],
        "snapshots": snapshots,
        "reload": min(max(seconds, _RELOAD[0]), _RELOAD[1]) if running else None,
        "patience": max(_PATIENCE, 10 * seconds),
        "written": time.time(),
    }
    samples = _snapshots(snapshots) + _neighbours(folder, _last(all_records, "neighbours"))
    sections = [
        f'<div class="pair">{samples}</div>',
        _warnings(warnings),
        _charts(epochs, warnings),
        _settings(start.get("settings", {})),
    ]
    read = resources.files(__package__).joinpath
    library = read("uplot")
    script = f"{library.joinpath('uPlot.iife.min.js').read_text()}\n{read('page.js').read_text()}"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return string.Template(read("page.html").read_text()).substitute(
        script_hash=f"sha256-{digest}",
        title=html.escape(title),
        license=library.joinpath("LICENSE").read_text(),
        style=library.joinpath("uPlot.min.css").read_text() + read("page.css").read_text(),
        state=html.escape(_state(all_records, epochs, start, running)),
        written=f"{datetime.datetime.now():%Y-%m-%d %H:%M:%S}",
        sections="\n".join(sections),
        data=_json(data),
        script=script,
    )


def _last(all_records, kind) -> Any:
    return next((record[kind] for record in reversed(all_records) if kind in record), None)


def _json(content):
    """JSON that cannot end the element that contains it."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _state(all_records, epochs, start, running):
    """One line about how far the training is."""
    done, total = (epochs[-1]["epoch"] if epochs else 0), start.get("epochs")
    durations = [record.get("seconds") or 0.0 for record in epochs]
    elapsed = f" in {duration(sum(durations))}" if sum(durations) else ""
    text = f"{done:,} {f'of {total:,} epochs' if total else 'epochs'}{elapsed}. "
    if not running:
        return text + (_last(all_records, "end") or "The end of the training is not recorded.")
    left = (total or done) - done
    recent = durations[-10:]
    if left and recent:
        text += f"About {duration(left * sum(recent) / len(recent))} left."
    return text


# Sections -----------------------------------------------------------------------------------------


def _snapshots(snapshots):
    if not snapshots:
        return ""
    label, source = snapshots[-1]
    last = len(snapshots) - 1
    return (
        f'<section><h2>Samples: <output id="label">{html.escape(label)}</output></h2>'
        f'<input id="slider" type="range" min="0" max="{last}" value="{last}" aria-label="snapshot">'
        f'<img id="snapshot" src="{source}" alt="Generated samples"></section>'
    )


def _warnings(warnings):
    if not warnings:
        return ""
    items = "".join(
        f"<li><b>Epoch {record['epoch']}</b> {html.escape(str(record['warning']))}</li>"
        for record in warnings
    )
    return f'<section id="warnings"><h2>Warnings</h2><ol>{items}</ol></section>'


def _charts(epochs, warnings):
    if not epochs:
        return ""
    note = " Dashed red lines are warnings." if warnings else ""
    return (
        f'<h2>Training</h2><p class="small">Drag sideways to zoom in.{note}</p>'
        '<section id="charts"></section>'
    )


def _neighbours(folder, neighbours):
    source = None if neighbours is None else pictures.uri(folder / pictures.NEIGHBOURS)
    if source is None:
        return ""
    return (
        "<section><h2>Samples and their nearest training images</h2>"
        f'<img src="{source}" alt="Samples above training images"><p>'
        f"{html.escape(str(neighbours))}</p></section>"
    )


def _settings(settings):
    tables = []
    for title, values in settings.items():
        rows = "".join(
            f"<tr><th>{html.escape(str(name))}</th><td>{html.escape(_text(value))}</td></tr>"
            for name, value in values.items()
        )
        tables.append(f"<div><h3>{html.escape(str(title))}</h3><table>{rows}</table></div>")
    if not tables:
        return ""
    return f'<h2>Settings and versions</h2><section class="settings">{"".join(tables)}</section>'


def _text(value):
    """Describe a setting, of a serialized Keras object its class and arguments."""
    if isinstance(value, dict) and "class_name" in value:
        config = {name: item for name, item in (value.get("config") or {}).items() if item is not None}
        return f"{value['class_name']}({', '.join(f'{n}={_text(item)}' for n, item in config.items())})"
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_text, value))})"
    return "-" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)


# Curves -------------------------------------------------------------------------------------------


def _curves(epochs) -> dict[str, Any]:
    """Panels of curves as in `plots.history`, then time and memory, of evenly spaced epochs."""
    if not epochs:
        return {"epochs": [], "panels": []}
    epochs = epochs[: -1 : math.ceil(len(epochs) / MAX_POINTS)] + epochs[-1:]
    names = dict.fromkeys(name for record in epochs for name in record["logs"])
    curves = {name: [record["logs"].get(name) for record in epochs] for name in names}
    panels = [
        _panel(title, {name: curves[name] for name in members})
        for title, members in panel_names(curves).items()
    ]
    seconds, memory, device = (
        [record.get(key) for record in epochs] for key in ("seconds", "memory", "device_memory")
    )
    panels.append(_panel("Seconds per epoch", {"seconds": seconds}))
    panels.append(_panel("Memory, GiB", {"process": memory, "device, peak": device}))
    return {
        "epochs": [record["epoch"] for record in epochs],
        "panels": [panel for panel in panels if panel["curves"]],
    }


def _panel(title, curves):
    curves = {name: list(map(_number, values)) for name, values in curves.items()}
    curves = {name: values for name, values in curves.items() if set(values) != {None}}
    numbers = np.array(list(curves.values()), "float64")
    return {
        "title": title,
        "log": bool(title not in LINEAR and curves and ratio_of_extremes(numbers) > LOGARITHMIC),
        "curves": [{"name": name, "values": values} for name, values in curves.items()],
    }


def _number(value):
    """A number with six digits, None for anything else."""
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(f"{value:.6g}") if is_number else None
