"""StyleGAN2: published parameter counts, penalties against finite differences, styles."""

import keras
import numpy as np
import pytest
from keras import ops
from second_order_tools import errors
from tools import fit, frozen, images, labels, parameters, same, state, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo import penalties
from keras_gan_zoo.models.noise_to_image import stylegan2_networks
from keras_gan_zoo.plots import grids

# As listed by the authors' code for 1024x1024 in configuration F: a convolution and its style layer.
CONVOLUTIONS = {
    "level0_conv1": 2622465,
    "level4_conv0": 2622465,
    "level4_conv1": 2622465,
    "level5_conv0": 1442561,
    "level5_conv1": 721409,
    "level6_conv0": 426369,
    "level6_conv1": 213249,
    "level7_conv0": 139457,
    "level0_images": 264195,
    "level5_images": 132099,
    "level6_images": 66051,
}
DISCRIMINATOR = {
    "from_images": 128,
    "level8_skip": 2048,
    "level8_conv0": 9248,
    "level8_conv1": 18496,
    "level7_skip": 8192,
    "level6_conv1": 295168,
    "level5_conv0": 590080,
    "level4_conv1": 2359808,
    "level0_conv": 2364416,
    "level0_dense": 4194816,
    "logits": 513,
}


@pytest.mark.full_matrix
def test_parameter_counts_of_configuration_f():
    model = kgz.StyleGAN2((1024, 1024, 3), channel_base=32768)
    for name, count in CONVOLUTIONS.items():
        assert parameters(model.synthesis, name) == count, name
    for name, count in DISCRIMINATOR.items():
        assert parameters(model.discriminator, name) == count, name
    assert parameters(model.mapping, "dense") == 8 * 262656
    assert parameters(model.synthesis, "constant") == 8192
    assert model.style_count == 18
    # Section 4.1 of the paper: 30M and 29M trainable weights.
    assert sum(parameters(part, "") for part in (model.mapping, model.synthesis)) == 30_370_060
    assert parameters(model.discriminator, "") == 29_012_513


