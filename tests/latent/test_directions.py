import numpy as np
import pytest
from latent_tools import loud
from tools import tiny

from keras_gan_zoo import latent


def normal(n, d=10, seed=0):
    return np.random.default_rng(seed).standard_normal((n, d))


def test_a_straight_score_is_found_exactly():
    z, wanted = normal(40), np.array([3.0, 0, 0, -4.0, 0, 0, 0, 0, 0, 0])
    found = latent.regress(z, z @ wanted + 7.0)
    np.testing.assert_allclose(found.vector, wanted / 5, atol=1e-6)
    assert (found.slope, found.fit) == (pytest.approx(5.0), pytest.approx(1.0))
    assert found.vector.dtype == np.float32 and isinstance(found.slope, float)


@pytest.mark.parametrize("shape", [np.exp, np.tanh, lambda s: s > 0.5, lambda s: np.floor(3 * s)])
def test_so_is_any_monotone_one(shape):
    z, wanted = normal(20_000), normal(1, seed=1)[0]
    wanted /= np.linalg.norm(wanted)
    found = latent.regress(z, shape(z @ wanted))
    assert found.vector @ wanted > 0.99
    assert 0.3 < found.fit < 0.995


def test_the_fit_says_that_there_is_none():
    z = normal(2000)
    assert latent.regress(z, normal(2000, 1, seed=5)[:, 0]).fit < 0.02


def test_groups_are_compared_only_with_their_like():
    z, which = normal(300), np.arange(300) % 3
    z[:, 0] += 5 * which  # were they compared, number 0 would tell the group
    scores = z[:, 1] + 100 * which
    assert abs(latent.regress(z, scores).vector[0]) > 0.9
    np.testing.assert_allclose(latent.regress(z, scores, which).vector, np.eye(10)[1], atol=1e-6)


def brightness(images):
    return images.mean((1, 2, 3))


def along(model, direction):
    """Scores on walks along a direction from 200 random starts: (200, 7)."""
    walks = latent.move(model.latents(200, seed=1), direction, np.linspace(-2, 2, 7))
    images = model.generate(latents=walks.reshape(1400, -1), batch_size=256)
    return brightness(images).reshape(200, 7)


def test_a_direction_turns_a_knob():
    model = loud(tiny("DCGAN", latent_dim=8))
    found = latent.direction(model, brightness, samples=400, seed=0)
    scores = along(model, found.vector)
    assert (np.diff(scores, axis=1) > 0).all(1).mean() >= 0.8
    # No axis gains as much.
    gains = [along(model, axis)[:, [0, -1]] for axis in np.eye(8)]
    most = max(abs(gain[:, 1] - gain[:, 0]).mean() for gain in gains)
    assert (scores[:, -1] - scores[:, 0]).mean() > most
    again = latent.direction(model, brightness, samples=400, seed=0, batch_size=7)
    np.testing.assert_allclose(again.vector, found.vector, atol=1e-4)


def test_classes_and_categories_do_not_count():
    model = loud(tiny("ConditionalGAN", latent_dim=6))

    def by_class(images):
        return brightness(images) + 10.0 * (np.arange(len(images)) % 3)

    plain, shifted = (latent.direction(model, s, 300, seed=0) for s in (brightness, by_class))
    np.testing.assert_allclose(plain.vector, shifted.vector, atol=1e-4)
    one = latent.direction(model, brightness, 300, labels=2, seed=0)
    assert abs(one.vector - plain.vector).max() > 1e-4
    informed = loud(tiny("InfoGAN", latent_dim=7, categorical=(3,), continuous=1))
    found = latent.direction(informed, brightness, 300, seed=0)
    np.testing.assert_allclose(found.vector[3:6], 0.0, atol=1e-6)
    assert abs(found.vector[6]) > 1e-3 and np.linalg.norm(found.vector) == pytest.approx(1.0, rel=1e-5)


@pytest.fixture(scope="module")
def plain():
    return tiny("GAN")


@pytest.mark.parametrize(
    ("score", "message"),
    [
        (
            lambda images: np.ones(len(images)),
            "must be finite numbers that differ. Received: 1.0 for all",
        ),
        (lambda images: np.where(np.arange(len(images)) == 7, np.nan, 0.0), "nan for image 7"),
        (
            lambda images: images[:, 0],
            r"one for each of the 20 images\. Received: shape \(20, 8, 1\)",
        ),
        (lambda images: 1.0, r"Received: shape \(\)"),
        (lambda images: ["a"] * len(images), "dtype <U1"),
    ],
)
def test_wrong_scores(plain, score, message):
    with pytest.raises(ValueError, match=message):
        latent.direction(plain, score, samples=20, seed=0)


def test_too_few_samples():
    with pytest.raises(ValueError, match=r"than the latents have numbers, 4\. Received: 4"):
        latent.direction(tiny("GAN"), brightness, samples=4)
    with pytest.raises(ValueError, match="more samples than the latents have numbers, 10"):
        latent.regress(normal(10), np.arange(10))
