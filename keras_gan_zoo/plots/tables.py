"""Figures of models as a table and as JSON, and which of several values is the best."""

import json
import math
import os
from collections.abc import Sequence
from typing import Any

from keras_gan_zoo import registry
from keras_gan_zoo.utils import files


def best(name: str, values: Sequence[float | None], floor: float | None = None) -> int | None:
    """The index of the best of several values of one metric.

    Args:
        name: of the value, as in `Reference.floor`.
        values: to choose from; None and NaN are never the best.
        floor: the value of real images. Without it no `ms_ssim` is better than another: it is good to
            be as varied as real images, not more.

    Returns:
        None where there is no best: nothing finite, or a metric that this library does not know.
    """
    if registry.DIRECTIONS.get(name) == "min":
        costs = {i: value for i, value in enumerate(values) if _finite(value)}
    elif registry.DIRECTIONS.get(name) == "max":
        costs = {i: -value for i, value in enumerate(values) if _finite(value)}
    elif name == "ms_ssim" and _finite(floor):
        costs = {i: abs(value - floor) for i, value in enumerate(values) if _finite(value)}
    else:
        return None
    return min(costs, key=costs.__getitem__, default=None)


def table(figures: dict[str, dict[str, Any]]) -> str:
    """Values of one or more models, a column each, and the floor; of several the best has a `*`.

    Args:
        figures: a column's heading to what `Reference.figures` gave, all of one reference.
    """
    models = list(figures.values())
    floor = models[0]["floor"]
    rows = [["", *figures, "floor"]]
    for name in models[0]["values"]:
        if name.removesuffix("_error") in floor and name.endswith("_error"):
            continue  # stands beside its value
        values = [model["values"][name] for model in models]
        at = best(name, values, floor[name])
        marked = at is not None and len(set(values)) > 1
        cells = [
            _cell(name, model["values"]) + (" *" if marked and value == values[at] else "")
            for model, value in zip(models, values, strict=True)
        ]
        rows.append([name, *cells, _cell(name, floor)])
    return "\n".join(_aligned(rows))


def header(figures: dict[str, Any], data: str) -> str:
    """One line that says what the figures were measured on and with."""
    counts, extractor = figures["samples"], figures["extractor"]
    said = f"{counts['fake']:,} generated and {counts['real']:,} real images of {data}"
    if counts["floor"] != counts["real"]:
        said += f", floor from {counts['floor']:,}"
    if extractor:
        said += f"; extractor {extractor['name']}:{extractor['sha256'][:8]}"
    return said


def write_json(content: Any, path: str | os.PathLike) -> None:
    """Write JSON, with null for NaN; the file appears complete or not at all."""
    text = json.dumps(_without_nan(content), indent=2, allow_nan=False) + "\n"
    with files.replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def _finite(value):
    return value is not None and math.isfinite(value)


def _cell(name, values):
    value, error = values[name], values.get(f"{name}_error")
    if not _finite(value):
        return "-"
    return f"{value:.4g} +/- {error:.2g}" if _finite(error) else f"{value:.4g}"


def _aligned(rows):
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def _without_nan(content):
    if isinstance(content, dict):
        return {key: _without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
