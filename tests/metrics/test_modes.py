import dataclasses
import math

import numpy as np
import pytest

from keras_gan_zoo import data
from keras_gan_zoo.metrics.modes import class_coverage, mode_coverage

TWO = np.array([(0.0, 0.0), (10.0, 0.0)])


def test_by_hand():
    # With sigma 1: of four samples three are nearest to the first mode and two of these near enough.
    found = mode_coverage([(0, 0), (0, 3), (4, 0), (6.5, 0)], TWO, sigma=1)
    assert (found.modes, found.total, found.high_quality) == (1, 2, 0.5)
    # 3/4 log(3/4 * 2) + 1/4 log(1/4 * 2)
    assert found.reverse_kl == pytest.approx(0.13081203594113697)


def test_three_sigma_are_the_length_of_the_way_not_of_its_parts():
    inside, outside = (2.1, 2.1), (2.2, 2.2)  # 2.97 and 3.11 away
    assert mode_coverage([inside], TWO, 1).high_quality == 1
    assert mode_coverage([outside], TWO, 1).high_quality == 0


def test_a_bad_sample_does_not_count_as_a_mode_but_in_the_divergence():
    found = mode_coverage([(0, 0), (0, 0), (14, 0), (14, 0)], TWO, sigma=1)
    assert (found.modes, found.high_quality, found.reverse_kl) == (1, 0.5, 0.0)


def test_a_perfect_sampler():
    points, _ = data.gaussian_ring(20_000)
    found = mode_coverage(points, data.ring_centres(), 0.01)
    assert (found.modes, found.total) == (8, 8)
    # Of a Gaussian in the plane, 1 - exp(-9 / 2) lies within 3 sigma.
    assert found.high_quality == pytest.approx(1 - math.exp(-4.5), abs=0.005)
    assert found.reverse_kl < 0.001
    grid = mode_coverage(data.gaussian_grid(5000)[0], data.grid_centres(), 0.05)
    assert grid.modes == 25 and grid.reverse_kl < 0.01


def test_a_collapsed_sampler():
    found = mode_coverage(np.tile([[0.0, 1.0]], (100, 1)), data.ring_centres(), 0.01)
    assert (found.modes, found.high_quality) == (1, 1)
    assert found.reverse_kl == pytest.approx(math.log(8))


def test_a_sampler_of_noise():
    found = mode_coverage([(50.0, 50.0)], data.ring_centres(), 0.01)
    assert (found.modes, found.high_quality) == (0, 0)


def test_other_dimensions_and_one_mode():
    assert mode_coverage([[5.0], [7.0]], [[5.0]], 0.1) == mode_coverage(
        [[0.0, 0.0, 5.0], [0.0, 0.0, 7.0]], [[0.0, 0.0, 5.0]], 0.1
    )
    assert dataclasses.asdict(mode_coverage([[5.0], [7.0]], [[5.0]], 0.1)) == {
        "modes": 1,
        "total": 1,
        "high_quality": 0.5,
        "reverse_kl": 0.0,
    }


def test_even_shares_give_zero_and_never_less():
    assert class_coverage(np.arange(7), 7).reverse_kl == 0
    assert class_coverage(np.arange(1000) % 49, 49, np.arange(2000) % 49).reverse_kl >= 0


def test_classes():
    found = class_coverage([0, 0, 0, 2], num_classes=4)
    assert (found.modes, found.total) == (2, 4)
    # 3/4 log(3/4 * 4) + 1/4 log(1/4 * 4)
    assert found.reverse_kl == pytest.approx(0.75 * math.log(3))
    assert class_coverage(np.full(9, 7), 1000).reverse_kl == pytest.approx(math.log(1000))


def test_classes_beside_real_ones():
    assert class_coverage([0, 0, 1], 2, real_labels=[1, 0, 0, 0, 0, 1]).reverse_kl == 0
    # 1/2 log(1/2 / (3/4)) + 1/2 log(1/2 / (1/4))
    assert class_coverage([0, 1], 2, [0, 0, 0, 1]).reverse_kl == pytest.approx(0.5 * math.log(4 / 3))
    # All real classes that are there count, also where none was made.
    assert class_coverage([0], 3, [0, 1, 1, 1]).reverse_kl == pytest.approx(math.log(4))


def test_a_class_that_the_real_data_lack():
    assert class_coverage([0, 1], 2, real_labels=[0, 0]).reverse_kl == math.inf


@pytest.mark.parametrize(
    ("points", "centres", "sigma", "message"),
    [
        (np.zeros((0, 2)), TWO, 1, r"`points` must have the shape \(n, d\).* Received: \(0, 2\)"),
        (np.zeros(2), TWO, 1, r"`points` must have the shape \(n, d\).* Received: \(2,\)"),
        (TWO, TWO[0], 1, r"`centres` must have the shape"),
        (TWO, np.zeros((0, 2)), 1, r"`centres` must have the shape"),
        ([(0, 0), (0, np.nan)], TWO, 1, "`points` must be finite. Received: NaN or infinity in 1 of 2"),
        ([(0, 0)], [(0, np.inf)], 1, "`centres` must be finite"),
        (np.zeros((4, 3)), TWO, 1, r"as many columns, .* Received: \(4, 3\) and \(2, 2\)"),
        (TWO, TWO, 0, "`sigma` must be a positive number. Received: sigma=0. Pass the standard"),
        (TWO, TWO, -1.0, "`sigma` must be a positive number"),
        (TWO, TWO, float("nan"), "`sigma` must be a positive number"),
    ],
)
def test_wrong_points(points, centres, sigma, message):
    with pytest.raises(ValueError, match=message):
        mode_coverage(points, centres, sigma)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"labels": []}, r"`labels` must be integers of shape \(n,\), at least one. Received: float64"),
        ({"labels": [[0, 1]]}, r"`labels` must be integers .* of shape \(1, 2\). Use np.argmax"),
        ({"labels": [0.0]}, "`labels` must be integers"),
        ({"labels": [0, 3]}, r"`labels` must be in 0..2. Received: 0..3"),
        ({"labels": [-1]}, r"`labels` must be in 0..2. Received: -1..-1"),
        ({"labels": [0], "real_labels": [4]}, "`real_labels` must be in 0..2"),
        ({"labels": [0], "num_classes": 0}, "`num_classes` must be a positive integer"),
    ],
)
def test_wrong_labels(arguments, message):
    with pytest.raises(ValueError, match=message):
        class_coverage(**{"num_classes": 3} | arguments)
