"""Kernel distance of two sets of features."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.metrics import arrays
from keras_gan_zoo.utils import checks


class KernelEstimate(NamedTuple):
    """A kernel distance and what it is uncertain by.

    Args:
        value: unbiased estimate, so it may be slightly negative.
        standard_error: of the value, over the blocks; NaN if there is one block only.
    """

    value: float
    standard_error: float


def kernel_distance(
    real: np.ndarray, fake: np.ndarray, block_size: int = 1000, seed: int = 0
) -> KernelEstimate:
    """Squared maximum mean discrepancy under the kernel `(x.y / d + 1)**3`, the KID.

    Binkowski et al. 2018, arXiv 1801.01401. Unbiased for every sample size, in contrast to the
    Fréchet distance. The sets are cut into disjoint blocks of equal size; the value is the mean
    over the blocks. Which sample falls into which block depends on the samples and the seed,
    not on the order in which they came.

    Args:
        real, fake: features (n, d), of any n from 2 on.
        block_size: most samples of each set in a block.
        seed: of the blocks.

    Raises:
        ValueError: another shape, NaN, or fewer than 2 samples.
    """
    checks.positive_integer("block_size", block_size)
    real, fake = arrays.pair(real, fake)
    n = min(len(real), len(fake))
    count = -(-n // block_size)
    # Of two seeds: blocks of equal ranks would resemble each other more than chance allows.
    sets = [
        np.array_split(arrays.in_random_order(values, (seed, index)), count)
        for index, values in enumerate((real, fake))
    ]
    values = [
        _discrepancy(a.astype("float64"), b.astype("float64")) for a, b in zip(*sets, strict=True)
    ]
    error = np.std(values, ddof=1) / np.sqrt(count) if count > 1 else np.nan
    return KernelEstimate(float(np.mean(values)), float(error))


def _discrepancy(a, b):
    within = sum(_off_diagonal_mean(_kernel(x, x)) for x in (a, b))
    return within - 2.0 * _kernel(a, b).mean()


def _off_diagonal_mean(kernel):
    n = len(kernel)
    return (kernel.sum() - np.trace(kernel)) / (n * (n - 1))


def _kernel(a, b):
    return (a @ b.T / a.shape[1] + 1.0) ** 3
