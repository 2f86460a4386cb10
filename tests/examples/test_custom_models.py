"""The models of examples/custom_*.py, written against the public interface only."""

import ast
import importlib.util
import pathlib

import keras
import numpy as np
import pytest
from tools import BACKEND, all_moved, images, labels, same, state, values

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
SHAPE = (8, 8, 1)


def example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def biggan():
    return example("custom_biggan")


@pytest.fixture(scope="module")
def diffusion():
    return example("custom_diffusion_gan")


@pytest.mark.parametrize("name", ["custom_biggan", "custom_diffusion_gan"])
def test_uses_public_names_only(name):
    tree = ast.parse((EXAMPLES / f"{name}.py").read_text())
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [node.module for node in imported if node.module.startswith("keras_gan_zoo")]
    private = [node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert {attr for attr in private if attr.startswith("_")} <= {"__init__", "_replace"}


def make(module, **arguments):
    if module.__name__ == "custom_biggan":
        return module.BigGAN(SHAPE, 3, chunk=2, width=4, seed=0, **arguments)
    return module.DiffusionGAN(SHAPE, latent_dim=4, width=4, images=64, seed=0, **arguments)


def train(model, epochs=1):
    y = labels(16) if model.condition is not None else None
    return model.fit(
        images(16, SHAPE), y, batch_size=8, epochs=epochs, shuffle=False, verbose=0
    ).history


@pytest.mark.parametrize("name", ["biggan", "diffusion"])
def test_trains_and_goes_on_from_a_file(name, request, tmp_path):
    module = request.getfixturevalue(name)
    model = make(module)
    model.compile()
    before = [values(network.trainable_variables) for network in (model.generator, model.discriminator)]
    history = train(model)
    assert all(np.isfinite(value).all() for value in history.values())
    for network, old in zip((model.generator, model.discriminator), before, strict=True):
        assert not same(values(network.trainable_variables), old)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert same(state(loaded), state(model))
    if BACKEND != "jax":  # compiling takes JAX longer than the rest of this file
        assert train(loaded) == train(model)
    np.testing.assert_array_equal(loaded.generate(2, seed=0), model.generate(2, seed=0))


def test_biggan_has_two_rates_and_logs_its_penalty(biggan):
    model = make(biggan)
    model.compile()
    rates = [float(model.optimizer[name].learning_rate) for name in ("d_opt", "g_opt")]
    assert rates == pytest.approx([2e-4, 5e-5])
    assert model.plan.d_steps == 2
    assert train(model)["orthogonal_penalty"][0] > 0


def test_orthogonal_regularization_by_hand(biggan):
    penalty = biggan.OrthogonalRegularization(1.0)
    kernels = [keras.Variable([[3.0, 3.0], [0.0, 4.0]]), keras.Variable([5.0])]
    # Unit filters (1, 0) and (0.6, 0.8): both off-diagonal products are 0.6, of four in all.
    assert float(values([penalty.value(kernels)])[0]) == pytest.approx(2 * 0.36 / 4)
    kernels = [keras.Variable(np.eye(3, dtype="float32"))]
    assert float(values([penalty.value(kernels)])[0]) == pytest.approx(0.0)


def test_biggan_latents_reach_every_block(biggan):
    model = make(biggan)
    latents = np.zeros((1, model.latent_dim), "float32")
    # Conditional batch normalization starts as the identity: give its projections weights.
    for weight in model.generator.trainable_variables:
        if "conditional" in weight.path:
            weight.assign(np.full(weight.shape, 0.5, "float32"))
    base = model.generate(latents=latents, labels=0)
    for start in range(0, model.latent_dim, model.chunk):
        moved = latents.copy()
        moved[:, start : start + model.chunk] = 3.0
        assert abs(model.generate(latents=moved, labels=0) - base).max() > 1e-4


def test_diffusion_gan_shows_noised_images_with_their_timestep(diffusion):
    model = make(diffusion)
    model.compile()
    model.timesteps.assign(500.0)
    x = keras.ops.convert_to_tensor(np.ones((400, *SHAPE), "float32"))
    view = model.view(x, x)
    (timesteps,), shown = values(view.extras), values([view.images])[0]
    assert np.mean(timesteps == 0) == pytest.approx(0.5, abs=0.1)
    assert timesteps.max() <= 500 and np.mean(timesteps[timesteps > 0]) == pytest.approx(333, abs=30)
    np.testing.assert_array_equal(shown[timesteps == 0], 1.0)
    late = timesteps > 400
    assert shown[late].mean() == pytest.approx(np.sqrt(model.signal[timesteps[late]]).mean(), abs=0.01)
    unchanged = model.view(x, x, training=False)
    np.testing.assert_array_equal(values([unchanged.images])[0], 1.0)


def test_diffusion_gan_adapts_its_timesteps(diffusion):
    model = make(diffusion, target=-1.1)
    model.compile()
    train(model)
    # 16 of 64 images: a quarter of the way from 5 to 500.
    assert float(values([model.timesteps])[0]) == pytest.approx(5 + 495 / 4, rel=1e-5)
    model = make(diffusion, target=1.1)
    model.compile()
    assert train(model)["timesteps"] == [5.0]


def test_all_trained_weights_have_gradients(biggan):
    model = make(biggan)
    model.compile(keras.optimizers.SGD(0.01), keras.optimizers.SGD(0.01), d_steps=1, ema=False)
    before = values(model.discriminator.trainable_variables)
    train(model)
    assert all_moved(values(model.discriminator.trainable_variables), before)
