import keras
import numpy as np
import pytest
from tools import fit, images, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo import layers, schedules
from keras_gan_zoo.backend import keras_private


def of_kind(network, *kinds):
    return [layer for layer in keras_private.flatten_layers(network) if isinstance(layer, kinds)]


def conditional(**arguments):
    return tiny("R3GAN", num_classes=3, **arguments)


def labels(n=24):
    return (np.arange(n) % 3).astype("int32")


@pytest.mark.full_matrix
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 64, 3), (32, 64, 3)])
def test_image_shapes(shape):
    model = kgz.R3GAN(shape, latent_dim=3, width=8)
    assert model.generate(2, seed=0).shape == (2, *shape)
    assert model.discriminator.output_shape == (None, 1)


def test_widths_and_groups():
    model = kgz.R3GAN((128, 128, 3), width=32, blocks=2, group_width=16)
    for network in (model.generator, model.discriminator):
        grouped = [layer for layer in of_kind(network, layers.Conv2D) if layer.kernel_size == (3, 3)]
        assert len(grouped) == 2 * 6
        widths = sorted({(layer.filters, layer.filters // layer.groups) for layer in grouped})
        assert widths == [(16, 16), (32, 16), (64, 16)]


def test_no_normalization_and_unbounded_generator_output():
    model = kgz.R3GAN((16, 16, 3), width=8)
    normalization = (keras.layers.BatchNormalization, keras.layers.GroupNormalization)
    assert of_kind(model.generator, *normalization) == []
    assert of_kind(model.discriminator, *normalization) == []
    latents = 10 * np.random.default_rng(0).standard_normal((8, model.latent_dim)).astype("float32")
    assert abs(values([model.generator(latents)])[0]).max() > 1.5
    assert abs(model.generate(latents=latents)).max() == 1.0


@pytest.mark.full_matrix
def test_initialization():
    model = kgz.R3GAN((32, 32, 3), width=32, seed=0)
    for network in (model.generator, model.discriminator):
        last = [layer for layer in network.layers if layer.name.endswith("_out")]
        assert len(last) == 4
        assert all((values([layer.kernel])[0] == 0).all() for layer in last)
    latents = np.random.default_rng(0).standard_normal((64, 64)).astype("float32")
    assert 0.3 < values([model.generator(latents)])[0].std() < 1.0
    noise = np.random.default_rng(1).standard_normal((256, 32, 32, 3)).astype("float32")
    smooth = np.repeat(np.repeat(noise[:, ::8, ::8], 8, axis=1), 8, axis=2)
    assert 0.2 < values([model.discriminator(smooth)])[0].std() < 2.0


def up_matrix(n):
    """Zero insertion and the filter [1, 3, 3, 1] / 4 as a matrix (2n, n), with zeros outside."""
    matrix = np.zeros((2 * n, n + 2))
    for row in range(2 * n):
        left = (row + 1) // 2  # column of the pixel on the left, of a row with a zero at both ends
        matrix[row, left : left + 2] = (0.25, 0.75) if row % 2 == 0 else (0.75, 0.25)
    return matrix[:, 1:-1]


def resampled(x, matrix):
    """The rows and columns of square images (n, side, side, channels), each times a matrix."""
    return np.einsum("yh,xw,nhwc->nyxc", matrix, matrix, x)


def pointwise(network, name=None):
    """Kernel (in, out) of the layer `name`, or of the only other 1x1 convolution outside of blocks."""
    found = [layer for layer in network.layers if isinstance(layer, layers.Conv2D)]
    if name is None:
        found = [x for x in found if "_block" not in x.name and not x.name.endswith("_image")]
    else:
        found = [layer for layer in found if layer.name == name]
    (layer,) = found
    return values([layer.kernel])[0][0, 0]


def test_resampling_of_the_generator_matches_numpy():
    """An untrained residual block is the identity, so the networks only resample and project."""
    model = kgz.R3GAN((64, 64, 3), latent_dim=5, width=8, seed=0)
    latents = np.random.default_rng(0).standard_normal((2, 5)).astype("float32")
    network = model.generator
    (dense,) = of_kind(network, keras.layers.Dense)
    basis = values(network.get_layer("basis").weights)[0]
    x = (latents @ values([dense.kernel])[0])[:, None, None] * basis
    for side in (4, 8, 16):
        x = resampled(x, up_matrix(side))
    x = resampled(x @ pointwise(network), up_matrix(32)) @ pointwise(network, "to_image")
    pictures = values([network(latents)])[0]
    np.testing.assert_allclose(pictures, x, rtol=1e-4, atol=1e-5)
    neighbours = abs(np.diff(pictures, axis=2)).max((0, 1, 3))
    assert neighbours.shape == (63,) and neighbours.min() > 1e-3 * pictures.std()


def test_resampling_of_the_discriminator_matches_numpy():
    model = kgz.R3GAN((64, 64, 3), latent_dim=5, width=8, seed=0)
    pictures = images(2, (64, 64, 3))
    network = model.discriminator
    x = pictures @ pointwise(network, "from_image")
    x = resampled(x, up_matrix(32).T / 2) @ pointwise(network)
    for side in (16, 8, 4):
        x = resampled(x, up_matrix(side).T / 2)
    (dense,) = of_kind(network, keras.layers.Dense)
    basis = values(network.get_layer("basis").weights)[0]
    expected = np.einsum("nhwc,hwc->nc", x, basis) @ values([dense.kernel])[0]
    np.testing.assert_allclose(values([network(pictures)])[0], expected, rtol=1e-4, atol=1e-5)


def test_resampling_of_release_0_1():
    model = tiny("R3GAN")
    assert (model.resampling, model.get_config()["resampling"]) == ("blur", "blur")
    config = model.get_config()
    del config["resampling"]
    old = kgz.R3GAN.from_config(config)
    assert of_kind(old.generator, layers.BilinearUpsampling2D)
    assert of_kind(old.discriminator, layers.BilinearDownsampling2D)
    assert kgz.R3GAN.from_config(old.get_config()).resampling == "bilinear"


def test_default_training_matches_paper():
    model = kgz.R3GAN((32, 32, 3), width=8, decay_steps=100)
    model.compile()
    assert [penalty.name for penalty in model.plan.penalties] == ["r1_penalty", "r2_penalty"]
    assert type(model.adversarial_loss).__name__ == "Relativistic"
    for penalty in model.plan.penalties:
        ends = [float(penalty.factor(step)) for step in (0, 100)]
        assert ends == pytest.approx([0.05, 0.005])
    adam = model.optimizer["g_opt"]
    assert adam.beta_1 == 0.0 and float(adam.beta_2) == pytest.approx(0.9)
    assert float(adam.learning_rate) == pytest.approx(2e-4)
    for name in ("d_opt", "g_opt"):
        model.optimizer[name].iterations.assign(100)
    assert float(adam.beta_2) == pytest.approx(0.99)
    assert float(adam.learning_rate) == pytest.approx(5e-5)
    assert model.plan.ema == 0.999


def test_hyperparameters_without_decay_steps():
    model = kgz.R3GAN((64, 64, 3), width=8)
    assert [penalty.weight for penalty in model.default_penalties()] == [2.0, 2.0]
    model.compile(ema=schedules.Cosine(0.0, 0.9, 4))
    assert model.optimizer["d_opt"].beta_2 == 0.99


def test_scheduled_moving_average():
    model = tiny("R3GAN")
    model.compile(ema=schedules.Cosine(0.0, 0.0, 4))
    fit(model)
    for mean, weight in zip(model.ema_generator.weights, model.generator.weights, strict=True):
        np.testing.assert_allclose(*values([mean, weight]), rtol=1e-6, atol=1e-7)


def test_conditional_training():
    model = conditional()
    model.compile()
    history = fit(model, images(), y=labels())
    assert np.isfinite(history["r1_penalty"]).all()
    latents = np.random.default_rng(0).standard_normal((6, 4)).astype("float32")
    turns = model.generate(latents=latents)
    np.testing.assert_array_equal(turns, model.generate(latents=latents, labels=[0, 1, 2, 0, 1, 2]))
    zeros, twos = (model.generate(latents=latents, labels=label) for label in (0, 2))
    assert abs(zeros - twos).max() > 1e-3
    x = images(3)
    logits = [values([model.discriminator([x, np.full(3, label, "int32")])])[0] for label in (0, 1)]
    assert abs(logits[0] - logits[1]).max() > 1e-6


def test_conditional_model_is_saved(tmp_path):
    model = conditional()
    model.compile()
    fit(model, images(), y=labels())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    arguments = {"n": 5, "seed": 0, "labels": 1}
    np.testing.assert_allclose(loaded.generate(**arguments), model.generate(**arguments), atol=1e-6)
    assert loaded.num_classes == 3
    fit(loaded, images(), y=labels())


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, r"trains on images and labels\. Received: images only"),
        (labels() - 1, r"Labels must be integers in 0\.\.2.*in -1\.\.1"),
        (labels() + 1, r"Labels must be integers in 0\.\.2.*in 1\.\.3"),
        (labels().astype("float32"), r"Labels must be integers in 0\.\.2.*float32"),
        (np.eye(3, dtype="int32")[labels()], r"Labels must be integers.*shape \(24, 3\)"),
    ],
)
def test_invalid_labels(y, message):
    model = conditional()
    model.compile()
    with pytest.raises(ValueError, match=message):
        fit(model, images(), y=y)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (3, r"integers in 0\.\.2.*in 3\.\.3"),
        ([0, 1], r"one for all, or one for each of the 5 images\. Received: shape \(2,\)"),
        (0.5, r"integers in 0\.\.2.*float64"),
    ],
)
def test_invalid_labels_of_generate(given, message):
    with pytest.raises(ValueError, match=message):
        conditional().generate(5, labels=given)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"width": 0}, "`width` must be a positive integer"),
        ({"blocks": 0}, "`blocks` must be a positive integer"),
        ({"group_width": 1.5}, "`group_width` must be a positive integer"),
        ({"gamma": -1.0}, "`gamma` must be a finite number of 0 or more"),
        ({"num_classes": 0}, "`num_classes` must be a positive integer"),
        ({"resampling": "nearest"}, "`resampling` must be one of 'blur', 'bilinear'"),
        ({"decay_steps": 0}, "`decay_steps` must be a positive integer"),
        ({"num_classes": 3, "pack": 2}, "`pack` must be 1 with `num_classes`"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny("R3GAN", **arguments)
