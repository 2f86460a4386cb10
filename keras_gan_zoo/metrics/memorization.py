"""Scores of how much a generator copies its training images."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.metrics import arrays
from keras_gan_zoo.metrics.neighbours import nearest


class MemorizationScores(NamedTuple):
    """Scores of generated samples; see `copied`, `authenticity` and `c_t`.

    Args:
        copied: Fraction of near-exact copies, in [0, 1].
        authenticity: Fraction of samples that are no copies in a wider sense, in [0, 1].
        c_t: Standard score of the three-sample test: below 0 for copies, near 0 for other real samples,
            above 0 for samples that are further from the training set than real ones.
    """

    copied: float
    authenticity: float
    c_t: float


def memorization(train: np.ndarray, fake: np.ndarray) -> MemorizationScores:
    """Compute `copied`, `authenticity` and `c_t` of generated samples.

    `copied` counts copies also where the other samples are poor. `authenticity` and `c_t` notice
    noised and otherwise altered copies too, but compare averages, which poor samples can outweigh.

    The training set also provides the held-out samples of `c_t`: they are one half of it, and the other
    half is what copies are looked for in. Halves are drawn by content, not by order. A generator that
    copies both halves evenly then has half as many copies in the half that counts, so that `c_t` is
    closer to 0, but not more often below 0 without any copies. Use `c_t` itself where there are
    real samples that the generator has never seen.

    Args:
        train: Features (n, d) of the images that the generator was trained on, n of at least 4.
        fake: Features (m, d) of generated images.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or there are too few samples.
    """
    train, fake = arrays.as_feature_pair(train, fake)
    train = arrays.shuffle_by_content(arrays.as_features("real", train, minimum=4), seed=0)
    half = len(train) // 2
    return MemorizationScores(
        copied(train, fake), authenticity(train, fake), c_t(train[:half], train[half:], fake)
    )


def copied(train: np.ndarray, fake: np.ndarray) -> float:
    """Fraction of the generated samples that are near-exact copies of a training sample.

    Yoon et al. 2023; Gu et al. 2023, arXiv 2310.02664, there in pixels: a sample is a copy if its
    nearest training sample is less than a third as far away as the second nearest. Real samples give
    nearly 0, unless the set has duplicates.

    Args:
        train: Features (n, d) of the training images, n of at least 2.
        fake: Features (m, d) of generated images.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or there are too few samples.
    """
    first, second = nearest(fake, train, k=2)[1].T
    return float((first < second / 3.0).mean())


def authenticity(train: np.ndarray, fake: np.ndarray) -> float:
    """Fraction of the generated samples that are no copies of their nearest training sample.

    Alaa et al. 2022, arXiv 2102.08921. A sample is a copy if it is at least as near to its nearest
    training sample as the nearest other training sample is. Exact and noised copies give 0, samples
    that are unlike any real ones give 1; real samples are in between, so compare with their value.

    Args:
        train: Features (n, d) of the training images, n of at least 2.
        fake: Features (m, d) of generated images.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or there are too few samples.
    """
    indices, distances = nearest(fake, train)
    copied, positions = np.unique(indices[:, 0], return_inverse=True)
    radii = nearest(train[copied], train, k=2)[1][:, 1]  # the first neighbour is the sample itself
    return float((distances[:, 0] > radii[positions]).mean())


def c_t(train: np.ndarray, holdout: np.ndarray, fake: np.ndarray) -> float:
    """Three-sample test for data copying: are generated samples nearer to the training set than real?

    Meehan et al. 2020, arXiv 2004.05675, with a single cell: the standard score of the Mann-Whitney U
    statistic of the distances of `fake` and of `holdout` to their nearest training samples. For real
    samples it is a normal variable of mean 0 and variance 1. Values below -3 are copying beyond chance.
    It grows with the square root of the number of samples: compare values of equal sizes.

    Args:
        train: Features (n, d) of the training images.
        holdout: Features (m, d) of real images that the generator has not seen.
        fake: Features (k, d) of generated images.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or a set is empty.
    """
    real, generated = (nearest(values, train)[1][:, 0] for values in (holdout, fake))
    ranks = sum(np.searchsorted(np.sort(real), generated, side) for side in ("left", "right")) / 2.0
    n, m = len(real), len(generated)
    deviation = np.sqrt(n * m * (n + m + 1) / 12.0)
    return float((ranks.sum() - n * m / 2.0) / deviation)
