"""How many of the known modes a generator makes, and how evenly (Lin et al. 2018, arXiv 1712.04086).

Pure functions of numpy arrays, in float64.
"""

import dataclasses
import math

import numpy as np

from keras_gan_zoo.utils import checks


@dataclasses.dataclass(frozen=True)
class ModeCoverage:
    """What `mode_coverage` found.

    Attributes:
        modes: modes with at least one sample of high quality.
        total: modes that there are.
        high_quality: share of the samples within 3 sigma of their nearest mode, in [0, 1].
        reverse_kl: in nats, from 0 for samples that are spread evenly to log(total) for samples that
            are all nearest to one mode.
    """

    modes: int
    total: int
    high_quality: float
    reverse_kl: float


@dataclasses.dataclass(frozen=True)
class ClassCoverage:
    """What `class_coverage` found.

    Attributes:
        modes: classes with at least one sample.
        total: classes that there are.
        reverse_kl: in nats, 0 where the classes are as frequent as in the real data.
    """

    modes: int
    total: int
    reverse_kl: float


def mode_coverage(points: np.ndarray, centres: np.ndarray, sigma: float) -> ModeCoverage:
    """Compare samples with a mixture of equally likely Gaussians.

    Every sample belongs to its nearest mode. It is of high quality within 3 `sigma` of that (of draws
    from a Gaussian in two dimensions 98.9 % are). The reverse Kullback-Leibler divergence is that of
    the samples' shares of the modes, good or bad, from equal shares: the sum of p log(p / (1 / total)).

    Args:
        points: samples of a generator, (n, d). The paper takes 2500.
        centres: of the modes, (total, d), such as `keras_gan_zoo.data.ring_centres()`.
        sigma: standard deviation of each mode.

    Raises:
        ValueError: an array is empty, not finite or of another shape, or `sigma` is not positive.

    Example:

    >>> points, _ = kgz.data.gaussian_ring(2500)
    >>> mode_coverage(points, kgz.data.ring_centres(), sigma=0.01).modes
    8
    """
    centres = _finite("centres", centres)
    points = _finite("points", points)
    if points.shape[1] != centres.shape[1]:
        raise ValueError(
            "Arguments `points` and `centres` must have as many columns, one for each dimension. "
            f"Received: {points.shape} and {centres.shape}."
        )
    if not 0 < sigma < math.inf:
        raise ValueError(
            f"Argument `sigma` must be a positive number. Received: sigma={sigma!r}. Pass the standard "
            "deviation of the modes, such as 0.01 for `keras_gan_zoo.data.gaussian_ring`."
        )
    distances, nearest = np.full(len(points), np.inf), np.zeros(len(points), "int64")
    for mode, centre in enumerate(centres):  # one by one: n x total x d numbers can be many
        distance = np.linalg.norm(points - centre, axis=1)
        closer = distance < distances
        distances[closer], nearest[closer] = distance[closer], mode
    good = distances <= 3 * sigma
    total = len(centres)
    return ModeCoverage(
        modes=len(np.unique(nearest[good])),
        total=total,
        high_quality=float(good.mean()),
        reverse_kl=_divergence(np.bincount(nearest, minlength=total), np.ones(total)),
    )


def class_coverage(
    labels: np.ndarray, num_classes: int, real_labels: np.ndarray | None = None
) -> ClassCoverage:
    """Compare the classes of generated samples, as a classifier sees them, with those of real data.

    For `keras_gan_zoo.data.stacked_digits`, 1000 classes; the paper takes 26,000 samples.

    Args:
        labels: classes of the samples, integers (n,) in 0..num_classes - 1.
        num_classes: classes that there are.
        real_labels: classes of real data, (m,), for `reverse_kl`, which is infinite if there are
            samples of a class that these lack. None: all classes are equally likely.

    Raises:
        ValueError: labels are empty, no integers, of another shape or out of range.
    """
    num_classes = checks.positive_integer("num_classes", num_classes)
    made = _count("labels", labels, num_classes)
    real = np.ones(num_classes)
    if real_labels is not None:
        real = _count("real_labels", real_labels, num_classes)
    return ClassCoverage(int((made > 0).sum()), num_classes, _divergence(made, real))


def _divergence(made: np.ndarray, real: np.ndarray) -> float:
    """Kullback-Leibler divergence of the first counts, as shares, from the second ones."""
    there = made > 0
    p, q = made[there] / made.sum(), real[there] / real.sum()
    if not q.all():
        return math.inf
    return max(0.0, float(np.sum(p * np.log(p / q))))  # rounding can give -1e-17


def _finite(name: str, array: np.ndarray) -> np.ndarray:
    """`array` as float64, if it is a table of numbers with at least one row."""
    array = np.asarray(array, "float64")
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"Argument `{name}` must have the shape (n, d), at least one row of d coordinates. "
            f"Received: {array.shape}."
        )
    broken = ~np.isfinite(array).all(axis=1)
    if broken.any():
        raise ValueError(
            f"Argument `{name}` must be finite. Received: NaN or infinity in {broken.sum()} of "
            f"{len(array)} rows. A generator that makes such points has diverged: take an earlier one."
        )
    return array


def _count(name: str, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """How often each class occurs, (num_classes,)."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0 or labels.dtype.kind not in "iu":
        raise ValueError(
            f"Argument `{name}` must be integers of shape (n,), at least one. Received: {labels.dtype} "
            f"of shape {labels.shape}. Use np.argmax(scores, axis=1) for the scores of a classifier."
        )
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"Argument `{name}` must be in 0..{num_classes - 1}. Received: {labels.min()}.."
            f"{labels.max()}. Correct them or `num_classes`."
        )
    return np.bincount(labels.astype("int64"), minlength=num_classes)
