"""Pictures of a training run and of what came out of it. matplotlib is the extra `plots`.

Figures are made without pyplot: nothing is shown, and no state of the process is changed.
"""

import csv
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from PIL import Image

from keras_gan_zoo.plots import grids, tables
from keras_gan_zoo.utils import checks, files

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_GREY = "#666666"
_LOSSES, _SCORES, _NEIGHBOURS, _RATES = "Losses", "Scores", "PRDC", "Learning rate"
_TITLES = {
    "fid": "FID",
    "kid": "KID",
    **dict.fromkeys(("precision", "recall", "density", "coverage"), _NEIGHBOURS),
    "inception_score": "Inception score",
    "ms_ssim": "MS-SSIM",
}
_FORMATS = (".png", ".svg", ".pdf")


def history(
    history: Any, path: str | os.PathLike | None = None, floors: dict[str, float] | None = None
) -> "Figure":
    """Losses, scores, metrics and learning rates over the epochs, a panel for each kind.

    In the panels of metrics a dot marks the best epoch, a dotted line the value of real images, a band
    the standard error. Where an epoch has no value of a metric, the line goes on to the next that has.

    Args:
        history: what `fit` returned, its `.history`, or the path of a file that Keras' `CSVLogger`
            wrote, such as `runs/mine/log.csv`. A list that is shorter than the others, as `fit(...,
            validation_freq=5)` makes it, must belong to every so many epochs and to the last.
        path: a .png, .svg or .pdf to write. None: none.
        floors: values of real images, as `Reference.floor` has them: `{"fid": 1.2}`.

    Returns:
        The figure.

    Raises:
        ValueError: nothing that can be read as a history, or another kind of file to write.
        ImportError: matplotlib is not installed.
    """
    epochs, curves = _read_history(history)
    floors = {name: value for name, value in (floors or {}).items() if value is not None}
    panels = _panels(curves)
    columns = min(len(panels), 3 if len(panels) > 4 else 2)
    rows = math.ceil(len(panels) / columns)
    figure = _figure(4.6 * columns, 2.7 * rows, path)
    places = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, names) in zip(places, panels.items(), strict=False):
        _draw(axes, title, names, epochs, curves, floors)
    for axes in places[len(panels) :]:
        axes.remove()
    _save(figure, path)
    return figure


def grid(images: Any, path: str | os.PathLike | None = None, columns: int | None = None) -> Image.Image:
    """Images side by side. A notebook shows what this returns.

    Args:
        images: (n, h, w, c), floats in [-1, 1] or uint8.
        path: a picture to write. None: none.
        columns: images in a row. None: as square as possible.

    Raises:
        ValueError: no images, or another shape.
    """
    images = _checked("images", images)
    if columns is not None:
        checks.positive_integer("columns", columns)
    if images.dtype == np.uint8:
        images = images / np.float32(127.5) - np.float32(1.0)
    picture = grids.grid(images, columns)
    if path is not None:
        files.writable_folder(Path(path).parent, "path")
        grids.save(picture, path)
    return picture


class Neighbours(NamedTuple):
    """What `nearest` found.

    Args:
        figure: the picture.
        indices: (n, k) of the training images next to each generated one, the nearest first.
        distances: (n, k) to them.
        generated_to_real: median distance of a generated image to the nearest real one.
        real_to_real: median distance of a real image to the nearest *other* real one.
    """

    figure: "Figure"
    indices: np.ndarray
    distances: np.ndarray
    generated_to_real: float
    real_to_real: float


