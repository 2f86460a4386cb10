"""Plots of losses and metrics over epochs."""

import csv
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan_zoo.plots import figures, tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LOGARITHMIC = 30.0  # ratio of extremes above which an axis is logarithmic, except that of:
LINEAR = _LOSSES, _SCORES = "Losses", "Scores"
_RATES = "Learning rate"
_TITLES = {
    **dict.fromkeys(("precision", "recall", "density", "coverage"), "PRDC"),
    "inception_score": "Inception score",
    "ms_ssim": "MS-SSIM",
}
_MAX_TITLE = 14  # characters that fit beside a legend
_DISTANCES = {"frechet_": "Fréchet distance", "kernel_": "Kernel distance"}


def history(
    history: Any, path: str | os.PathLike | None = None, floors: dict[str, float] | None = None
) -> "Figure":
    """Plot losses, scores, metrics and learning rates over the epochs, one panel for each kind.

    In panels of metrics a dot marks the best epoch, a dotted line the value of real images, and a band
    the standard error. Lines of metrics connect the epochs that have a value.

    Args:
        history: The return value of `fit`, its `.history`, or the path of a CSV file of Keras'
            `CSVLogger`, such as `runs/mine/log.csv`. A list that is shorter than the others, as from
            `fit(..., validation_freq=5)`, must belong to every fifth, ... epoch including the last.
        path: A .png, .svg or .pdf file to write. Defaults to `None`, which writes none.
        floors: Values of real images, such as `Reference.floor` or `{"frechet_grey28": 1.2}`.
            Defaults to `None`, which draws none.

    Returns:
        The Matplotlib figure.

    Raises:
        ValueError: `history` has another type or content, or `path` has another extension.
        ImportError: Matplotlib is not installed.
    """
    epochs, curves = _read_history(history)
    floors = {name: value for name, value in (floors or {}).items() if value is not None}
    panels = panel_names(curves)
    columns = min(len(panels), 3 if len(panels) > 4 else 2)
    rows = math.ceil(len(panels) / columns)
    figure = figures.new(4.6 * columns, 2.7 * rows, path)
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, names) in zip(all_axes, panels.items(), strict=False):
        _draw_panel(axes, title, names, epochs, curves, floors)
    for axes in all_axes[len(panels) :]:
        axes.remove()
    figures.save(figure, path)
    return figure


# Reading ------------------------------------------------------------------------------------------


