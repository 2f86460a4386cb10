import numpy as np
import pytest
from tools import tiny

from keras_gan_zoo import latent


def test_arithmetic_by_hand():
    a, b, c = [1.0, 2.0, 3.0], [4.0, 0.0, 0.0], [0.0, 10.0, 0.0]
    np.testing.assert_array_equal(latent.arithmetic([a, c], [b]), [-3, 12, 3])
    np.testing.assert_array_equal(latent.arithmetic([a]), a)
    # A term of several samples is their mean.
    found = latent.arithmetic([np.array([a, c]), a], [np.array([b])])
    np.testing.assert_array_equal(found, [0.5 + 1 - 4, 6 + 2, 1.5 + 3])
    assert found.dtype == np.float32


def test_a_sum_that_is_as_long_as_a_sample():
    samples = np.random.default_rng(0).standard_normal((3, 50))
    plain = latent.arithmetic(samples[:2], samples[2:])
    found = latent.arithmetic(samples[:2], samples[2:], normalize=True)
    assert np.linalg.norm(found) == pytest.approx(np.linalg.norm(samples, axis=1).mean(), rel=1e-6)
    np.testing.assert_allclose(found / np.linalg.norm(found), plain / np.linalg.norm(plain), rtol=1e-5)
    part = latent.arithmetic(samples[:2], samples[2:], normalize=True, noise=slice(0, 40))
    np.testing.assert_array_equal(part[40:], plain[40:])
    expected = np.linalg.norm(samples[:, :40], axis=1).mean()
    assert np.linalg.norm(part[:40]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("plus", "minus", "received"),
    [
        ([], [np.zeros(3)], r"Received: \[\[\], \[\(3,\)\]\]"),
        ([np.zeros(3)], [np.zeros(4)], r"\[\[\(3,\)\], \[\(4,\)\]\]"),
        ([np.zeros((1, 2, 3))], [], "at least one term"),
    ],
)
def test_terms_that_do_not_fit(plus, minus, received):
    with pytest.raises(ValueError, match=received):
        latent.arithmetic(plus, minus)


def test_move():
    found = latent.move([[0.0, 1.0], [5.0, 5.0]], [1.0, 0.5], [-2.0, 0.0, 2.0])
    np.testing.assert_array_equal(found[0], [[-2, 0], [0, 1], [2, 2]])
    np.testing.assert_array_equal(found[1], [[3, 4], [5, 5], [7, 6]])
    np.testing.assert_array_equal(latent.move([5.0, 5.0], [1.0, 0.5], [-2.0, 0.0, 2.0]), found[1])
    with pytest.raises(ValueError, match=r"Received: \(2,\), \(3,\) and \(1,\)"):
        latent.move([0.0, 1.0], [1.0, 0.0, 0.0], [1.0])


def test_truncate():
    np.testing.assert_allclose(latent.truncate([2.0, -4.0], 0.5), [1.0, -2.0])
    np.testing.assert_allclose(latent.truncate([[2.0, -4.0]], 0.25, [1.0, 0.0]), [[1.25, -1.0]])
    with pytest.raises(ValueError, match="`psi` must be a finite number"):
        latent.truncate([1.0], np.nan)


def test_truncated_noise():
    model = tiny("InfoGAN", latent_dim=63, categorical=(2,), continuous=1)
    free = model.latents(200, seed=0)
    found = latent.truncated(model, 200, threshold=0.7, seed=0)
    far = np.abs(free) > 0.7
    far[:, 60:] = False  # codes are no noise
    np.testing.assert_array_equal(found[~far], free[~far])
    noise = found[:, :60]
    assert np.abs(noise).max() <= 0.7
    # The variance of a normal that is cut off at 0.7.
    assert noise.var() == pytest.approx(0.151, abs=0.01)
    np.testing.assert_array_equal(found, latent.truncated(model, 200, threshold=0.7, seed=0))
    np.testing.assert_array_equal(latent.truncated(model, 200, threshold=9.0, seed=0), free)
    with pytest.raises(ValueError, match=r"`threshold` must be 0\.01 or more"):
        latent.truncated(model, 2, threshold=0.0)
