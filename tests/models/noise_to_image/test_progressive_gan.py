"""ProgressiveGAN: parameter counts of the paper, growth, growth schedules."""

import keras
import numpy as np
import pytest
from tools import dataset, fit, images, mark_others, parameters, same, state, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.callbacks import ProgressiveGrowth
from keras_gan_zoo.networks import progressive
from keras_gan_zoo.training.plan import DiscriminatorPass, View

# Table 2 of the paper, 1024x1024: input and output channels of each 3x3 convolution.
GENERATOR = [(512, 512)] * 7 + [(512, 256), (256, 256), (256, 128), (128, 128)]
GENERATOR += [(128, 64), (64, 64), (64, 32), (32, 32), (32, 16), (16, 16)]
DISCRIMINATOR = [(16, 16), (16, 32), (32, 32), (32, 64), (64, 64), (64, 128), (128, 128), (128, 256)]
DISCRIMINATOR += [(256, 256), (256, 512), *[(512, 512)] * 6, (513, 512)]


def convolutions(table):
    return sum(9 * inputs * outputs + outputs for inputs, outputs in table)


@pytest.mark.full_matrix
def test_parameter_counts_match_paper():
    widths = [512, 512, 512, 512, 256, 128, 64, 32, 16]
    generator = progressive.generator(512, (4, 4), widths, 3)
    trunk = parameters(generator, "") - parameters(generator, *[f"level{n}_image" for n in range(8)])
    assert trunk == 512 * 16 * 512 + 512 + convolutions(GENERATOR) + 16 * 3 + 3 == 23_071_507
    shapes = [(4 * 2**n, 4 * 2**n, 3) for n in range(9)]
    network = progressive.growing_discriminator(shapes, widths)
    others = parameters(network, *[f"level{n}_from_image" for n in range(8)])
    expected = 3 * 16 + 16 + convolutions(DISCRIMINATOR) + 16 * 512 * 512 + 512 + 513
    assert parameters(network, "") - others == expected == 23_077_137


@pytest.fixture
def model():
    return tiny("ProgressiveGAN", image_shape=(16, 16, 1))


def names(variables):
    return {variable.path.split("/")[-2] for variable in variables}


def test_variables_of_each_level(model):
    model.grow(0)
    assert names(model.generator_variables()) == {
        "level0_dense", "level0_bias", "level0_conv1", "level0_image"
    }  # fmt: skip
    assert names(model.discriminator_variables()) == {
        "level0_from_image", "level0_conv", "level0_dense", "logits"
    }  # fmt: skip
    model.grow(1, images=8)
    assert {"level0_image", "level1_image"} < names(model.generator_variables())
    assert {"level0_from_image", "level1_from_image"} < names(model.discriminator_variables())
    model.grow(2)
    layer_names = names(model.generator_variables())
    assert "level2_image" in layer_names
    assert not {"level0_image", "level1_image"} & layer_names


def scores(model, x):
    return model.discriminate(View(x)).logits


def test_fade_of_images_and_logits(model):
    model.grow(1)
    old, before = model.generate(2, seed=0), scores(model, images(4, (8, 8, 1)))
    model.grow(2, images=16)
    np.testing.assert_allclose(model.generate(2, seed=0), old, atol=1e-6)
    enlarged = keras.ops.convert_to_tensor(images(4, (8, 8, 1)).repeat(2, 1).repeat(2, 2))
    whole = keras.ops.convert_to_tensor(images(4, (16, 16, 1)))
    np.testing.assert_allclose(*values([scores(model, enlarged), before]), atol=1e-5)
    model.share.assign(1.0)
    faded, logits = model.generate(2, seed=0), scores(model, whole)
    model.grow(2)
    np.testing.assert_allclose(model.generate(2, seed=0), faded, atol=1e-6)
    np.testing.assert_allclose(*values([scores(model, whole), logits]), atol=1e-5)
    assert abs(faded - old).max() > 1e-2


def test_fade_of_real_images(model):
    x = images(2, (16, 16, 1))
    model.grow(1, images=8)
    model.share.assign(0.25)
    actual = values([model.unpack(x)])[0]
    current = x.reshape(2, 8, 2, 8, 2, 1).mean((2, 4))
    previous = x.reshape(2, 4, 4, 4, 4, 1).mean((2, 4)).repeat(2, 1).repeat(2, 2)
    np.testing.assert_allclose(actual, 0.75 * previous + 0.25 * current, atol=1e-6)


