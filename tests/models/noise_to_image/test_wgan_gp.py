import keras
import pytest
from tools import fit, images, tiny

import keras_gan_zoo as kgz


def kinds(network):
    return [type(layer).__name__ for layer in network.layers]


def test_default_training_matches_paper():
    model = kgz.WGANGP((8, 8, 1), width=4)
    model.compile()
    (penalty,) = model.plan.penalties
    assert penalty.get_config() == {"weight": 10.0, "every": 1, "center": 1.0, "one_sided": False}
    assert type(model.adversarial_loss).__name__ == "Wasserstein"
    assert model.plan.d_steps == 5
    for name in ("d_opt", "g_opt"):
        adam = model.optimizer[name]
        assert (adam.beta_1, adam.beta_2) == (0.0, 0.9)
        assert float(adam.learning_rate) == pytest.approx(1e-4)
    assert set(fit(model, images(8))) >= {"d_loss", "g_loss", "gradient_penalty"}
    assert int(model.optimizer["d_opt"].iterations) == 5


def test_critic_has_biases_and_no_normalization():
    model = kgz.WGANGP((16, 16, 1), width=4)
    assert "BatchNormalization" not in kinds(model.discriminator)
    assert "BatchNormalization" in kinds(model.generator)
    convolutions = [x for x in model.discriminator.layers if isinstance(x, keras.layers.Conv2D)]
    assert len(convolutions) == 2 and all(layer.use_bias for layer in convolutions)


def test_critic_with_layer_normalization():
    model = kgz.WGANGP((16, 16, 1), width=4, d_norm="layer")
    assert kinds(model.discriminator).count("LayerNormalization") == 1
    model.compile()
    assert model.from_config(model.get_config()).d_norm == "layer"


def test_penalties_argument_replaces_default():
    model = tiny("WGANGP")
    model.compile(penalties=[], d_steps=1)
    assert model.plan.penalties == () and model.plan.d_steps == 1
