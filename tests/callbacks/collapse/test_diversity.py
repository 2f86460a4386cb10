"""Diversity of samples."""

import numpy as np
import pytest
from collapse_tools import pixels

from keras_gan_zoo.callbacks.collapse.diversity import Diversity, mean_distance


def test_mean_distance():
    features = np.random.default_rng(0).normal(100, 1, (9, 3)).astype("float32")
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(features) for b in features[:i]]
    assert mean_distance(features) == pytest.approx(np.mean(pairs), rel=1e-5)
    assert mean_distance(np.ones((5, 3))) == 0.0


def test_whole_numbers_and_points():
    whole = np.random.default_rng(0).integers(0, 256, (16, 12, 12, 1)).astype("uint8")
    ratios, _ = Diversity(whole, pixels((12, 12, 1))).ratios(whole / np.float32(127.5) - 1)
    assert ratios == pytest.approx({"distance": 1.0, "ms_ssim": 1.0}, abs=1e-5)
    points = np.random.default_rng(0).normal(size=(16, 2))
    assert Diversity(points).ratios(points / 2)[0] == pytest.approx({"distance": 0.5})
