"""Nearest neighbours of features; precision, recall, density and coverage."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.metrics import arrays
from keras_gan_zoo.utils import checks


class Prdc(NamedTuple):
    """Fidelity (precision, density) and diversity (recall, coverage) of generated samples.

    Args:
        precision: Fraction of generated samples inside the ball of any real sample, in [0, 1].
        recall: Fraction of real samples inside the ball of any generated sample, in [0, 1].
        density: Mean number of real balls around a generated sample, divided by k; 1 in expectation
            for real data, not bounded above.
        coverage: Fraction of real samples with a generated sample in their ball, in [0, 1].
    """

    precision: float
    recall: float
    density: float
    coverage: float


def prdc(real: np.ndarray, fake: np.ndarray, k: int = 5) -> Prdc:
    """Improved precision and recall, density and coverage.

    Kynkäänniemi et al. 2019, arXiv 1904.06991; Naeem et al. 2020, arXiv 2002.09797. The radius of a
    sample's ball is the distance to its k-th nearest neighbour in its own set. Distances are computed
    in blocks, so memory grows linearly with n.

    Args:
        real, fake: Features of shape (n, d), each with n > k.
        k: Number of neighbours that define the radius; 3 and 5 are usual.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or there are too few samples.
    """
    checks.positive_integer("k", k)
    real, fake = arrays.as_feature_pair(real, fake, minimum=k + 1)
    real_radii, fake_radii = squared_radii(real, k), squared_radii(fake, k)
    balls = np.zeros(len(fake))  # number of real balls around each fake
    recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
    for rows, distances in arrays.squared_distance_blocks(real, fake):
        balls += (distances < real_radii[rows, None]).sum(0)
        recalled[rows] = (distances < fake_radii).any(1)
        covered[rows] = distances.min(1) < real_radii[rows]
    return Prdc(
        float((balls > 0).mean()),
        float(recalled.mean()),
        float(balls.mean() / k),
        float(covered.mean()),
    )


def squared_radii(values: np.ndarray, k: int) -> np.ndarray:
    """Squared distance (n,) of every row to its k-th nearest neighbour among the others."""
    radii = np.empty(len(values))
    for rows, distances in arrays.squared_distance_blocks(values, values):
        distances.partition(k, axis=1)  # index 0 is the row itself
        radii[rows] = distances[:, k]
    return radii


def nearest(queries: np.ndarray, values: np.ndarray, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Find the k nearest rows of `values` to each query, in order of distance.

    Args:
        queries: Features of shape (n, d).
        values: Features of shape (m, d), m of at least k.
        k: Number of neighbours.

    Returns:
        Indices (n, k) into `values` and Euclidean distances (n, k).

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or `values` has fewer than k rows.
    """
    checks.positive_integer("k", k)
    values = arrays.as_features("values", values, minimum=k)
    queries = arrays.as_features("queries", queries, minimum=1)
    indices, nearest_distances = np.empty((len(queries), k), int), np.empty((len(queries), k))
    for rows, distances in arrays.squared_distance_blocks(queries, values):
        order = np.argpartition(distances, k - 1, axis=1)[:, :k]
        squares = np.take_along_axis(distances, order, axis=1)
        ranks = np.argsort(squares, axis=1, kind="stable")
        indices[rows] = np.take_along_axis(order, ranks, axis=1)
        nearest_distances[rows] = np.sqrt(np.take_along_axis(squares, ranks, axis=1))
    return indices, nearest_distances
