"""Cards of presets: what `card.json` holds, and the page that is generated from it."""

import importlib.metadata
import os
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.plots import tables
from keras_gan_zoo.presets import catalog
from keras_gan_zoo.utils import files

# Facts that only the caller knows; None: not known.
OPEN = ("data", "licence", "command", "steps", "cpu_minutes", "gpu_minutes", "metrics")

write_json = tables.write_json


def check(card: dict[str, Any] | None) -> None:
    """Raise ValueError if facts for a card have an unknown key."""
    unknown = sorted(set(card or ()) - set(OPEN))
    if unknown:
        raise ValueError(
            f"Argument `card` must be a dict with keys of {', '.join(OPEN)}. Received: {unknown}."
        )


def describe(model: Any, network: Any) -> dict[str, Any]:
    """Return the facts of a card that follow from a model and the network that its preset holds."""
    import keras

    backend = keras.backend.backend()
    packages = ("keras", backend, "numpy")
    trained = getattr(model, "compiled", False) and model.steps
    return dict.fromkeys(OPEN) | {
        "class_name": type(model).__name__,
        "image_shape": list(model.image_shape),
        "parameters": int(sum(np.prod(weight.shape) for weight in network.weights)),
        "average": network is getattr(model, "ema_generator", None),
        "steps": trained or None,
        "backend": backend,
        "versions": {"keras-gan-zoo": _own_version()}
        | {name: importlib.metadata.version(name) for name in packages},
    }


def write(folder: Path, card: dict[str, Any]) -> None:
    """Write `card.json` and `card.md`, with the name and the files of the folder."""
    hashed = (catalog.CONFIG, catalog.WEIGHTS, catalog.GRID)
    entries = {name: catalog.entry(folder / name) for name in hashed if (folder / name).exists()}
    card = {"name": folder.resolve().name, "summary": _summary(card)} | card | {"files": entries}
    card = tables.without_nan(card)
    write_json(card | {"sha256": catalog.digest_of(card)}, folder / catalog.CARD)
    with files.replacing(folder / catalog.PAGE) as temporary:
        Path(temporary).write_text(page(catalog.read_card(folder)), encoding="utf-8")


def page(card: dict[str, Any]) -> str:
    """Return the text of `card.md`."""
    lines = [f"# {card['name']}", "", f"{card['summary']}.", ""]
    if catalog.GRID in card["files"]:
        lines += [f"![Images of {card['name']}]({catalog.GRID})", ""]
    load = f'kgz.from_preset("{card["name"]}")'
    lines += ["```python", "import keras_gan_zoo as kgz", "", f"model = {load}", "```", ""]
    network = f"{card['parameters']:,} weights" + (", moving average" if card["average"] else "")
    rows = {
        "class": f"`kgz.{card['class_name']}`, generator with {network}, in half precision",
        "data": card["data"],
        "licence of the data": card["licence"],
        "command": card["command"] and f"`{card['command']}`",
        "training": training(card),
        "versions": ", ".join(f"{name} {number}" for name, number in card["versions"].items()),
    }
    lines += [
        "| | |",
        "|---|---|",
        *(f"| {name} | {_escaped(text or 'not stated')} |" for name, text in rows.items()),
    ]
    if card["metrics"]:
        lines += ["", *_metric_rows(card["metrics"])]
    lines += ["", "| file | bytes | SHA-256 |", "|---|---|---|"]
    for name, file in card["files"].items():
        lines.append(f"| `{name}` | {file['bytes']:,} | `{file['sha256']}` |")
    return "\n".join(lines) + "\n"


def training(card: dict[str, Any]) -> str:
    """Return the steps and the time of the training in words, empty if neither is known."""
    parts = [f"{card['steps']:,} steps"] if card["steps"] else []
    for kind in ("cpu", "gpu"):
        minutes = card[f"{kind}_minutes"]
        parts += [f"{minutes:,.4g} {kind.upper()} minutes"] if minutes else []
    return ", ".join(parts)


def figures(card: dict[str, Any]) -> dict[str, str]:
    """Return the metrics of a card and their floors in words, by name."""
    metrics = card["metrics"] or {"values": {}, "floor": {}}
    names = [name for name in metrics["values"] if not name.endswith("_error")]
    return {
        name: f"{tables.cell(name, metrics['values'])} (floor {tables.cell(name, metrics['floor'])})"
        for name in names
    }


def size_in_bytes(folder: str | os.PathLike) -> int:
    """Return the size of all files of a preset."""
    return sum(path.stat().st_size for path in Path(folder).iterdir())


def _metric_rows(metrics):
    yield from ("| metric | value | floor |", "|---|---|---|")
    for name in metrics["values"]:
        if not name.endswith("_error"):
            cells = (tables.cell(name, metrics[part]) for part in ("values", "floor"))
            yield f"| `{name}` | {' | '.join(cells)} |"
    yield ""
    yield f"{tables.header(metrics, 'the data')}. Floor: value of other real images."


def _escaped(text):
    return text.replace("|", "\\|")  # the end of a cell


def _summary(card):
    shape = "x".join(map(str, card["image_shape"]))
    data = f", trained on {card['data']}" if card["data"] else ""
    return f"{card['class_name']} for images of {shape}{data}"


def _own_version():
    import keras_gan_zoo

    return keras_gan_zoo.__version__