def test_invalid_arguments(model):
    with pytest.raises(ValueError, match=r"`level` must be one of 0, 1, 2. Received: level=3"):
        model.grow(3)
    with pytest.raises(ValueError, match=r"`images` must be 0 for the first level.*images=8"):
        model.grow(0, images=8)
    with pytest.raises(ValueError, match="must have no 'feature_matching'"):
        model.compile(losses={"adversarial": "hinge", "feature_matching": 1.0})


def test_drift_loss():
    model = tiny("ProgressiveGAN")
    model.compile(losses={"adversarial": "wasserstein", "drift": 0.5})
    real, fake = (keras.ops.convert_to_tensor(x) for x in ([[3.0], [1.0]], [[1.0], [0.0]]))
    passes = [DiscriminatorPass(None, logits) for logits in (real, fake)]
    assert float(model.discriminator_loss(None, *passes)) == pytest.approx(0.5 - 2.0)
    assert float(model.discriminator_terms(None, *passes)) == pytest.approx(0.5 * 5.0)


# The schedule ------------------------------------------------------------------------------------


def prepared_growth(data=None, **arguments):
    model = tiny("ProgressiveGAN", image_shape=(16, 16, 1))
    model.compile()
    growth = ProgressiveGrowth(**arguments)
    data = images(24, (16, 16, 1)) if data is None else data
    return growth, growth.prepare_data(model, data, None, 8)


def test_phases():
    growth, _ = prepared_growth(
        fade=20, stable=10, batch_sizes={8: 4}, learning_rates={4: 0.1, 16: 0.2}
    )
    phases = [(p.level, p.is_fading, p.step, p.image, p.batch_size, p.rate) for p in growth.phases]
    assert phases == [
        (0, False, 0, 0, 8, 0.1),
        (1, True, 2, 16, 4, 0.1),
        (1, False, 7, 36, 4, 0.1),
        (2, True, 10, 48, 4, 0.2),
        (2, False, 15, 68, 4, 0.2),
    ]
    assert [growth.images_at(step) for step in (0, 1, 2, 3, 100)] == [
        (0, 8), (8, 8), (16, 4), (20, 4), (68 + 85 * 4, 4)
    ]  # fmt: skip
    assert [p.level for p in prepared_growth(first=8)[0].phases] == [1, 2, 2]


def test_batches_follow_the_schedule():
    _, batches = prepared_growth(fade=20, stable=10, batch_sizes={8: 4})
    assert len(batches) == 3
    served = []
    for epoch in range(4):
        batches.epoch = epoch
        served += [batches[index][0] for index in range(3)]
    assert [len(x) for x in served] == [8, 8] + [4] * 10
    order = np.concatenate(served)[:24].reshape(24, -1)
    assert len(np.unique(order, axis=0)) == 24  # every image once before any is repeated
    assert dataset().plan is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": 5}, r"sides of the levels are 4, 8, 16. Received: 5"),
        ({"batch_sizes": {32: 4}}, r"sides of the levels are 4, 8, 16. Received: 32"),
        ({"fade": 0}, "`fade` must be a positive integer"),
        ({"learning_rates": {4: -1.0}}, "`learning_rates` must be a finite number above 0"),
    ],
)
def test_invalid_schedules(arguments, message):
    with pytest.raises(ValueError, match=message):
        prepared_growth(**arguments)


def test_invalid_models_and_data():
    growth = ProgressiveGrowth()
    with pytest.raises(
        TypeError, match=r"needs arrays or a dataset of .*Received: x of the type generator"
    ):
        prepared_growth(x for x in [images(8, (16, 16, 1))])
    model = tiny("DCGAN")
    with pytest.raises(
        TypeError, match=r"needs a `ProgressiveGAN`. Received: a model of the type DCGAN"
    ):
        growth.set_model(model)


