"""Arrays of features: their checks, and walks over them that bound the memory."""

from collections.abc import Iterator

import numpy as np

_ROWS = 2048


def features(name: str, values, least: int = 2) -> np.ndarray:
    """`values` as a float array (n, d) without NaN, n at least `least`."""
    values = np.asarray(values)
    if values.dtype.kind != "f":
        values = values.astype("float64")
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(
            f"Argument `{name}` must be features of shape (n, d). Received: {values.shape}. Images "
            "are turned into features by an extractor, see `keras_gan_zoo.metrics.get_extractor`."
        )
    if len(values) < least:
        raise ValueError(
            f"Argument `{name}` must hold at least {least} samples. Received: {len(values)}. "
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


def pair(real, fake, least: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Both as features, of one width."""
    real, fake = features("real", real, least), features("fake", fake, least)
    if real.shape[1] != fake.shape[1]:
        raise ValueError(
            "Arguments `real` and `fake` must be features of one extractor. Received: "
            f"{real.shape[1]} and {fake.shape[1]} dimensions."
        )
    return real, fake


def blocks(values: np.ndarray, rows: int = _ROWS) -> Iterator[np.ndarray]:
    """`values` in float64, so many rows at a time."""
    for start in range(0, len(values), rows):
        yield values[start : start + rows].astype("float64")


def in_random_order(values: np.ndarray, seed: int | tuple[int, ...]) -> np.ndarray:
    """Rows in an order that depends on their values and the seed, not on the order they came in."""
    values = np.ascontiguousarray(values)
    rows = values.view(np.dtype((np.void, values.dtype.itemsize * values.shape[1])))[:, 0]
    return values[rows.argsort()[np.random.default_rng(seed).permutation(len(values))]]


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Squared Euclidean distances (len(a), len(b)), in float64."""
    found = np.empty((len(a), len(b)))
    a = a.astype("float64")
    lengths = np.square(a).sum(1)[:, None]
    for start, part in zip(range(0, len(b), _ROWS), blocks(b), strict=True):
        products = a @ part.T
        products *= -2.0
        products += lengths
        products += np.square(part).sum(1)
        np.maximum(products, 0.0, out=found[:, start : start + _ROWS])
    return found


def distance_rows(a: np.ndarray, b: np.ndarray, rows: int = 512) -> Iterator[tuple[slice, np.ndarray]]:
    """`squared_distances`, so many rows of `a` at a time, with the slice that says which."""
    for start in range(0, len(a), rows):
        part = slice(start, min(start + rows, len(a)))
        yield part, squared_distances(a[part], b)
