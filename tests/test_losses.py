import math

import keras
import numpy as np
import pytest
from tools import gradients

from keras_gan_zoo import losses

REAL, FAKE = [[2.0], [0.0]], [[-1.0], [3.0]]


def softplus(x):
    return math.log1p(math.exp(x))


# By hand: softplus(-2) = 0.126928, softplus(-1) = 0.313262, softplus(0) = 0.693147,
# softplus(1) = 1.313262, softplus(3) = 3.048587, softplus(-3) = 0.048587.
DISCRIMINATOR = {
    "non_saturating": (0.126928 + 0.693147) / 2 + (0.313262 + 3.048587) / 2,
    "minimax": (0.126928 + 0.693147) / 2 + (0.313262 + 3.048587) / 2,
    "least_squares": ((1 + 1) / 2 + (1 + 9) / 2) / 2,
    "wasserstein": 1.0 - 1.0,
    "hinge": (0 + 1) / 2 + (0 + 4) / 2,
    "relativistic": (0.048587 + 3.048587) / 2,  # fake - real: -3, 3
    "relativistic_hinge": (0 + 2) / 2 + (0 + 3) / 2,  # both means are 1
    "relativistic_average": (0.313262 + 1.313262) / 2 + (0.126928 + 2.126928) / 2,
}
GENERATOR = {
    "non_saturating": (1.313262 + 0.048587) / 2,
    "minimax": -(0.313262 + 3.048587) / 2,
    "least_squares": (4 + 4) / 2 / 2,
    "wasserstein": -1.0,
    "hinge": -1.0,
    "relativistic": (3.048587 + 0.048587) / 2,  # real - fake: 3, -3
    "relativistic_hinge": (3 + 0) / 2 + (2 + 0) / 2,
    "relativistic_average": (2.126928 + 0.126928) / 2 + (1.313262 + 0.313262) / 2,
}


def tensors(*arrays):
    return [keras.ops.convert_to_tensor(np.asarray(array, "float32")) for array in arrays]


def test_every_loss_has_literal_values():
    assert set(DISCRIMINATOR) == set(GENERATOR) == set(losses.LOSSES)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_discriminator_side(name):
    loss = losses.get(name).discriminator(*tensors(REAL, FAKE))
    assert tuple(loss.shape) == ()
    assert float(loss) == pytest.approx(DISCRIMINATOR[name], abs=2e-6)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_generator_side(name):
    loss = losses.get(name)
    real, fake = tensors(REAL, FAKE)
    result = loss.generator(fake, real) if loss.needs_real else loss.generator(fake)
    assert tuple(result.shape) == ()
    assert float(result) == pytest.approx(GENERATOR[name], abs=2e-6)


@pytest.mark.parametrize("size", [100.0, 1e4])
@pytest.mark.parametrize("name", losses.LOSSES)
def test_extreme_logits(name, size):
    loss = losses.get(name)
    wrong, right = [[-size], [-size]], [[size], [size]]
    for real, fake in ((wrong, right), (right, wrong)):
        for function in (loss.discriminator, lambda r, f: loss.generator(f, r) + 0 * keras.ops.sum(r)):
            value, slopes = gradients(function, real, fake)
            assert math.isfinite(value)
            assert all(np.isfinite(slope).all() for slope in slopes)
    mistaken, _ = gradients(loss.discriminator, wrong, right)
    correct, _ = gradients(loss.discriminator, right, wrong)
    assert mistaken > correct + size / 2  # the loss of a wrong discriminator does not saturate


def test_gradients():
    # Of softplus(-real): (sigmoid(real) - 1) / 2 for each of two; of softplus(fake): sigmoid(fake) / 2.
    _, (real, fake) = gradients(losses.NonSaturating().discriminator, REAL, FAKE)
    np.testing.assert_allclose(real, [[-0.0596015], [-0.25]], rtol=1e-5)
    np.testing.assert_allclose(fake, [[0.1344707], [0.4762871]], rtol=1e-5)
    # Minimax: the generator's gradient vanishes for a confident discriminator, -sigmoid(-10).
    _, (minimax,) = gradients(losses.Minimax().generator, [[-10.0]])
    _, (non_saturating,) = gradients(losses.NonSaturating().generator, [[-10.0]])
    assert minimax.item() == pytest.approx(-4.5398e-5, rel=1e-4)
    assert non_saturating.item() == pytest.approx(-0.9999546, rel=1e-6)


