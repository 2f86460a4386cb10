"""LeCam on `Linear`, whose logits are 2 for real images and -1 for fakes."""

import keras
import numpy as np
import pytest
from tools import Linear, fit, frozen, stripes, tiny, values

from keras_gan_zoo.penalties.lecam import LeCam


def expected(steps, weight, decay):
    """Mean of the penalty over the steps."""
    real, fake, costs = 0.0, 0.0, []
    for step in range(steps):
        share = 1 - min(decay, (1 + step) / (10 + step))
        real, fake = real + share * (2 - real), fake + share * (-1 - fake)
        costs.append(weight * (max(0, 2 - fake) ** 2 + max(0, real + 1) ** 2))
    return np.mean(costs)


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
@pytest.mark.parametrize("decay", [0.99, 0.2])
def test_values_by_hand(updates, decay):
    model = frozen(Linear(), penalties=[LeCam(0.5, decay=decay)], updates=updates)
    history = fit(model, stripes(24))
    steps = int(model.optimizer["d_opt"].iterations)
    assert steps > 1
    assert history["lecam_penalty"][0] == pytest.approx(expected(steps, 0.5, decay), rel=1e-5)


def discriminator_after(penalties):
    model = tiny("DCGAN", d_norm="none")
    model.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), penalties=penalties)
    for name, value in zip(model.penalty_state, (1.0, -1.0), strict=False):  # so that both terms count
        model.penalty_state[name].assign(value)
    model.fit(stripes(8), batch_size=8, verbose=0)
    return model, np.concatenate([w.ravel() for w in values(model.discriminator.trainable_variables)])


def test_gradient_reaches_the_discriminator():
    plain, none, one, two = (
        discriminator_after(penalties)[1]
        for penalties in ([], [LeCam(0.0)], [LeCam(1.0)], [LeCam(2.0)])
    )
    np.testing.assert_allclose(none, plain, rtol=1e-6, atol=1e-8)
    assert abs(one - plain).max() > 1e-5
    np.testing.assert_allclose(two - plain, 2 * (one - plain), rtol=2e-2, atol=1e-6)


def test_averages_are_saved(tmp_path):
    model, _ = discriminator_after([LeCam(1.0)])
    before = values(model.penalty_state.values())
    assert any(abs(value) > 0 for value in before)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert values(loaded.penalty_state.values()) == before
    (penalty,) = loaded.get_compile_config()["penalties"]
    assert penalty["config"] == {"weight": 1.0, "every": 1, "decay": 0.99}


def test_decay_out_of_range():
    with pytest.raises(ValueError, match=r"`decay`.*decay=1"):
        LeCam(decay=1.0)
