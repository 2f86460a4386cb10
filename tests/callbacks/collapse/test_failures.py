"""Confidence of a discriminator."""

import keras
import numpy as np
import pytest

from keras_gan_zoo import losses
from keras_gan_zoo.callbacks.collapse import failures


def test_confidence():
    logs = {"real_score": 0.9, "fake_score": 0.01, "d_loss": 0.05}
    assert failures.discriminator_confidence(losses.NonSaturating(), logs) == pytest.approx(0.9)
    assert failures.discriminator_confidence(losses.Minimax(), logs, real_label=0.9) == pytest.approx(
        0.99
    )
    assert failures.discriminator_confidence(losses.LeastSquares(), logs) == pytest.approx(0.9)
    assert failures.discriminator_confidence(losses.Hinge(), logs) == pytest.approx(0.9875)
    assert failures.discriminator_confidence(losses.Relativistic(), logs) == pytest.approx(
        1 - 0.05 / (2 * np.log(2))
    )
    assert failures.discriminator_confidence(losses.Wasserstein(), logs) is None
    assert failures.discriminator_confidence(losses.Hinge(), {}) is None
    for name in ("non_saturating", "minimax", "least_squares", "hinge", "relativistic"):
        loss = losses.get(name)
        zeros = keras.ops.zeros((4, 1)) + (0.5 if name == "least_squares" else 0.0)
        assert failures.chance_loss(loss) == pytest.approx(float(loss.discriminator(zeros, zeros)))