@pytest.mark.parametrize("name", ["non_saturating", "minimax"])
def test_smoothed_labels_of_cross_entropy(name):
    loss = losses.get(name).discriminator(*tensors(REAL, FAKE), real_labels=0.9, fake_labels=0.1)
    # label * logit leaves the loss: 0.1 * mean(2, 0) more on real, 0.1 * mean(-1, 3) less on fake.
    assert float(loss) == pytest.approx(DISCRIMINATOR[name] + 0.1 * 1.0 - 0.1 * 1.0, abs=2e-6)
    loss = losses.get(name).discriminator(*tensors(REAL, FAKE), real_labels=0.8, fake_labels=0.0)
    assert float(loss) == pytest.approx(DISCRIMINATOR[name] + 0.2, abs=2e-6)


def test_smoothed_labels_of_least_squares():
    loss = losses.LeastSquares().discriminator(*tensors(REAL, FAKE), real_labels=0.5, fake_labels=0.25)
    expected = ((1.5**2 + 0.5**2) / 2 + (1.25**2 + 2.75**2) / 2) / 2
    assert float(loss) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["non_saturating", "least_squares"])
def test_a_label_for_each_image(name):
    real_labels, fake_labels = tensors([[1.1], [0.7]], [[-0.1], [0.2]])
    real, fake = tensors(REAL, FAKE)
    loss = losses.get(name).discriminator(real, fake, real_labels=real_labels, fake_labels=fake_labels)
    if name == "least_squares":
        expected = ((0.9**2 + 0.7**2) / 2 + (0.9**2 + 2.8**2) / 2) / 2
    else:
        expected = (softplus(2) - 2.2 + softplus(0)) / 2 + (softplus(-1) - 0.1 + softplus(3) - 0.6) / 2
    assert float(loss) == pytest.approx(expected, abs=2e-6)


def test_which_losses_have_labels_and_which_need_real():
    assert {name for name, kind in losses.LOSSES.items() if kind.uses_targets} == {
        "non_saturating",
        "minimax",
        "least_squares",
    }
    assert {name for name, kind in losses.LOSSES.items() if kind.needs_real} == {
        "relativistic",
        "relativistic_hinge",
        "relativistic_average",
    }


def test_relativistic_average_of_logits_with_different_means():
    loss, (real, fake) = losses.RelativisticAverage(), tensors([3.0, 0.0], [-1.0, 0.0])
    assert float(loss.discriminator(real, fake)) == pytest.approx(0.392065, abs=1e-6)
    assert float(loss.generator(fake, real)) == pytest.approx(4.392065, abs=1e-6)


def test_scores_are_probabilities_where_the_loss_has_them():
    (logits,) = tensors(REAL)
    assert float(losses.NonSaturating().score(logits)) == pytest.approx((0.880797 + 0.5) / 2, abs=1e-6)
    assert float(losses.Hinge().score(logits)) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("name", losses.LOSSES)
def test_serialization(name):
    config = keras.saving.serialize_keras_object(losses.get(name))
    assert config["registered_name"] == f"keras_gan_zoo>{losses.LOSSES[name].__name__}"
    assert type(keras.saving.deserialize_keras_object(config)) is losses.LOSSES[name]


def test_get():
    mine = losses.Hinge()
    assert losses.get(mine) is mine
    with pytest.raises(ValueError, match="'hnge'") as error:
        losses.get("hnge")
    assert all(repr(name) in str(error.value) for name in losses.LOSSES)
    with pytest.raises(TypeError, match=r"'hinge'.*Received: 3 \(of type int\)"):
        losses.get(3)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("non_saturating", 0.5),  # signs of the logits: +, +, +, -
        ("hinge", 0.5),
        ("least_squares", 0.0),  # above and below 0.5: +, +, -, -
        ("wasserstein", -0.5),  # above and below the mean of the fakes, 1: +, -, -, -
        ("relativistic", -0.5),
    ],
)
def test_overfitting_heuristic(name, expected):
    real, fake = (keras.ops.convert_to_tensor(x) for x in ([2.0, 0.7, 0.2, -1.0], [3.0, -1.0]))
    assert float(losses.get(name).overfitting_heuristic(real, fake)) == pytest.approx(expected)
