"""Kernel distance between two sets of features."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.metrics import arrays
from keras_gan_zoo.utils import checks


class KernelEstimate(NamedTuple):
    """A kernel distance with its standard error.

    Args:
        value: Unbiased estimate of the distance; it can be slightly negative.
        standard_error: Standard error of `value`. NaN for sets of fewer than 3 samples.
    """

    value: float
    standard_error: float


def kernel_distance(
    real: np.ndarray, fake: np.ndarray, block_size: int = 1000, seed: int = 0
) -> KernelEstimate:
    """Squared maximum mean discrepancy under the kernel `(x.y / d + 1)**3`.

    Binkowski et al. 2018, arXiv 1801.01401. On features of the 2015 Inception network this is the
    Kernel Inception Distance (KID) of papers. Unlike the Fréchet distance it is unbiased for every
    sample size.

    Both sets are split into the same number of disjoint blocks and the value is the mean over the
    blocks. The assignment of samples to blocks depends on their content and on the seed, not on
    their order. The standard error is that of the mean over the blocks; with a single block it is
    the jackknife estimate over the samples (Efron and Stein 1981), which is too large by up to a
    factor of sqrt(2) where the two distributions are equal.

    Args:
        real, fake: Features of shape (n, d), each with at least 2 samples.
        block_size: Maximum number of samples of each set in a block.
        seed: Seed of the assignment to blocks.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or a set has fewer than 2 samples.
    """
    checks.positive_integer("block_size", block_size)
    real, fake = arrays.as_feature_pair(real, fake)
    n = min(len(real), len(fake))
    count = -(-n // block_size)
    # Two seeds: pairs of blocks at equal ranks would be more alike than random ones.
    blocks = [
        np.array_split(arrays.shuffle_by_content(values, (seed, index)), count)
        for index, values in enumerate((real, fake))
    ]
    if count == 1:
        return _single_block_estimate(*(values[0].astype("float64") for values in blocks))
    values = [
        _discrepancy(_kernel(a, a), _kernel(b, b), _kernel(a, b))
        for a, b in ((a.astype("float64"), b.astype("float64")) for a, b in zip(*blocks, strict=True))
    ]
    return KernelEstimate(float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(count)))


def _single_block_estimate(a, b):
    within_a, within_b, between = _kernel(a, a), _kernel(b, b), _kernel(a, b)
    value = _discrepancy(within_a, within_b, between)
    if min(len(a), len(b)) < 3:
        return KernelEstimate(float(value), np.nan)
    variance = _jackknife_variance(within_a, between) + _jackknife_variance(within_b, between.T)
    return KernelEstimate(float(value), float(np.sqrt(variance)))


def _discrepancy(within_a, within_b, between):
    """Unbiased estimate from kernel matrices within each set and between the two."""
    return _off_diagonal_mean(within_a) + _off_diagonal_mean(within_b) - 2.0 * between.mean()


def _jackknife_variance(within, between):
    """Variance of the estimate from leaving out one sample of a set at a time.

    Terms of the other set alone are constant and cancel.

    Args:
        within: Kernel matrix (n, n) of the set, n of at least 3.
        between: Kernel matrix (n, m) to the other set.
    """
    n, m = between.shape
    off_diagonal = within.sum(1) - np.diagonal(within)
    within_without = (off_diagonal.sum() - 2.0 * off_diagonal) / ((n - 1) * (n - 2))
    between_without = (between.sum() - between.sum(1)) / ((n - 1) * m)
    return (n - 1) * np.var(within_without - 2.0 * between_without)


def _off_diagonal_mean(kernel):
    n = len(kernel)
    return (kernel.sum() - np.trace(kernel)) / (n * (n - 1))


def _kernel(a, b):
    return (a @ b.T / a.shape[1] + 1.0) ** 3