def nearest(
    generated: Any,
    real: Any,
    path: str | os.PathLike | None = None,
    extractor: Any = None,
    k: int = 3,
    columns: int = 10,
    samples: int = 1000,
) -> Neighbours:
    """Generated images above the training images that are nearest to them: were any learned by heart?

    Distances are those of an extractor's features. The picture shows the generated images that are
    nearest to a real one. Its title compares two medians over all: from a generated image to the
    nearest real one, and from a real image to the nearest other. Where the first is much smaller, the
    generator repeats its training images. Where both are alike, it makes images as new as the
    real ones are to each other. A first that is larger says that the images are less good, not that
    they are new. Pass the images that the model was trained on, all of them.

    Args:
        generated: (n, h, w, c), floats in [-1, 1] or uint8, such as `model.generate(500)`.
        real: training images of that shape, an array or a dataset.
        path: a .png, .svg or .pdf to write. None: none.
        extractor: see `keras_gan_zoo.metrics.get_extractor`.
        k: neighbours shown.
        columns: most generated images shown.
        samples: most real images that the second median is of, evenly spaced.

    Returns:
        `Neighbours`, of all generated images in their order.

    Raises:
        ValueError: arrays that are no images or do not fit each other, or fewer than k real images.
        ImportError: matplotlib is not installed.
    """
    from keras_gan_zoo import metrics
    from keras_gan_zoo.metrics.reference import real_images

    for name, value in (("k", k), ("columns", columns), ("samples", samples)):
        checks.positive_integer(name, value)
    generated, real = _checked("generated", generated), _checked("real", real_images(real))
    _check_pair(generated, real, k)
    shown = min(columns, len(generated))
    figure = _figure(max(0.95 * shown + 0.9, 5.2), 1.1 * (k + 1) + 0.6, path)
    extractor = metrics.get_extractor(extractor, real.shape[1:])
    values = extractor(real).features
    indices, distances = metrics.nearest(extractor(generated).features, values, k)
    found = Neighbours(
        figure,
        indices,
        distances,
        float(np.median(distances[:, 0])),
        float(np.median(_to_nearest_other(values, samples))),
    )
    _draw_neighbours(found, generated, real, np.argsort(distances[:, 0], kind="stable")[:shown])
    _save(figure, path)
    return found


# Histories ----------------------------------------------------------------------------------------


