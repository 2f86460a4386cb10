"""Precision, recall, density and coverage by nearest neighbours."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.metrics import arrays
from keras_gan_zoo.utils import checks


class Prdc(NamedTuple):
    """Fidelity (precision, density) and diversity (recall, coverage) of generated samples.

    Args:
        precision: share of fakes inside some real sample's ball, in [0, 1].
        recall: share of real samples inside some fake's ball, in [0, 1].
        density: mean number of real balls around a fake, over k; 1 is expected of real data, and it
            may be more.
        coverage: share of real samples with a fake in their ball, in [0, 1].
    """

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Prdc:
    """Improved precision and recall, density and coverage.

    Kynkäänniemi et al. 2019, arXiv 1904.06991; Naeem et al. 2020, arXiv 2002.09797. A sample's ball
    reaches to its k-th nearest neighbour of its own set. Distances are taken in blocks, so memory
    grows with n, not with its square.

    Args:
        real, fake: features (n, d), each with n > k.
        k: neighbours that a ball holds; 3 and 5 are usual.

    Raises:
        ValueError: another shape, NaN, or too few samples.
    """
    checks.positive_integer("k", k)
    real, fake = arrays.pair(real, fake, least=k + 1)
    real_radii, fake_radii = radii(real, k), radii(fake, k)
    balls = np.zeros(len(fake))  # real balls around each fake
    recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
    for rows, distances in arrays.distance_rows(real, fake):
        balls += (distances < real_radii[rows, None]).sum(0)
        recalled[rows] = (distances < fake_radii).any(1)
        covered[rows] = distances.min(1) < real_radii[rows]
    return Prdc(
        float((balls > 0).mean()),
        float(recalled.mean()),
        float(balls.mean() / k),
        float(covered.mean()),
    )


def radii(values: np.ndarray, k: int) -> np.ndarray:
    """Squared distance (n,) of every row to its k-th nearest neighbour among the others."""
    found = np.empty(len(values))
    for rows, distances in arrays.distance_rows(values, values):
        distances.partition(k, axis=1)  # the nearest of all is the row itself
        found[rows] = distances[:, k]
    return found


def nearest(queries: np.ndarray, values: np.ndarray, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest rows of `values` to each query, the nearest first.

    Returns:
        Indices (n, k) and Euclidean distances (n, k).

    Raises:
        ValueError: not features of one width, NaN, or fewer than k values.
    """
    checks.positive_integer("k", k)
    values = arrays.features("values", values, least=k)
    queries = arrays.features("queries", queries, least=1)
    indices, found = np.empty((len(queries), k), int), np.empty((len(queries), k))
    for rows, distances in arrays.distance_rows(queries, values):
        order = np.argpartition(distances, k - 1, axis=1)[:, :k]
        squares = np.take_along_axis(distances, order, axis=1)
        ranks = np.argsort(squares, axis=1, kind="stable")
        indices[rows] = np.take_along_axis(order, ranks, axis=1)
        found[rows] = np.sqrt(np.take_along_axis(squares, ranks, axis=1))
    return indices, found
