"""Diversity of generated samples relative to real ones."""

from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.metrics import arrays, extractors
from keras_gan_zoo.metrics.ssim import ms_ssim_diversity

_MIN_SIDE = 11  # pixels that MS-SSIM needs
_PAIRS = 128


class Spread(NamedTuple):
    """Differences between the samples of a set.

    Args:
        distance: Mean pairwise distance of their features.
        ms_ssim: Mean MS-SSIM of pairs; None for points and for images that are too small.
    """

    distance: float
    ms_ssim: float | None


class Diversity:
    """Compare the spread of generated samples with that of real ones.

    Args:
        real: Images of shape (n, h, w, c), uint8 or floats in [-1, 1], or points (n, d), which are
            their own features.
        extractor: See `keras_gan_zoo.metrics.get_extractor`.
        seed: Seed of the pairs for MS-SSIM.

    Raises:
        ValueError: There are fewer than 2 real samples, or they do not fit the extractor.
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
        if min(samples.shape[1:3]) >= _MIN_SIDE:
            similarity = ms_ssim_diversity(samples, _PAIRS, self.seed)
        return Spread(mean_distance(self.extractor(samples).features), similarity)

    def ratios(self, fakes: np.ndarray) -> tuple[dict[str, float], Spread]:
        """Compute the spread of generated samples, absolute and relative to the real ones.

        Args:
            fakes: Samples of the shape of the real ones.

        Returns:
            Ratios to the real spread and the spread itself. The ratios are `"distance"` and, for
            images of at least 11 pixels, `"ms_ssim"`, the ratio of 1 - MS-SSIM; NaN if the real
            samples are all equal.
        """
        spread = self._spread(fakes)
        ratios = {"distance": _ratio(spread.distance, self.real.distance)}
        if spread.ms_ssim is not None:
            ratios["ms_ssim"] = _ratio(1.0 - spread.ms_ssim, 1.0 - self.real.ms_ssim)
        return ratios, spread


def _ratio(value, reference):
    return value / reference if reference > 1e-6 else np.nan


def mean_distance(features: np.ndarray) -> float:
    """Mean Euclidean distance between all pairs of rows."""
    values = np.asarray(features, "float64")
    values = values - values.mean(0)  # a common offset would cost digits of small distances
    n = len(values)
    return float(np.sqrt(arrays.squared_distances(values, values)).sum() / (n * (n - 1)))