def _read_history(history) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Epochs from 1 on, and a float array of their number for each name."""
    if isinstance(history, str | os.PathLike):
        curves = _read_log(Path(history))
    elif isinstance(getattr(history, "history", history), dict):
        curves = dict(getattr(history, "history", history))
        if getattr(history, "epoch", None):
            curves["epoch"] = history.epoch
    else:
        raise ValueError(
            "Argument `history` must be what `fit` returned, a dict of lists, or the path of a log "
            f"that Keras' CSVLogger wrote. Received: {type(history).__name__}."
        )
    curves = {name: np.asarray(values, "float64").reshape(-1) for name, values in curves.items()}
    count = max(map(len, curves.values()), default=0)
    epochs = curves.pop("epoch", np.arange(count)) + 1
    curves = {name: _spread(name, values, len(epochs)) for name, values in curves.items()}
    curves = {name: values for name, values in curves.items() if np.isfinite(values).any()}
    if not curves:
        raise ValueError(
            "Argument `history` must hold at least one epoch with a finite value. Received: none. "
            "Train first: `history = model.fit(...)`."
        )
    return epochs, curves


def _read_log(path):
    if not path.is_file():
        raise ValueError(
            f"Argument `history` must be the path of a log that exists. Received: {str(path)!r}. "
            "`keras-gan-zoo train` writes log.csv into its folder."
        )
    with open(path, newline="", encoding="utf-8", errors="replace") as file:
        names, *rows = list(csv.reader(file)) or [[]]
    if rows and len(rows[-1]) < len(names):  # the process was killed while it wrote
        rows.pop()
    if "epoch" not in names or any(len(row) != len(names) for row in rows):
        raise ValueError(
            "Argument `history` must be a log with a column 'epoch' and as many values in each row as "
            f"its first row names. Received: {str(path)!r}. If the metrics changed while a run went "
            "on, plot the parts of the file one by one."
        )
    return {name: [_number(row[i]) for row in rows] for i, name in enumerate(names)}


def _number(text):
    try:
        return float(text)
    except ValueError:  # CSVLogger writes NA where an epoch has no value
        return math.nan


def _spread(name, values, count):
    """A list for every so many epochs, with NaN for the epochs between."""
    every = count // max(len(values), 1)
    if every * len(values) != count:
        raise ValueError(
            f"Argument `history` must say to which epochs its values belong. Received: {len(values)} "
            f"of {name!r} in {count} epochs. Put NaN where an epoch has none, or pass the path of a "
            "log that `keras.callbacks.CSVLogger` wrote."
        )
    spread = np.full(count, np.nan)
    spread[every - 1 :: every] = np.where(np.isfinite(values), values, np.nan)
    return spread


def _panels(curves) -> dict[str, list[str]]:
    """Titles, in the order in which they are drawn, to the names of the curves under them."""
    found = {}
    for name in curves:
        base = name.removesuffix("_error")
        if base == name or base not in curves:  # an error is drawn with its value
            found.setdefault(_title(name.removeprefix("val_")), []).append(name)
    first, last = [_LOSSES, _SCORES, *dict.fromkeys(_TITLES.values())], [_RATES]
    others = [title for title in found if title not in first + last]
    return {title: found[title] for title in first + others + last if title in found}


def _title(metric):
    if metric == "loss" or metric.endswith("_loss"):
        return _LOSSES
    if metric.endswith(("real_score", "fake_score")):
        return _SCORES
    return _RATES if "learning_rate" in metric else _TITLES.get(metric, metric)


def _draw(axes, title, names, epochs, curves, floors):
    """One panel."""
    measured = title not in (_LOSSES, _SCORES, _RATES)
    metrics = list(dict.fromkeys(name.removeprefix("val_") for name in names))
    for name in names:
        metric = name.removeprefix("val_")
        colour = _COLOURS[metrics.index(metric) % len(_COLOURS)]
        values, error = curves[name], curves.get(f"{name}_error")
        # A loss that became NaN shall be seen; a metric is seldom measured in every epoch.
        there = np.isfinite(values) if measured else np.ones(len(values), bool)
        few = np.isfinite(values).sum() <= 15
        axes.plot(
            epochs[there],
            values[there],
            color=colour,
            linewidth=1.5,
            linestyle="--" if metric in names and name != metric else "-",
            marker="." if few else None,
            markersize=4,
            label=_label(name, names, title),
        )
        if error is not None:
            low, high = (values - error)[there], (values + error)[there]
            axes.fill_between(epochs[there], low, high, color=colour, alpha=0.2, linewidth=0)
        if measured:
            _mark(axes, metric, epochs, values, colour, floors.get(metric, math.nan), len(names) == 1)
    _style(axes, title)
    margin = max(0.03 * (epochs[-1] - epochs[0]), 0.5)
    axes.set_xlim(epochs[0] - margin, epochs[-1] + margin)  # one for all panels
    if measured or title == _RATES:
        _logarithmic(
            axes, [*(curves[name] for name in names), [floors.get(m, math.nan) for m in metrics]]
        )


def _label(name, names, title):
    if len(names) == 1 and title == _TITLES.get(name.removeprefix("val_"), name.removeprefix("val_")):
        return None  # the title says it
    text = name.removeprefix("val_").removesuffix("_score" if title == _SCORES else "")
    if title == _RATES:
        text = text.removeprefix("learning_rate").strip("_") or None
    return f"{text}, validation" if name.startswith("val_") and name[4:] in names else text


def _mark(axes, metric, epochs, values, colour, floor, alone):
    """The best epoch and the value of real images; with a legend where the curve is alone."""
    at = tables.best(metric, values, floor)
    if at is not None:
        label = f"best: {values[at]:.4g} in epoch {epochs[at]:.0f}" if alone else None
        axes.plot(epochs[at], values[at], "o", color=colour, markersize=5, label=label, zorder=3)
    if math.isfinite(floor):
        label = f"real images: {floor:.4g}" if alone else None
        axes.axhline(floor, color=_GREY if alone else colour, linestyle=":", linewidth=1.3, label=label)


def _logarithmic(axes, curves):
    """A logarithmic axis where the end of a falling curve would be flat on a linear one."""
    from matplotlib.ticker import LogLocator, NullLocator

    values = np.concatenate(curves)
    values = values[np.isfinite(values)]
    ratio = values.max() / values.min() if values.min() > 0 else 1.0
    if ratio > 30:
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if ratio < 500 else (1.0,)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:.4g}")


def _style(axes, title):
    from matplotlib.ticker import MaxNLocator

    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("epoch", fontsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, steps=(1, 2, 5, 10)))
    axes.yaxis.set_major_formatter("{x:.4g}")
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", linewidth=0.5, alpha=0.3)
    count = len(axes.get_legend_handles_labels()[0])
    if count > 4:
        axes.legend(fontsize=7, ncols=2, framealpha=0.8, edgecolor="none")
    elif count:
        place = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "ncols": count}
        axes.legend(
            fontsize=8, frameon=False, borderpad=0.3, handlelength=1.4, columnspacing=1.2, **place
        )


# Neighbours ---------------------------------------------------------------------------------------


def _check_pair(generated, real, k):
    if generated.shape[1:] != real.shape[1:]:
        raise ValueError(
            "Arguments `generated` and `real` must be images of one shape. Received: "
            f"{generated.shape[1:]} and {real.shape[1:]}. Load the real ones with "
            "`keras_gan_zoo.data.load(..., image_size=, channels=)`."
        )
    if len(real) < max(k, 2):
        raise ValueError(
            f"Argument `real` must hold at least {max(k, 2)} images with k={k}. Received: {len(real)}. "
            "Pass more, or a smaller `k`."
        )


def _to_nearest_other(values, samples):
    """Distances of some rows to the nearest of all others."""
    from keras_gan_zoo import metrics
    from keras_gan_zoo.data.arguments import spread

    rows = spread(len(values), samples)
    indices, distances = metrics.nearest(values[rows], values, 2)
    return np.where(indices[:, 0] == rows, distances[:, 1], distances[:, 0])


def _draw_neighbours(found, generated, real, shown):
    generated, real = _pixels(generated[shown]), real
    k = found.indices.shape[1]
    cells = found.figure.subplots(k + 1, len(shown), squeeze=False)
    names = ["generated", "nearest", "2nd", "3rd", *(f"{rank}th" for rank in range(4, k + 1))]
    for row, name in enumerate(names[: k + 1]):
        cells[row, 0].set_ylabel(name, fontsize=9, rotation=0, ha="right", va="center")
    for column, index in enumerate(shown):
        _show(cells[0, column], generated[column])
        neighbours = _pixels(real[found.indices[index]])
        for rank in range(k):
            _show(cells[rank + 1, column], neighbours[rank])
            cells[rank + 1, column].set_xlabel(
                f"{found.distances[index, rank]:.3g}", fontsize=8, color=_GREY, labelpad=2
            )
    found.figure.suptitle(
        "Median distance to the nearest training image\n"
        f"generated: {found.generated_to_real:.3g}     real, to another: {found.real_to_real:.3g}",
        fontsize=10,
    )


def _show(axes, image):
    axes.imshow(image[..., 0] if image.shape[-1] != 3 else image, cmap="gray", vmin=0, vmax=255)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


# Images and files ---------------------------------------------------------------------------------


def _checked(name, images):
    """Images (n, h, w, c), uint8 or finite floats."""
    images = np.asarray(images)
    if images.ndim != 4 or len(images) == 0 or images.dtype.kind not in "fu":
        raise ValueError(
            f"Argument `{name}` must be one or more images (n, h, w, c), floats in [-1, 1] or uint8. "
            f"Received: shape {images.shape}, dtype {images.dtype}."
        )
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise ValueError(
            f"Argument `{name}` must be finite. Received: NaN or infinity. The generator's weights may "
            "have become NaN: look at the losses, `keras_gan_zoo.plots.history`."
        )
    return images if images.dtype.kind == "f" else images.astype("uint8", copy=False)


def _pixels(images):
    """uint8 of images in [-1, 1] or of uint8."""
    if images.dtype == np.uint8:
        return images
    return grids.levels(images)


def _figure(width, height, path):
    """An empty figure with its own canvas; what would fail at the end fails here."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            'Plots need matplotlib. Install it with `pip install "keras-gan-zoo[plots]"`.'
        ) from error
    if path is not None:
        if Path(path).suffix.lower() not in _FORMATS:
            raise ValueError(
                f"Argument `path` must end in {', '.join(_FORMATS)}. Received: path={str(path)!r}."
            )
        files.writable_folder(Path(path).parent, "path")
    figure = Figure((width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _save(figure, path):
    if path is not None:
        with files.replacing(path) as temporary:
            figure.savefig(temporary)
