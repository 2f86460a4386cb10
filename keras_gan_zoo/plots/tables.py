"""Tables and JSON files of metric values."""

import json
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

from keras_gan_zoo import registry
from keras_gan_zoo.utils import files


def best(name: str, values: Sequence[float | None], floor: float | None = None) -> int | None:
    """Return the index of the best of several values of one metric.

    Args:
        name: Name of the value, as in `Reference.floor`.
        values: Candidates; None and NaN are skipped.
        floor: Value of real images, which the best value of `registry.NEAR_FLOOR` is nearest to.
            Defaults to `None`, without which none of these is the best.

    Returns:
        The index, or None if no value is finite or the metric has no known direction.
    """
    direction = registry.direction(name)
    if direction == "min":
        costs = {i: value for i, value in enumerate(values) if _finite(value)}
    elif direction == "max":
        costs = {i: -value for i, value in enumerate(values) if _finite(value)}
    elif name in registry.NEAR_FLOOR and _finite(floor):
        costs = {i: abs(value - floor) for i, value in enumerate(values) if _finite(value)}
    else:
        return None
    return min(costs, key=costs.__getitem__, default=None)


def table(figures: dict[str, dict[str, Any]]) -> str:
    """Format values of one or more models, one column each, next to the floor.

    Of several models the best value in a row is marked with `*`.

    Args:
        figures: Dict of column headings to results of `Reference.figures`, all of one reference.
    """
    models = list(figures.values())
    floor = models[0]["floor"]
    rows = [["", *figures, "floor"]]
    for name in models[0]["values"]:
        if name.removesuffix("_error") in floor and name.endswith("_error"):
            continue  # printed with its value
        values = [model["values"][name] for model in models]
        index = best(name, values, floor[name])
        marked = index is not None and len(set(values)) > 1
        cells = [
            cell(name, model["values"]) + (" *" if marked and value == values[index] else "")
            for model, value in zip(models, values, strict=True)
        ]
        rows.append([name, *cells, cell(name, floor)])
    return "\n".join(aligned(rows))


def header(figures: dict[str, Any], data: str) -> str:
    """Describe the data and the networks of `Reference.figures` in one line."""
    counts, extractor = figures["samples"], figures["extractor"]
    text = f"{counts['fake']:,} generated and {counts['real']:,} real images of {data}"
    if counts["floor"] != counts["real"]:
        text += f", floor from {counts['floor']:,}"
    if "training" in counts:
        text += f", copies looked for in {counts['training']:,}"
    networks = ({"extractor": extractor} if extractor else {}) | figures.get("networks", {})
    for name, network in networks.items():
        text += f"; {name} {network['name']}:{network['sha256'][:8]}"
    return text


def write_json(content: Any, path: str | os.PathLike) -> None:
    """Write JSON atomically, with null for NaN and infinity."""
    text = json.dumps(without_nan(content), indent=2, allow_nan=False) + "\n"
    with files.replacing(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(text)


def _finite(value):
    return value is not None and math.isfinite(value)


def cell(name: str, values: dict[str, float | None]) -> str:
    """Format one value of a dict, with its standard error if there is one."""
    value, error = values[name], values.get(f"{name}_error")
    if not _finite(value):
        return "-"
    return f"{value:.4g} +/- {error:.2g}" if _finite(error) else f"{value:.4g}"


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows of a table as lines, with columns of equal width."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        cells = [cell.ljust(width) for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *cells]).rstrip()


def without_nan(content: Any) -> Any:
    """Return JSON content with None for NaN and infinity."""
    if isinstance(content, dict):
        return {key: without_nan(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [without_nan(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content
