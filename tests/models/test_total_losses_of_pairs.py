"""The total losses of one step of the image-to-image models against the formulas of the papers."""

import keras
import numpy as np
import pytest
from keras import layers
from tools import SHAPE
from total_loss_tools import close, log_sigmoid, model, pointwise, totals


def flat(*values):
    """Images with all pixels alike."""
    return tuple(np.full((2, *SHAPE), value, "float32") for value in values)


def test_pix2pix():
    """Output -0.4 for input -0.8, target -0.2; logits input + 2 output; L1 of weight 100.

    The paper halves the total of D, its only term.
    """
    networks = {
        "make_generator": lambda self: pointwise(0.5),
        "make_discriminator": lambda self: pointwise(1.0, 2.0),
    }
    expected = (
        close(-log_sigmoid(-0.8 - 0.4) - log_sigmoid(0.8 + 0.8)),
        close(-log_sigmoid(-0.8 - 0.8) + 100 * 0.2),
    )
    assert totals(model("Pix2Pix", **networks), *flat(-0.8, -0.2)) == expected


@pytest.mark.parametrize("pretrain", [0, 1])
def test_srgan(pretrain):
    """Output -0.4 for input -0.8, target -0.2; logits of twice the pixels; L1 of weight 2.

    Logits relative to the mean of the others: 0.4 for real images, -0.4 for fakes. The first step of
    two minimizes the L1 distance alone.
    """

    def generator(self):
        small = keras.Input((None, None, 1))
        return keras.Model(small, layers.UpSampling2D(2)(pointwise(0.5)(small)))

    networks = {
        "make_generator": generator,
        "make_discriminator": lambda self: pointwise(2.0),
    }
    small, large = flat(-0.8, -0.2)
    adversarial = 0.0 if pretrain else -2 * log_sigmoid(-0.4)
    expected = close(-2 * log_sigmoid(0.4)), close(adversarial + 2 * 0.2)
    large = large.repeat(2, 1).repeat(2, 2)
    assert totals(model("SRGAN", {"pretrain": pretrain}, **networks), small, large) == expected


# Translations of a = -0.8 and b = -0.3 by factors of 0.5 and -0.25.
TRANSLATORS = {"a_to_b": 0.5, "b_to_a": -0.25}
BACK_A, BACK_B = 0.1, 0.0375  # from -0.4 and from 0.075
LOGITS = {"discriminator_a": 2.0, "discriminator_b": 3.0}  # factors of the pixels
REAL_LOGITS, FAKE_LOGITS = np.array([-1.6, -0.9]), np.array([0.15, -1.2])


CYCLE = abs(BACK_A + 0.8) + abs(BACK_B + 0.3)
IDENTITY = abs(0.25 * 0.8 + 0.8) + abs(-0.5 * 0.3 + 0.3)


def cyclegan():
    networks = {
        "make_translator": lambda self, name: pointwise(TRANSLATORS[name], name=name),
        "make_domain_discriminator": lambda self, name: pointwise(LOGITS[name], name=name),
    }
    return model("CycleGAN", **networks)


def test_cyclegan():
    """Half of the paper's sums over both domains, whose squares have no factor of 1/2 for G."""
    papers_g = ((FAKE_LOGITS - 1) ** 2).sum() + 10 * CYCLE + 5 * IDENTITY
    papers_d = 0.5 * (((REAL_LOGITS - 1) ** 2).sum() + (FAKE_LOGITS**2).sum())
    expected = close(papers_d / 2), close(papers_g / 2)
    assert totals(cyclegan(), *flat(-0.8, -0.3)) == expected


def test_cyclegan_with_another_adversarial_loss():
    losses = {"adversarial": "hinge", "cycle": 4.0}
    _, g_total = totals(cyclegan(), *flat(-0.8, -0.3), losses=losses)
    assert g_total == close((-FAKE_LOGITS.sum() + 4 * CYCLE + 2 * IDENTITY) / 2)


def test_discogan():
    """The sums over both domains of the authors' code, at its first rate, over 2 * 0.1 * (1 - rate)."""

    def discriminator(self, name):
        pictures = keras.Input(SHAPE)
        features = pointwise(LOGITS[name])(pictures)
        return keras.Model(pictures, [layers.GlobalAveragePooling2D()(features), features], name=name)

    networks = {
        "make_translator": lambda self, name: pointwise(TRANSLATORS[name], name=name),
        "make_domain_discriminator": discriminator,
    }
    rate, adversarial = 0.01, -log_sigmoid(FAKE_LOGITS).sum()
    matching = ((FAKE_LOGITS - REAL_LOGITS) ** 2).sum()
    reconstruction = (BACK_A + 0.8) ** 2 + (BACK_B + 0.3) ** 2
    authors_g = (1 - rate) * (0.1 * adversarial + 0.9 * matching) + rate * reconstruction
    authors_d = 0.5 * (-log_sigmoid(REAL_LOGITS) - log_sigmoid(-FAKE_LOGITS)).sum()
    expected = close(authors_d), close(authors_g / (2 * 0.1 * (1 - rate)))
    assert totals(model("DiscoGAN", **networks), *flat(-0.8, -0.3)) == expected
