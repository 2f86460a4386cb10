"""Scores of copying, on points and on images."""

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import NearestNeighbors
from tools import images

from keras_gan_zoo import data, metrics


def test_literal_values():
    train = np.array([[0.0], [10.0], [16.0]])
    fake = np.array([[0.1], [2.0], [12.0], [15.5], [-9.0], [-11.0]])
    # Distances to the nearest and the second nearest: 0.1 9.9, 2 8, 2 4, 0.5 5.5, 9 19, 11 21.
    assert metrics.copied(train, fake) == 3 / 6
    # Distances of the nearest to its own nearest: 10, 10, 6, 6, 10, 10.
    assert metrics.authenticity(train, fake) == 1 / 6
    # Distances 1, 3 of the held-out samples: 0.1, 0.5 below both, 2, 2 between, 9, 11 above.
    holdout = np.array([[1.0], [13.0]])
    assert metrics.c_t(train, holdout, fake) == pytest.approx((6 - 6) / np.sqrt(6 * 2 * 9 / 12))
    assert metrics.c_t(train, holdout, fake[:4]) == pytest.approx((2 - 4) / np.sqrt(4 * 2 * 7 / 12))


def test_c_t_is_the_score_of_mann_and_whitney():
    rng = np.random.default_rng(0)
    train, holdout, fake = (rng.normal(size=(n, 5)) * s for n, s in ((60, 1), (40, 1), (50, 1.2)))
    search = NearestNeighbors(n_neighbors=1).fit(train)
    u = stats.mannwhitneyu(*(search.kneighbors(x)[0][:, 0] for x in (fake, holdout))).statistic
    expected = (u - 40 * 50 / 2) / np.sqrt(40 * 50 * 91 / 12)
    assert metrics.c_t(train, holdout, fake) == pytest.approx(expected, rel=1e-9)
    scores = metrics.memorization(train, fake)
    assert metrics.memorization(train[::-1], fake[::-1]) == pytest.approx(scores)


def test_real_samples_have_the_standard_normal_distribution():
    rng = np.random.default_rng(1)
    draws = [metrics.c_t(*np.split(rng.normal(size=(90, 3)), 3)) for _ in range(200)]
    assert abs(np.mean(draws)) < 0.3 and 0.85 < np.std(draws) < 1.3


def test_copies_other_images_and_a_poor_model_differ():
    rng = np.random.default_rng(0)
    pictures = data.digits(300, seed=0)[0]
    train, holdout, other = np.split(pictures, 3)
    noised = np.clip(train + rng.normal(0, 4, train.shape), 0, 255).astype("uint8")
    poor = (other * 0.5).astype("uint8")
    mixed = np.concatenate([train[:30], poor[30:]])
    extractor = metrics.get_extractor("grey28")
    known, *sets = (extractor(x).features for x in (train, train, noised, holdout, poor, mixed))
    copies, noised, real, poor, mixed = (metrics.memorization(known, found) for found in sets)
    assert copies[:2] == (1.0, 0.0) and copies.c_t < -4
    assert noised.copied > 0.3 and noised.authenticity < 0.1 and noised.c_t < -4
    assert real.copied < 0.03 and 0.4 < real.authenticity < 0.8 and abs(real.c_t) < 3
    assert poor.copied < 0.03 and poor.authenticity > real.authenticity + 0.1 and poor.c_t > 3
    assert 0.28 < mixed.copied < 0.33 and mixed.c_t > 0  # which only the first score notices
    assert metrics.c_t(known, sets[2], sets[0]) < 2 * copies.c_t  # with samples of its own to compare


def test_a_reference_looks_for_copies_in_all_images_but_those_of_the_floor(tmp_path):
    real = images(90, (28, 28, 1))
    reference = metrics.Reference(real, "kernel,memorization,ms_ssim", 20, cache=tmp_path)
    assert len(list(tmp_path.iterdir())) == 3  # 20 for the distance, 70 for copies, 20 for the floor
    assert reference.floor["copied"] == 0
    figures = reference.figures(real)
    assert figures["samples"] == {"real": 20, "fake": 90, "floor": 20, "training": 70}
    assert figures["values"]["copied"] == pytest.approx(70 / 90)
    assert list(figures["values"])[2:] == ["copied", "authenticity", "c_t", "ms_ssim"]
    few = metrics.Reference(real[:30], ["memorization"])
    assert few.measure(real[:30])["authenticity"] == 0 and few.floor["authenticity"] > 0.3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: metrics.memorization(np.ones((3, 2)), np.ones((9, 2))),
            "`real` must hold at leas",
        ),
        (lambda: metrics.memorization(np.ones((9, 2)), np.ones((9, 3))), "same extractor"),
        (lambda: metrics.copied(np.ones((1, 2)), np.ones((9, 2))), "at least 2 samples"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(ValueError, match=message):
        call()
