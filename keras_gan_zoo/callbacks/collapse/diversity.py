"""How varied a set of samples is, beside as many real ones."""

from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.metrics import arrays, extractors
from keras_gan_zoo.metrics.ssim import ms_ssim_diversity

_LEAST_SIDE = 11  # of images that MS-SSIM can compare
_PAIRS = 128


class Spread(NamedTuple):
    """How much samples differ from each other.

    Args:
        distance: mean pairwise distance of their features.
        ms_ssim: mean MS-SSIM of pairs; None where the images are too small.
    """

    distance: float
    ms_ssim: float | None


class Diversity:
    """Compares the spread of generated samples with that of real ones.

    Args:
        real: images (n, h, w, c), uint8 or floats in [-1, 1], or points (n, d), which are their own
            features.
        extractor: see `keras_gan_zoo.metrics.get_extractor`.
        seed: of the pairs.
    """

    def __init__(self, real: np.ndarray, extractor: Any = None, seed: int = 0):
        if len(real) < 2:
            raise ValueError(
                f"Argument `data` must hold at least 2 real samples. Received: {len(real)}. Pass more."
            )
        self.samples = len(real)
        self.seed = seed
        self.extractor = None if real.ndim == 2 else extractors.get_extractor(extractor, real.shape[1:])
        self.real = self._spread(real)

    def _spread(self, samples):
        if self.extractor is None:
            return Spread(mean_distance(samples), None)
        samples = scaled(samples)
        similarity = None
        if min(samples.shape[1:3]) >= _LEAST_SIDE:
            similarity = ms_ssim_diversity(samples, _PAIRS, self.seed)
        return Spread(mean_distance(self.extractor(samples).features), similarity)

    def ratios(self, fakes: np.ndarray) -> tuple[dict[str, float], Spread]:
        """Shares of the real spread: `"distance"`, and `"ms_ssim"` of what its mean lacks to 1.

        NaN where the real samples are all alike.
        """
        spread = self._spread(fakes)
        found = {"distance": _share(spread.distance, self.real.distance)}
        if spread.ms_ssim is not None:
            found["ms_ssim"] = _share(1.0 - spread.ms_ssim, 1.0 - self.real.ms_ssim)
        return found, spread


def _share(part, whole):
    return part / whole if whole > 1e-6 else np.nan


def mean_distance(features: np.ndarray) -> float:
    """Mean Euclidean distance of all pairs of rows."""
    values = np.asarray(features, "float64")
    values = values - values.mean(0)  # distances of near rows lose no digits to a common offset
    n = len(values)
    return float(np.sqrt(arrays.squared_distances(values, values)).sum() / (n * (n - 1)))
