"""Coverage of known modes or classes (Lin et al. 2018, arXiv 1712.04086), in float64 NumPy."""

import dataclasses
import math

import numpy as np

from keras_gan_zoo.utils import checks


@dataclasses.dataclass(frozen=True)
class ModeCoverage:
    """Result of `mode_coverage`.

    Attributes:
        modes: Number of modes with at least one high-quality sample.
        total: Number of modes of the distribution.
        high_quality: Fraction of the samples within 3 sigma of their nearest mode, in [0, 1].
        reverse_kl: Divergence in nats, from 0 for samples that are spread evenly over the modes to
            log(total) for samples that are all nearest to one mode.
    """

    modes: int
    total: int
    high_quality: float
    reverse_kl: float


@dataclasses.dataclass(frozen=True)
class ClassCoverage:
    """Result of `class_coverage`.

    Attributes:
        modes: Number of classes with at least one sample.
        total: Number of classes of the distribution.
        reverse_kl: Divergence in nats; 0 if the classes are as frequent as in the real data.
    """

    modes: int
    total: int
    reverse_kl: float


def mode_coverage(points: np.ndarray, centres: np.ndarray, sigma: float) -> ModeCoverage:
    """Compare samples with a mixture of equally likely Gaussians.

    Every sample is assigned to its nearest mode and is of high quality within 3 `sigma` of it (98.9 %
    of the draws from a Gaussian in two dimensions are). The reverse Kullback-Leibler divergence is
    that of the fractions of samples per mode, of high quality or not, from the uniform distribution:
    the sum of p log(p / (1 / total)).

    Args:
        points: Samples of a generator, shape (n, d). The paper uses 2500.
        centres: Centres of the modes, shape (total, d), such as `keras_gan_zoo.data.ring_centres()`.
        sigma: Standard deviation of each mode.

    Raises:
        ValueError: An array is empty, not finite or of the wrong shape, or `sigma` is not positive.

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
    for mode, centre in enumerate(centres):  # one at a time: an array (n, total, d) may be large
        distance = np.linalg.norm(points - centre, axis=1)
        closer = distance < distances
        distances[closer], nearest[closer] = distance[closer], mode
    high_quality = distances <= 3 * sigma
    total = len(centres)
    return ModeCoverage(
        modes=len(np.unique(nearest[high_quality])),
        total=total,
        high_quality=float(high_quality.mean()),
        reverse_kl=_kl_divergence(np.bincount(nearest, minlength=total), np.ones(total)),
    )


def class_coverage(
    labels: np.ndarray, num_classes: int, real_labels: np.ndarray | None = None
) -> ClassCoverage:
    """Compare predicted classes of generated samples with the classes of real data.

    For `keras_gan_zoo.data.stacked_digits`, which has 1000 classes; the paper uses 26,000 samples.

    Args:
        labels: Predicted classes of the samples, integers of shape (n,) in 0..num_classes - 1.
        num_classes: Number of classes.
        real_labels: Classes of real data, shape (m,), for `reverse_kl`, which is infinite if a class
            of the samples is absent from them. Defaults to `None`, which means equally likely
            classes.

    Raises:
        ValueError: Labels are empty, not integers, of the wrong shape or out of range.
    """
    num_classes = checks.positive_integer("num_classes", num_classes)
    counts = _class_counts("labels", labels, num_classes)
    real_counts = np.ones(num_classes)
    if real_labels is not None:
        real_counts = _class_counts("real_labels", real_labels, num_classes)
    return ClassCoverage(int((counts > 0).sum()), num_classes, _kl_divergence(counts, real_counts))


def _kl_divergence(counts: np.ndarray, reference_counts: np.ndarray) -> float:
    """KL divergence in nats of normalized counts from normalized reference counts."""
    present = counts > 0
    p, q = counts[present] / counts.sum(), reference_counts[present] / reference_counts.sum()
    if not q.all():
        return math.inf
    return max(0.0, float(np.sum(p * np.log(p / q))))  # rounding can give -1e-17


def _finite(name: str, array: np.ndarray) -> np.ndarray:
    """Return `array` as finite float64 of shape (n, d) with at least one row."""
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
            f"{len(array)} rows. If a generator returned them its training has diverged: use an "
            "earlier checkpoint."
        )
    return array


def _class_counts(name: str, labels: np.ndarray, num_classes: int) -> np.ndarray:
    """Number of occurrences of each class, shape (num_classes,)."""
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