@pytest.mark.full_matrix
def test_parameter_counts_for_256x256():
    def counts(base):
        widths = [min(base // 2**level, 512) for level in range(2, 9)]
        synthesis = stylegan2_networks.synthesis((4, 4), widths, 3, 512, noise=True)
        return parameters(synthesis, "") + 8 * 262656

    # The 30M of 1024x1024 without the last two levels; and with half of the channels from 64x64 on, as
    # in the authors' configuration for 256x256.
    assert counts(32768) == 30_034_338
    assert counts(16384) == 24_767_458


@pytest.fixture(scope="module")
def model():
    model = tiny("StyleGAN2")
    model.mapping.get_layer("mean").mean.assign([0.3, -0.2, 0.5, 0.1])
    for layer in model.synthesis.layers:
        if isinstance(layer, kgz.layers.NoiseInjection):
            layer.strength.assign(0.1)
    return model


@pytest.fixture
def double(float64):
    """A tiny model with float64 weights and inputs."""
    keras.config.set_floatx("float64")
    try:
        yield tiny("StyleGAN2", dtype="float64")
    finally:
        keras.config.set_floatx("float32")


def perturbed(network):
    """Trainable weights of a network as arrays, perturbed so that none are zero."""
    generator = np.random.default_rng(0)
    weights = network.trainable_variables
    return [np.asarray(v) + 0.1 * generator.standard_normal(v.shape) for v in values(weights)]


def test_path_length_against_finite_differences(double):
    synthesis = double.synthesis
    fixed = values(synthesis.non_trainable_variables)
    directions = np.random.default_rng(1).standard_normal((2, 8, 8, 1))

    def along(styles, *weights):
        outputs, _ = synthesis.stateless_call(list(weights), fixed, styles)
        return ops.sum(outputs * ops.convert_to_tensor(directions, "float64"))

    styles = np.random.default_rng(2).standard_normal((2, 4, 4))
    assert max(errors(along, styles, *perturbed(synthesis))) < 1e-5


def test_r1_against_finite_differences(double):
    network = double.discriminator

    def score(pictures, *weights):
        return ops.sum(network.stateless_call(list(weights), [], pictures)[0])

    assert max(errors(score, images(4).astype("float64"), *perturbed(network))) < 1e-5


def test_average_path_length_changes_only_with_the_penalty():
    model = frozen(tiny("StyleGAN2"), penalties=[penalties.PathLength(every=2, decay=0.5)], ema=False)
    averages = [0.0]
    for start in range(0, 24, 8):
        model.train_on_batch(images()[start : start + 8])
        averages.append(float(values([model.path_length])[0]))
    assert averages[0] < averages[1] == averages[2] < averages[3]


def test_path_length_needs_a_generator_with_styles():
    with pytest.raises(
        ValueError, match=r"'path_length' needs a generator with styles. Received: .*DCGAN"
    ):
        tiny("DCGAN").compile(penalties=["path_length"])


@pytest.mark.parametrize("mixing", [0.0, 1.0])
def test_style_mixing_in_training(mixing):
    model = tiny("StyleGAN2", image_shape=(16, 16, 1), mixing=mixing)
    styles = values([model.sample_styles(np.zeros((64, 16, 16, 1)), model.generator)])[0]
    assert styles.shape == (64, 6, 4)
    changes = (abs(np.diff(styles, axis=1)).max(-1) > 0).sum(1)
    np.testing.assert_array_equal(changes, mixing)
    if mixing:
        cuts = (abs(np.diff(styles, axis=1)).max(-1) > 0).argmax(1)
        assert set(cuts) == set(range(5))


def test_truncation(model):
    whole, half, none = (model.styles(3, seed=1, truncation=psi) for psi in (1.0, 0.5, 0.0))
    mean = values([model.mapping.get_layer("mean").mean])[0]
    assert whole.shape == (3, 4, 4)
    np.testing.assert_allclose(half, (whole + mean) / 2, atol=1e-6)
    np.testing.assert_allclose(none, np.broadcast_to(mean, none.shape), atol=1e-6)
    truncated = model.generate(3, seed=1, truncation=0.5)
    np.testing.assert_allclose(truncated, model.synthesize(half), atol=1e-6)
    assert abs(truncated - model.generate(3, seed=1)).max() > 1e-3
    np.testing.assert_allclose(model.generate(3, seed=1), model.synthesize(whole[:, 0]), atol=1e-6)


def test_every_layer_depends_on_its_style(model):
    styles = model.styles(1, seed=1)
    for index in range(model.style_count):
        other = styles.copy()
        other[:, index] += 1.0
        assert abs(model.synthesize(other) - model.synthesize(styles)).max() > 1e-4


def test_style_mixing_grid(model):
    grid, columns = model.style_mixing(2, 3, cut=1, seed=4, truncation=0.7)
    assert grid.shape == (3 * 4, 8, 8, 1) and columns == 4
    assert grids.grid(grid, columns=columns).size >= (4 * 8, 3 * 8)
    styles = model.styles(5, seed=4, truncation=0.7)
    # XLA sums in another order for another batch size: 1.2e-6 apart on one machine.
    np.testing.assert_allclose(grid[1:4], model.synthesize(styles[2:]), atol=5e-6)
    np.testing.assert_allclose(grid[[4, 8]], model.synthesize(styles[:2]), atol=5e-6)
    mixed = styles[1:2].copy()
    mixed[:, 1:] = styles[2 + 2, 1:]
    np.testing.assert_allclose(grid[8 + 1 + 2], model.synthesize(mixed)[0], atol=5e-6)
    with pytest.raises(ValueError, match=r"`cut` must be in 1..3. Received: cut=4"):
        model.style_mixing(cut=4)


@pytest.mark.parametrize("each_layer", [False, True])
def test_projection_reduces_the_image_error(model, each_layer):
    target = model.generate(6, seed=3, truncation=0.5)
    start = np.square(model.generate(6, seed=0, truncation=0.0) - target).mean((1, 2, 3))
    before = values(model.weights)
    styles = model.project(target, steps=200, each_layer=each_layer)
    assert styles.shape == (6, 4, 4)
    error = np.square(model.synthesize(styles) - target).mean((1, 2, 3))
    assert np.median(error / start) < 0.1  # some searches end in local minima
    assert (abs(np.diff(styles, axis=1)).max() > 0) == each_layer
    assert all(np.array_equal(*pair) for pair in zip(before, values(model.weights), strict=True))


def test_invalid_arguments(model):
    with pytest.raises(ValueError, match=r"`styles` must have the shape \(n, 4, 4\) or \(n, 4\)"):
        model.synthesize(np.zeros((2, 3, 4)))
    with pytest.raises(ValueError, match=r"Images must have the shape \(n, 8, 8, 1\)"):
        model.project(np.zeros((2, 4, 4, 1), "float32"))
    with pytest.raises(ValueError, match="`mixing` must be in"):
        tiny("StyleGAN2", mixing=2)


BOTH = (penalties.R1(0.1, every=2), penalties.PathLength(every=3))


@pytest.mark.full_matrix
def test_conditional_model():
    model = tiny("StyleGAN2", num_classes=3)
    model.compile(penalties=BOTH, ema=0.9)
    history = fit(model, y=labels())
    assert np.isfinite(history["d_loss"] + history["path_penalty"] + history["r1_penalty"]).all()
    by_label = [model.generate(1, labels=label, seed=0) for label in range(3)]
    assert abs(by_label[0] - by_label[1]).max() > 1e-4 and abs(by_label[1] - by_label[2]).max() > 1e-4
    logits = [model.discriminator([images(4), np.full(4, label)]) for label in (0, 1)]
    assert abs(np.subtract(*values(logits))).max() > 1e-5
    grid, _ = model.style_mixing(1, 2, labels=[0, 1, 2])
    assert grid.shape == (6, 8, 8, 1)


def test_moving_average_tracks_its_own_mean_style():
    model = tiny("StyleGAN2")
    model.compile(ema=0.5)
    fit(model, images(32))  # its state changes in the fourth step
    means = [
        g.get_layer("mapping").get_layer("mean").mean for g in (model.generator, model.ema_generator)
    ]
    trained, average = values(means)
    assert trained.any() and average.any() and not np.array_equal(trained, average)


def test_training_resumes_exactly_with_lazy_penalties(tmp_path):
    whole = tiny("StyleGAN2", seed=5)
    whole.compile(penalties=BOTH)
    fit(whole, images(16))
    whole.save(tmp_path / "model.keras")
    resumed = keras.models.load_model(tmp_path / "model.keras")
    assert float(values([resumed.path_length])[0]) > 0
    histories = [fit(model, images(16, seed=1)) for model in (whole, resumed)]
    assert histories[0] == histories[1]
    assert same(state(whole), state(resumed))


@pytest.mark.full_matrix
def test_mixed_precision_with_lazy_penalties():
    model = tiny("StyleGAN2", dtype="mixed_float16")
    model.compile(penalties=BOTH)
    history = fit(model, images(96))
    assert all(np.isfinite(value).all() for value in history.values())
    assert float(values([model.path_length])[0]) > 0
    assert all(np.isfinite(weight).all() for weight in values(model.weights))


def test_default_training_matches_paper():
    model = kgz.StyleGAN2((16, 16, 3), latent_dim=4, width=4, mapping_layers=2)
    model.compile()
    assert model.gamma == pytest.approx(10 * 256 / 1024**2)
    assert [(type(p).__name__, p.every) for p in model.plan.penalties] == [
        ("R1", 16),
        ("PathLength", 4),
    ]
    g_opt = model.optimizer["g_opt"]
    assert isinstance(g_opt, keras.optimizers.Adam) and (g_opt.beta_1, g_opt.beta_2) == (0.0, 0.99)
