import keras
import numpy as np
import pytest
from tools import all_moved, fit, same, values

from keras_gan_zoo.data import gaussian_grid
from keras_gan_zoo.models.noise_to_image.point_gan import PointGAN


def points(n=24):
    return gaussian_grid(n)[0]


@pytest.fixture(scope="module")
def model():
    model = PointGAN(seed=0)
    model.compile()
    return model


def test_default_networks_match_paper():
    model = PointGAN()
    widths = [weight.shape for weight in model.generator.weights if len(weight.shape) == 2]
    assert widths == [(2, 400), (400, 400), (400, 400), (400, 400), (400, 2)]
    widths = [weight.shape for weight in model.discriminator.weights if len(weight.shape) == 2]
    assert widths == [(2, 1000), (200, 1000), (200, 1000), (200, 1)]
    assert values([model.generator.weights[0]])[0].std() == pytest.approx(0.02, rel=0.1)
    optimizer = model.default_optimizer()
    assert float(optimizer.learning_rate) == pytest.approx(1e-4) and optimizer.beta_1 == 0.8


def test_maxout_units_have_five_pieces():
    network = PointGAN(seed=0).discriminator
    x = points(3)
    for index, weight in enumerate(values(network.weights)):
        weight = np.random.default_rng(index).normal(size=weight.shape)
        network.weights[index].assign(weight)
    kernels = values(network.weights)
    h = x
    for kernel, bias in zip(kernels[0:6:2], kernels[1:6:2], strict=True):
        h = (h @ kernel + bias).reshape(3, 5, 200).max(axis=1)
    expected = h @ kernels[6] + kernels[7]
    actual = keras.ops.convert_to_numpy(network(x))
    np.testing.assert_allclose(actual, expected, rtol=1e-3)


@pytest.mark.parametrize(
    ("updates", "loss"), [("alternating", None), ("simultaneous", "least_squares")]
)
def test_training_on_points_outside_the_image_range(updates, loss):
    model = PointGAN(seed=0)
    model.compile(losses=loss, updates=updates)
    before = values(model.trainable_variables)
    history = fit(model, points())
    assert all_moved(before, values(model.trainable_variables)) and model.steps == 3
    assert np.isfinite(history["d_loss"]).all() and np.isfinite(history["g_loss"]).all()


def test_saving(model, tmp_path):
    fit(model, points())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.dimensions, loaded.latent_dim, loaded.seed) == (2, 2, 0)
    assert same(values(model.weights), values(loaded.weights))
    samples = loaded.generate(5, seed=1)
    assert samples.shape == (5, 2) and samples.dtype == np.float32
    np.testing.assert_array_equal(samples, model.generate(5, seed=1))


def test_dimensions():
    assert PointGAN(dimensions=3, latent_dim=5).generate(4).shape == (4, 3)
    with pytest.raises(ValueError, match="`dimensions` must be a positive integer"):
        PointGAN(dimensions=0)


def with_nan():
    x = points()
    x[7, 1] = np.nan
    return x


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (points()[:0], "The dataset is empty"),
        (None, "The dataset is empty"),
        (points()[:, :1], r"of shape \(n, 2\). Received: float32 of shape \(24, 1\)"),
        (points()[:, 0], r"Received: float32 of shape \(24,\). Reshape them"),
        (points().astype("int32"), "must be floats .* Received: int32"),
        (with_nan(), "must be finite: .* values in point 7"),
        (points(5), "smaller than one batch. Received: 5 points and batch_size=8"),
    ],
)
def test_invalid_points(model, x, message):
    with pytest.raises(ValueError, match=message):
        model.fit(x, batch_size=8, verbose=0)


def test_first_batch_of_a_generator_is_checked(model):
    with pytest.raises(ValueError, match="Received: float32 of shape"):
        fit(model, (batch for batch in [points()[:, :1]]))