class GrowthRecorder(keras.callbacks.Callback):
    """Record level, share and learning rate at the end of each epoch."""

    def __init__(self):
        super().__init__()
        self.records = []

    def on_epoch_end(self, epoch, logs=None):
        share = round(float(values([self.model.share])[0]), 4)
        rate = round(float(values([self.model.optimizer["g_opt"].learning_rate])[0]), 4)
        self.records.append((self.model.level, share, rate))


def growing(**arguments):
    return ProgressiveGrowth(
        24, 24, batch_sizes={8: 4}, learning_rates={4: 0.002, 8: 0.001}, **arguments
    )


def test_growth_in_fit():
    model = tiny("ProgressiveGAN")
    model.compile(penalties=["r1"])
    before = dict(zip(map(id, model.weights), values(model.weights), strict=True))
    recorder = GrowthRecorder()
    history = fit(
        model, images(12), batch_size=8, epochs=3, callbacks=[growing(), recorder], shuffle=True
    )
    # Batches of 8: an epoch has 1 step, and the first phase 3 steps at 4x4.
    assert recorder.records == [(0, 1.0, 0.002)] * 3
    new = [v for v in model.trainable_variables if "level1" in v.path]
    assert new and all(np.array_equal(before[id(v)], *values([v])) for v in new)
    moments = values(model.optimizer["g_opt"].variables)
    history = fit(
        model,
        images(16),
        batch_size=8,
        epochs=4,
        callbacks=[growing(), recorder],
        validation_data=(images(8), None),
    )
    assert recorder.records[3:] == [
        (1, pytest.approx(share, abs=1e-3), 0.001) for share in (1 / 3, 2 / 3, 1, 1)
    ]
    assert np.isfinite(history["d_loss"] + history["val_d_loss"]).all()
    assert all((before[id(v)] != values([v])[0]).any() for v in model.discriminator_variables()[:-1])
    # The optimizer keeps its variables when a level is added.
    after = values(model.optimizer["g_opt"].variables)
    assert len(moments) == len(after) and model.steps == 3 + 8


@pytest.mark.parametrize("how", mark_others(["model", "weights"], ["model"]))
def test_training_resumes_exactly_during_a_fade(how, tmp_path):
    def new(seed=5):
        model = tiny("ProgressiveGAN", seed=seed)
        model.compile(ema=0.9)
        return model

    def trained(model, epochs):
        fit(model, dataset(16), epochs=epochs, callbacks=[growing()])
        return model

    whole = trained(new(), 6)  # 2 steps an epoch: 3 at 4x4, 6 of the fade, 3 at 8x8
    first = trained(new(), 3)
    assert first.is_fading and 0.4 < float(values([first.share])[0]) < 0.6
    if how == "model":
        first.save(tmp_path / "model.keras")
        resumed = keras.models.load_model(tmp_path / "model.keras")
    else:
        first.save_weights(tmp_path / "model.weights.h5")
        resumed = new(99)
        resumed.load_weights(tmp_path / "model.weights.h5")
    assert (resumed.level, resumed.is_fading) == (1, True)
    assert same(state(resumed), state(first))
    np.testing.assert_array_equal(resumed.generate(2, seed=0), first.generate(2, seed=0))
    trained(resumed, 3)
    assert resumed.steps == whole.steps == 12 and not whole.is_fading
    assert same(state(resumed), state(whole))


@pytest.mark.full_matrix
def test_growth_in_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = tiny("ProgressiveGAN")
        model.compile()
        history = fit(model, images(32), callbacks=[ProgressiveGrowth(8, 8)])
    finally:
        keras.config.set_dtype_policy("float32")
    assert np.isfinite(history["d_loss"]).all() and not model.is_fading and model.level == 1
    assert all(np.isfinite(weight).all() for weight in values(model.weights))


def test_projection_needs_a_fully_grown_model():
    model = tiny("ProgressiveGAN")
    projection = kgz.latent.project(
        model, model.generate(1, seed=3), steps=2, restarts=1, seed=0, verbose=0
    )
    assert projection.images.shape == (1, *model.image_shape)
    model.grow(0)
    with pytest.raises(ValueError, match=r"is not fully grown: its level is 0 of 0\.\.1"):
        kgz.latent.project(model, projection.images, steps=2, restarts=1, seed=0, verbose=0)
