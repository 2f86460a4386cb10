"""`generate`, for every model of the registry that generates images from noise."""

import numpy as np
import pytest
from tools import fit, images, mark_others, tiny

from keras_gan_zoo import registry
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.models.noise_to_image.info_gan import InfoGAN

MODELS = [
    name for name, path in registry.MODELS.items() if issubclass(registry.load(path), NoiseToImage)
]


# Without labels, with labels, with codes, with a mapping network: the code of `generate` differs.
@pytest.fixture(
    scope="module",
    params=mark_others(MODELS, ("DCGAN", "ConditionalGAN", "InfoGAN", "StyleGAN2")),
)
def model(request):
    return tiny(request.param)


def test_shape_type_and_range(model):
    result = model.generate(5, seed=0)
    assert isinstance(result, np.ndarray) and result.dtype == np.float32
    assert result.shape == (5, *model.image_shape)
    assert result.min() >= -1 and result.max() <= 1
    assert result.std() > 1e-4


def test_same_seed_same_images(model):
    first, repeated, other = (model.generate(3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, repeated)
    assert abs(first - other).max() > 1e-3


def test_without_a_seed_images_differ(model):
    assert abs(model.generate(3) - model.generate(3)).max() > 1e-3
    np.random.seed(4)
    first = model.generate(3)
    np.random.seed(4)
    np.testing.assert_array_equal(first, model.generate(3))


def test_batch_size_does_not_matter(model):
    whole = model.generate(7, seed=0)
    for batch_size in (1, 3, 7):
        np.testing.assert_allclose(model.generate(7, seed=0, batch_size=batch_size), whole, atol=1e-5)
    np.testing.assert_allclose(model.generate(3, seed=0), whole[:3], atol=1e-5)


def test_latents(model):
    latents = np.random.default_rng(0).standard_normal((3, model.latent_dim))
    labels = None if model.condition is None else 1
    result = model.generate(latents=latents, labels=labels)
    assert len(result) == 3
    np.testing.assert_allclose(
        model.generate(3, latents=latents[::-1].tolist(), labels=labels), result[::-1], atol=1e-6
    )
    # The latents of a seed come from numpy's generator.
    drawn = np.random.default_rng(9).standard_normal((3, model.latent_dim), "float32")
    if isinstance(model, InfoGAN):
        drawn[:, model.noise :] = model.latents(3, seed=9)[:, model.noise :]
    np.testing.assert_allclose(model.generate(latents=drawn), model.generate(3, seed=9), atol=1e-6)


@pytest.mark.parametrize("shape", [(3, 5), (4,), (3, 4, 1)])
def test_latents_of_a_wrong_shape(model, shape):
    with pytest.raises(ValueError, match=r"`latents` must have the shape \(n, 4\).*Received: \(\d, ?"):
        model.generate(latents=np.zeros(shape))


def test_a_wrong_number_of_latents(model):
    with pytest.raises(ValueError, match=r"`latents` must have the shape \(2, 4\).*Received: \(3, 4\)"):
        model.generate(2, latents=np.zeros((3, 4)))


@pytest.mark.parametrize("n", [0, -1, 1.5, None])
def test_an_invalid_number_of_images(model, n):
    with pytest.raises(ValueError, match="Argument `n` must be a positive integer"):
        model.generate(n)


def test_labels_are_refused(model):
    if model.condition is not None:
        pytest.skip("a conditional model takes labels")
    with pytest.raises(ValueError, match=r"`labels` must be None: \w+ is not conditional"):
        model.generate(3, labels=[0, 1, 2])


@pytest.mark.parametrize("name", mark_others(MODELS, ("DCGAN", "StyleGAN2")))
def test_the_average_generates(name):
    trained = tiny(name)
    trained.compile(ema=0.999999, g_opt="sgd")
    before = trained.generate(4, seed=0)
    fit(trained, images(8))
    trained.compile(g_opt="sgd", ema=False)
    without = trained.generate(4, seed=0)
    trained.generator.set_weights([2 * weight for weight in trained.generator.get_weights()])
    assert abs(trained.generate(4, seed=0) - without).max() > 1e-3
    assert before.shape == without.shape
