"""Between two latents: numpy only."""

import numpy as np
import pytest

from keras_gan_zoo.latent import linear, spherical


def normal(*shape, seed=0, dtype="float32"):
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def on_a_sphere(n, d, radius, seed=0, dtype="float64"):
    found = normal(n, d, seed=seed, dtype="float64")
    return (radius * found / np.linalg.norm(found, axis=1, keepdims=True)).astype(dtype)


@pytest.mark.parametrize("method", [linear, spherical])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ends_are_the_given_latents(method, dtype):
    start, end = normal(50, 100, dtype=dtype), normal(50, 100, seed=1, dtype=dtype)
    found = method(start, end, 7)
    assert found.shape == (50, 7, 100) and found.dtype == dtype
    np.testing.assert_array_equal(found[:, 0], start)
    np.testing.assert_array_equal(found[:, -1], end)
    one = method(start[3], end[3], 7)
    assert one.shape == (7, 100)
    np.testing.assert_array_equal(one, found[3])
    from_one = method(start[0], end, 7)
    np.testing.assert_array_equal(from_one[5], method(start[0], end[5], 7))


def test_values_by_hand():
    np.testing.assert_allclose(linear([0.0, 2.0], [4.0, 0.0], 3)[1], [2.0, 1.0], rtol=1e-12)
    quarter = np.sqrt(0.5)
    np.testing.assert_allclose(spherical([1.0, 0.0], [0.0, 1.0], 3)[1], [quarter] * 2, rtol=1e-12)
    # A third of the way, 30 degrees further and with a length of 2 + (5 - 2) / 3.
    found = spherical([2.0, 0.0], [0.0, 5.0], 4)[1]
    np.testing.assert_allclose(found, [3 * np.sqrt(0.75), 1.5], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_arc_keeps_the_length_that_both_ends_have(dtype):
    start, end = on_a_sphere(200, 64, 8.0, dtype=dtype), on_a_sphere(200, 64, 8.0, 1, dtype)
    lengths = np.linalg.norm(spherical(start, end, 33).astype("float64"), axis=-1)
    np.testing.assert_allclose(lengths, 8.0, rtol=1e-6)


def test_otherwise_the_length_changes_evenly_and_the_angle_too():
    start, end = on_a_sphere(20, 16, 3.0), on_a_sphere(20, 16, 5.0, 1)
    found = spherical(start, end, 9)
    lengths = np.linalg.norm(found, axis=-1)
    np.testing.assert_allclose(lengths, np.broadcast_to(np.linspace(3, 5, 9), (20, 9)), rtol=1e-12)
    units = found / lengths[..., None]
    angles = np.arccos((units[:, 1:] * units[:, :-1]).sum(-1))
    np.testing.assert_allclose(angles, np.broadcast_to(angles[:, :1], (20, 8)), atol=1e-7)


@pytest.mark.parametrize("distance", [0.0, 1e-300, 1e-14, 1e-9, 1e-6, 1e-3])
@pytest.mark.parametrize("sign", [1, -1])
def test_nearly_parallel_and_nearly_opposite_ones(sign, distance):
    start = on_a_sphere(50, 32, 5.0)
    end = sign * start + distance * normal(50, 32, seed=2, dtype="float64")
    end *= 5.0 / np.linalg.norm(end, axis=1, keepdims=True)
    found = spherical(start, end, 11)
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), 5.0, rtol=1e-9)
    steps = np.linalg.norm(np.diff(found, axis=1), axis=-1)
    whole = 5.0 * (np.pi if sign < 0 else 0.0)
    np.testing.assert_allclose(steps, whole / 10, rtol=0.01, atol=20 * distance + 1e-12)
    np.testing.assert_array_equal(found, spherical(start, end, 11))


def test_latents_of_length_zero():
    start, zero = on_a_sphere(4, 8, 2.0), np.zeros((4, 8))
    np.testing.assert_allclose(spherical(start, zero, 5)[:, 2], start / 2, rtol=1e-12)
    np.testing.assert_allclose(spherical(zero, start, 5)[:, 1], start / 4, rtol=1e-12)
    np.testing.assert_array_equal(spherical(zero, zero, 5), 0.0)


def test_a_single_number_has_no_way_around_zero():
    found = spherical([2.0], [-2.0], 5)
    assert np.isfinite(found).all() and found[2] == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize(
    ("start", "end", "steps", "message"),
    [
        (np.zeros(3), np.zeros(4), 5, r"the same d and n\. Received: shapes \(3,\) and \(4,\)"),
        (np.zeros((2, 3)), np.zeros((3, 3)), 5, r"Received: shapes \(2, 3\) and \(3, 3\)"),
        (np.zeros((1, 2, 3)), np.zeros((1, 2, 3)), 5, r"latents \(d,\) or \(n, d\)"),
        (np.zeros(()), np.zeros(3), 5, r"latents \(d,\) or \(n, d\)"),
        (np.array([0.0, np.nan]), np.zeros(2), 5, "`start` must be finite"),
        (np.zeros(2), np.array([np.inf, 0.0]), 5, "`end` must be finite"),
        (np.zeros(3), np.zeros(3), 1, "`steps` must be 2 or more: both ends count. Received: 1"),
        (np.zeros(3), np.zeros(3), 2.5, "`steps` must be a positive integer"),
    ],
)
def test_wrong_arguments(start, end, steps, message):
    for method in (linear, spherical):
        with pytest.raises(ValueError, match=message):
            method(start, end, steps)
