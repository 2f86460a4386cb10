import keras
import numpy as np
import pytest
from tools import fit, frozen, images, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.layers import NoiseDropout


def test_defaults_match_paper():
    model = kgz.Pix2Pix(width=1)
    assert model.image_shape == (256, 256, 3) and model.receptive_field == 70
    model.compile()
    assert model.plan.loss_terms["l1"] == 100.0
    assert type(model.adversarial_loss).__name__ == "NonSaturating"
    optimizer = model.optimizer["g_opt"]
    assert float(optimizer.learning_rate) == pytest.approx(2e-4) and optimizer.beta_1 == 0.5


def test_losses_match_manual_computation():
    model = frozen(tiny("Pix2Pix"), losses={"adversarial": "least_squares", "l1": 7.0})
    inputs, targets = images(8), images(8, seed=1)
    logs = fit(model, inputs, y=targets)
    outputs = values([model.generator(inputs, training=True)])[0]
    assert logs["l1_loss"] == [pytest.approx(np.abs(outputs - targets).mean(), rel=1e-5)]
    # The adversarial loss, from the discriminator's logits of input and output.
    logits = values([model.discriminator(np.concatenate([inputs, outputs], -1), training=True)])[0]
    assert logs["g_loss"] == [pytest.approx(0.5 * np.square(logits - 1).mean(), rel=1e-5)]


def test_l1_loss_changes_the_generator():
    ends = []
    for weight in (0.0, 1.0):
        model = tiny("Pix2Pix")
        sgd = keras.optimizers.SGD
        model.compile(sgd(0.0), sgd(0.1), losses={"adversarial": "least_squares", "l1": weight})
        fit(model, images(8), y=images(8, seed=1))
        ends.append(values(model.generator.trainable_weights))
    assert max(abs(a - b).max() for a, b in zip(*ends, strict=True)) > 1e-4


def test_grey_to_colour_with_batches_of_one():
    model = kgz.Pix2Pix((32, 64, 3), input_channels=1, width=4, seed=0)
    model.compile()
    grey, colours = images(3, (32, 64, 1)), images(3, (32, 64, 3))
    history = model.fit(grey, colours, batch_size=1, verbose=0).history
    assert model.steps == 3 and np.isfinite(history["l1_loss"]).all()
    assert model.translate(grey).shape == (3, 32, 64, 3)
    assert model.discriminator.input_shape == (None, None, None, 4)


def test_training_reduces_the_error():
    model = kgz.Pix2Pix((8, 8, 1), width=8, seed=0)
    model.compile(g_opt=keras.optimizers.Adam(2e-3, beta_1=0.5))
    inputs = images(16)
    before = np.abs(model.translate(inputs) + inputs).mean()
    model.fit(inputs, -inputs, batch_size=4, epochs=60, verbose=0)
    assert np.abs(model.translate(inputs) + inputs).mean() < 0.5 * before


def test_test_dropout():
    model = kgz.Pix2Pix((64, 64, 1), width=2, seed=0)
    pictures = images(2, (64, 64, 1))
    dropout = [layer for layer in model.generator.layers if isinstance(layer, NoiseDropout)]
    assert len(dropout) == 1
    states = values(layer.seed_generator.state for layer in dropout)
    first, again, other = (model.translate(pictures, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-6
    np.testing.assert_array_equal(values(layer.seed_generator.state for layer in dropout), states)
    model.test_dropout = False
    without_dropout = model.translate(pictures, seed=0)
    np.testing.assert_array_equal(without_dropout, model.translate(pictures, seed=1))
    assert model.get_config()["test_dropout"] is False
    again = kgz.Pix2Pix.from_config(model.get_config())
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again.translate(pictures, seed=1), without_dropout, atol=1e-6)
    model.test_dropout = True
    np.testing.assert_array_equal(model.translate(pictures, seed=0), first)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_shape": (100, 100, 3)}, r"`image_shape` must have sides that can be halved"),
        ({"norm": "layer"}, "`norm` must be one of 'instance', 'batch'. Received: norm='layer'"),
        ({"input_channels": 0}, "`input_channels` must be a positive integer"),
        ({"patch_layers": 9}, "`patch_layers` can be at most"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        kgz.Pix2Pix(**{"image_shape": (32, 32, 3), "width": 2} | arguments)


def test_unknown_loss_term():
    with pytest.raises(ValueError, match=r"`losses` must be a dict with the terms 'adversarial'.*'l1'"):
        tiny("Pix2Pix").compile(losses={"adversarial": "hinge", "cycle": 1.0})


@pytest.mark.parametrize("norm", ["instance", "batch"])
def test_norms(norm):
    model = tiny("Pix2Pix", norm=norm)
    model.compile(ema=0.9)
    fit(model, images(8), y=images(8, seed=1))
    assert np.isfinite(model.translate(images(4))).all()
