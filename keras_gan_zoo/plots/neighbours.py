"""Generated images with their nearest training images, to detect memorization."""

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from keras_gan_zoo.plots import figures, grids
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.pixels import to_uint8

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Neighbours(NamedTuple):
    """Result of `nearest`.

    Args:
        figure: The Matplotlib figure.
        indices: Training images nearest to each generated image, in order of distance, shape (n, k).
        distances: Their distances, shape (n, k).
        generated_to_real: Median distance from a generated image to the nearest real one.
        real_to_real: Median distance from a real image to the nearest *other* real one.
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
    """Plot generated images above their nearest training images, to detect memorization.

    Distances are Euclidean distances of an extractor's features. The figure shows the generated images
    with the smallest distance to a real one. Its title compares two medians over all images: from a
    generated image to the nearest real one, and from a real image to the nearest other one.

    If the first is much smaller, the generator reproduces training images. If both are similar,
    generated images are as new as real images are to each other. A larger first median indicates lower
    quality, not novelty. Pass the complete training set.

    Args:
        generated: Shape (n, h, w, c), floats in [-1, 1] or uint8, such as `model.generate(500)`.
        real: Training images of the same shape, as an array or a dataset.
        path: A .png, .svg or .pdf file to write. Defaults to `None`, which writes none.
        extractor: See `keras_gan_zoo.metrics.get_extractor`.
        k: Number of neighbours to show.
        columns: Maximum number of generated images to show.
        samples: Maximum number of real images, evenly spaced, for the second median.

    Returns:
        `Neighbours` of all generated images in their order.

    Raises:
        ValueError: The arrays are not images or their shapes differ, or there are fewer than k real
            images.
        ImportError: Matplotlib is not installed.
    """
    from keras_gan_zoo import metrics
    from keras_gan_zoo.metrics.reference import real_images

    for name, value in (("k", k), ("columns", columns), ("samples", samples)):
        checks.positive_integer(name, value)
    generated = grids.check_images("generated", generated)
    real = grids.check_images("real", real_images(real))
    _check_pair(generated, real, k)
    shown = min(columns, len(generated))
    figure = figures.new(max(0.95 * shown + 0.9, 5.2), 1.1 * (k + 1) + 0.6, path)
    extractor = metrics.get_extractor(extractor, real.shape[1:])
    features = extractor(real).features
    indices, distances = metrics.nearest(extractor(generated).features, features, k)
    neighbours = Neighbours(
        figure,
        indices,
        distances,
        float(np.median(distances[:, 0])),
        float(np.median(distances_to_nearest_other(features, samples))),
    )
    _draw(neighbours, generated, real, np.argsort(distances[:, 0], kind="stable")[:shown])
    figures.save(figure, path)
    return neighbours


def _check_pair(generated, real, k):
    if generated.shape[1:] != real.shape[1:]:
        raise ValueError(
            "Arguments `generated` and `real` must be images of the same shape. Received: "
            f"{generated.shape[1:]} and {real.shape[1:]}. Load the real ones with "
            "`keras_gan_zoo.data.load(..., image_size=, channels=)`."
        )
    if len(real) < max(k, 2):
        raise ValueError(
            f"Argument `real` must hold at least {max(k, 2)} images with k={k}. Received: {len(real)}. "
            "Pass more, or a smaller `k`."
        )


def distances_to_nearest_other(features: np.ndarray, samples: int) -> np.ndarray:
    """Return the distances from evenly spaced rows to the nearest of all other rows.

    Args:
        features: Shape (n, d).
        samples: Maximum number of rows.
    """
    from keras_gan_zoo import metrics
    from keras_gan_zoo.data.sampling import evenly_spaced

    rows = evenly_spaced(len(features), samples)
    indices, distances = metrics.nearest(features[rows], features, 2)
    return np.where(indices[:, 0] == rows, distances[:, 1], distances[:, 0])


def _draw(neighbours, generated, real, shown):
    k = neighbours.indices.shape[1]
    cells = neighbours.figure.subplots(k + 1, len(shown), squeeze=False)
    names = ["generated", "nearest", "2nd", "3rd", *(f"{rank}th" for rank in range(4, k + 1))]
    for row, name in enumerate(names[: k + 1]):
        cells[row, 0].set_ylabel(name, fontsize=9, rotation=0, ha="right", va="center")
    for column, index in enumerate(shown):
        _show(cells[0, column], generated[index])
        for rank in range(k):
            axes = cells[rank + 1, column]
            _show(axes, real[neighbours.indices[index, rank]])
            distance = f"{neighbours.distances[index, rank]:.3g}"
            axes.set_xlabel(distance, fontsize=8, color=figures.GREY, labelpad=2)
    neighbours.figure.suptitle(
        "Median distance to the nearest training image\n"
        f"generated: {neighbours.generated_to_real:.3g}     "
        f"real, to another: {neighbours.real_to_real:.3g}",
        fontsize=10,
    )


def _show(axes, image):
    pixels = to_uint8(image)
    axes.imshow(pixels[..., 0] if pixels.shape[-1] != 3 else pixels, cmap="gray", vmin=0, vmax=255)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
