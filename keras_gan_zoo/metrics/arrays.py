"""Checks of feature arrays, and distances between their rows in blocks of bounded memory."""

from collections.abc import Iterator

import numpy as np

_ROWS = 2048


def as_features(name: str, values, minimum: int = 2) -> np.ndarray:
    """Return `values` as a finite float array of shape (n, d) with n of at least `minimum`."""
    values = np.asarray(values)
    if values.dtype.kind != "f":
        values = values.astype("float64")
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(
            f"Argument `{name}` must be features of shape (n, d). Received: shape {values.shape}. "
            "Compute features of images with `keras_gan_zoo.metrics.get_extractor()(images)`."
        )
    if len(values) < minimum:
        raise ValueError(
            f"Argument `{name}` must hold at least {minimum} samples. Received: {len(values)}. "
            "Generate or load more."
        )
    for start in range(0, len(values), _ROWS):
        finite = np.isfinite(values[start : start + _ROWS]).all(axis=1)
        if not finite.all():
            raise ValueError(
                f"Argument `{name}` must be finite. Received: NaN or infinity in sample "
                f"{start + int(np.argmin(finite))}. The generator's weights may have become NaN, see "
                "`keras_gan_zoo.callbacks.CollapseMonitor`."
            )
    return values


def as_feature_pair(real, fake, minimum: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return both arrays as features with the same number of dimensions."""
    real, fake = as_features("real", real, minimum), as_features("fake", fake, minimum)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            "Arguments `real` and `fake` must be features of the same extractor. Received: "
            f"{real.shape[1]} and {fake.shape[1]} dimensions."
        )
    return real, fake


def float64_blocks(values: np.ndarray, rows: int = _ROWS) -> Iterator[np.ndarray]:
    """Yield consecutive blocks of at most `rows` rows, cast to float64."""
    for start in range(0, len(values), rows):
        yield values[start : start + rows].astype("float64")


def shuffle_by_content(values: np.ndarray, seed: int | tuple[int, ...]) -> np.ndarray:
    """Shuffle rows in a way that depends on their values and the seed, not on their order."""
    values = np.ascontiguousarray(values)
    rows = values.view(np.dtype((np.void, values.dtype.itemsize * values.shape[1])))[:, 0]
    return values[rows.argsort()[np.random.default_rng(seed).permutation(len(values))]]


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances of shape (len(a), len(b)), in float64."""
    distances = np.empty((len(a), len(b)))
    a = a.astype("float64")
    squared_norms = np.square(a).sum(1)[:, None]
    for start, block in zip(range(0, len(b), _ROWS), float64_blocks(b), strict=True):
        products = a @ block.T
        products *= -2.0
        products += squared_norms
        products += np.square(block).sum(1)
        np.maximum(products, 0.0, out=distances[:, start : start + _ROWS])
    return distances


def squared_distance_blocks(
    a: np.ndarray, b: np.ndarray, rows: int = 512
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield slices of at most `rows` rows of `a` with their `squared_distances` to all of `b`."""
    for start in range(0, len(a), rows):
        block = slice(start, min(start + rows, len(a)))
        yield block, squared_distances(a[block], b)