def _read_history(history) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Epochs counted from 1, and for each name a float array of the same length."""
    if isinstance(history, str | os.PathLike):
        curves = read_log(Path(history))
    elif isinstance(getattr(history, "history", history), dict):
        curves = dict(getattr(history, "history", history))
        if getattr(history, "epoch", None):
            curves["epoch"] = history.epoch
    else:
        raise ValueError(
            "Argument `history` must be the return value of `fit`, a dict of lists, or the path of a "
            f"log of Keras' CSVLogger. Received: {type(history).__name__}."
        )
    curves = {name: np.asarray(values, "float64").reshape(-1) for name, values in curves.items()}
    count = max(map(len, curves.values()), default=0)
    epochs = curves.pop("epoch", np.arange(count)) + 1
    curves = {name: _align(name, values, len(epochs)) for name, values in curves.items()}
    curves = {name: values for name, values in curves.items() if np.isfinite(values).any()}
    if not curves:
        raise ValueError(
            "Argument `history` must hold at least one epoch with a finite value. Received: none. "
            "Train first: `history = model.fit(...)`."
        )
    return epochs, curves


def read_log(path: Path) -> dict[str, list[float]]:
    """Return the columns of a file of `CSVLogger` by name, NaN for missing values.

    Raises:
        ValueError: There is no such file, or it is no such log.
    """
    if not path.is_file():
        raise ValueError(
            f"Argument `history` must be the path of a log that exists. Received: {str(path)!r}. "
            "`keras-gan-zoo train` writes log.csv into its folder."
        )
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        reader = csv.DictReader(file)
        names, rows = reader.fieldnames or [], list(reader)
    if rows and None in rows[-1].values():  # the process was killed while writing
        rows.pop()
    if "epoch" not in names or any(None in row or None in row.values() for row in rows):
        raise ValueError(
            "Argument `history` must be a log with a column 'epoch' and the same number of values in "
            f"each row. Received: {str(path)!r}. If the metrics changed during the run, split the file "
            "and plot its parts one by one."
        )
    return {name: [_to_float(row[name]) for row in rows] for name in names}


def _to_float(text):
    try:
        return float(text)
    except ValueError:  # CSVLogger writes NA for a missing value
        return math.nan


def _align(name, values, count):
    """Spread a list of every k-th epoch over all epochs, with NaN in between."""
    every = count // max(len(values), 1)
    if every * len(values) != count:
        raise ValueError(
            f"Argument `history` must have a value of every k-th epoch. Received: {len(values)} of "
            f"{name!r} in {count} epochs. Insert NaN for epochs without a value, or pass the path of "
            "a log of `keras.callbacks.CSVLogger`."
        )
    aligned = np.full(count, np.nan)
    aligned[every - 1 :: every] = np.where(np.isfinite(values), values, np.nan)
    return aligned


# Drawing ------------------------------------------------------------------------------------------


def panel_names(curves) -> dict[str, list[str]]:
    """Map panel titles, in drawing order, to the names of their curves."""
    found = {}
    for name in curves:
        base = name.removesuffix("_error")
        if base == name or base not in curves:  # an error is drawn with its value
            found.setdefault(_title(name.removeprefix("val_")), []).append(name)
    return dict(sorted(found.items(), key=lambda panel: _rank(panel[0])))


def _rank(title):
    """Position of a panel: losses, scores, distances, other metrics, unknown logs, rates."""
    order = (_LOSSES, _SCORES, *_DISTANCES.values(), *dict.fromkeys(_TITLES.values()))
    kind = title.partition(" (")[0]
    if kind in order:
        return order.index(kind)
    return len(order) + (title == _RATES)


def _title(metric):
    if metric == "loss" or metric.endswith("_loss"):
        return _LOSSES
    if metric.endswith(("real_score", "fake_score")):
        return _SCORES
    if "learning_rate" in metric:
        return _RATES
    for prefix, kind in _DISTANCES.items():
        if metric.startswith(prefix):
            return f"{kind} ({metric.removeprefix(prefix)})"
    return _TITLES.get(metric, metric)


def _draw_panel(axes, title, names, epochs, curves, floors):
    is_metric = title not in (_LOSSES, _SCORES, _RATES)
    metrics = list(dict.fromkeys(name.removeprefix("val_") for name in names))
    for name in names:
        metric = name.removeprefix("val_")
        colour = figures.COLOURS[metrics.index(metric) % len(figures.COLOURS)]
        values, error = curves[name], curves.get(f"{name}_error")
        # A loss has a gap where it is NaN; a metric is connected across epochs without a value.
        shown = np.isfinite(values) if is_metric else np.ones(len(values), bool)
        axes.plot(
            epochs[shown],
            values[shown],
            color=colour,
            linewidth=1.5,
            linestyle="--" if metric in names and name != metric else "-",
            marker="." if np.isfinite(values).sum() <= 15 else None,
            markersize=4,
            label=_label(name, names, title),
        )
        if error is not None:
            low, high = (values - error)[shown], (values + error)[shown]
            axes.fill_between(epochs[shown], low, high, color=colour, alpha=0.2, linewidth=0)
        if is_metric:
            floor = floors.get(metric, math.nan)
            _mark(axes, metric, epochs, values, colour, floor, single=len(names) == 1)
    _style(axes, title)
    margin = max(0.03 * (epochs[-1] - epochs[0]), 0.5)
    axes.set_xlim(epochs[0] - margin, epochs[-1] + margin)  # the same for all panels
    if is_metric or title == _RATES:
        drawn_floors = [floors.get(metric, math.nan) for metric in metrics]
        _scale_logarithmically(axes, [*(curves[name] for name in names), drawn_floors])


def _label(name, names, title):
    if len(names) == 1 and title not in (_LOSSES, _SCORES, _RATES):
        return None  # the title names the metric
    text = name.removeprefix("val_").removesuffix("_score" if title == _SCORES else "")
    if title == _RATES:
        text = text.removeprefix("learning_rate").strip("_") or None
    return f"{text}, validation" if name.startswith("val_") and name[4:] in names else text


def _mark(axes, metric, epochs, values, colour, floor, single):
    """Mark the best epoch and the value of real images, in the legend if the curve is single."""
    index = tables.best(metric, values, floor)
    if index is not None:
        label = f"best: {values[index]:.4g} in epoch {epochs[index]:.0f}" if single else None
        axes.plot(epochs[index], values[index], "o", color=colour, markersize=5, label=label, zorder=3)
    if math.isfinite(floor):
        label = f"real images: {floor:.4g}" if single else None
        colour = figures.GREY if single else colour
        axes.axhline(floor, color=colour, linestyle=":", linewidth=1.3, label=label)


def ratio_of_extremes(values: np.ndarray) -> float:
    """Return the largest finite value divided by the smallest; 1.0 if they are not all positive."""
    values = values[np.isfinite(values)]
    return values.max() / values.min() if values.min() > 0 else 1.0


def _scale_logarithmically(axes, curves):
    """Use a logarithmic axis if the values are positive and span a large factor."""
    from matplotlib.ticker import LogLocator, NullLocator

    ratio = ratio_of_extremes(np.concatenate(curves))
    if ratio > LOGARITHMIC:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if ratio < 500 else (1.0,)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:.4g}")


def _style(axes, title):
    from matplotlib.ticker import MaxNLocator

    count = len(axes.get_legend_handles_labels()[0])
    # A long title goes above the legend instead of beside it.
    pad = 20 if 0 < count <= 4 and len(title) > _MAX_TITLE else 6
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold", pad=pad)
    axes.set_xlabel("epoch", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_formatter("{x:.4g}")
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.5, alpha=0.3)
    if count > 4:
        axes.legend(fontsize=7, ncols=2, framealpha=0.8, edgecolor="none")
    elif count:
        position = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": count}
        axes.legend(
            fontsize=8, frameon=False, borderpad=0.3, handlelength=1.4, columnspacing=1.2, **position
        )
