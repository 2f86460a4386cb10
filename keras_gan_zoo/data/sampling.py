"""Evenly spaced subsets."""

import numpy as np


def evenly_spaced(count: int, samples: int | None) -> np.ndarray:
    """Return at most `samples` indices in `range(count)`, evenly spaced: sorted sources keep a mix.

    Args:
        count: Number of items.
        samples: Maximum number of indices. `None` for all.

    Returns:
        Sorted int array `(min(count, samples),)`.
    """
    if samples is None or samples >= count:
        return np.arange(count)
    return np.arange(samples) * count // samples
