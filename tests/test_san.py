"""SAN (Takida et al. 2024, arXiv 2301.12811) beside the formulas of the authors' code, in torch."""

import keras
import numpy as np
import pytest
from keras import layers
from tools import Linear, fit, tiny, values

from keras_gan_zoo.layers import SANDense
from keras_gan_zoo.penalties import SANDirection

RATE = 0.1


class Small(Linear):
    """One dense layer and the last layer; the generator's images are 0 until it is trained."""

    def __init__(self, **arguments):
        super(Linear, self).__init__(
            **{"image_shape": (2, 2, 1), "latent_dim": 3, "seed": 0, "d_output": "san"} | arguments
        )
        self.make_networks()

    def make_discriminator(self):
        hidden = layers.Dense(5, activation="tanh", bias_initializer="random_normal")
        return keras.Sequential(
            [keras.Input(self.image_shape), layers.Flatten(), hidden, layers.Dense(1, use_bias=False)]
        )


def real_images(n):
    return np.random.default_rng(0).uniform(-1, 1, (n, 2, 2, 1)).astype("float32")


def after_one_update(weights, real, fake):
    """Weights after one step of gradient descent on the authors' hinge loss."""
    torch = pytest.importorskip("torch")
    kernel, bias, last = (torch.tensor(each, requires_grad=True) for each in weights)

    def loss(images, sign):
        hidden = torch.tanh(torch.tensor(images.reshape(len(images), -1)) @ kernel + bias)
        direction, scale = torch.nn.functional.normalize(last, dim=0), torch.linalg.norm(last)
        hidden = hidden * scale
        logits = hidden @ direction.detach()
        direction_logits = hidden.detach() @ direction
        return torch.relu(1 - sign * logits).mean() - sign * direction_logits.mean()

    (loss(real, 1) + loss(fake, -1)).backward()
    return [(each - RATE * each.grad).detach().numpy() for each in (kernel, bias, last)]


def test_update_of_the_discriminator():
    model = Small()
    model.compile(keras.optimizers.SGD(RATE), keras.optimizers.SGD(0.0), "hinge", ema=False)
    before, real = values(model.discriminator.trainable_variables), real_images(8)
    logs = fit(model, real)
    expected = after_one_update(before, real, np.zeros_like(real))
    for ours, theirs, old in zip(
        values(model.discriminator.trainable_variables), expected, before, strict=True
    ):
        assert abs(theirs - old).max() > 1e-3
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
    assert logs["san_direction"][0] != 0


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_with_other_options(updates, tmp_path):
    model = tiny("DCGAN", d_norm="spectral", d_output="san")
    model.compile(penalties=["r1"], augment="diffaugment", updates=updates)
    history = fit(model)
    assert {"san_direction", "r1_penalty"} <= set(history)
    assert np.isfinite(history["d_loss"]).all()
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.get_compile_config()["penalties"] == ["r1"]
    assert [penalty.name for penalty in again.plan.penalties] == ["r1_penalty", "san_direction"]
    x = real_images(1)[:, :1, :1] * np.ones((4, *model.image_shape), "float32")
    np.testing.assert_allclose(*(values([each.discriminator(x)])[0] for each in (model, again)))


def test_weight_of_the_direction():
    model = Small()
    model.compile(penalties=[SANDirection(0.5)])
    (penalty,) = model.plan.penalties
    assert penalty.weight == 0.5


def test_value_is_that_of_a_dense_layer():
    layer, x = SANDense(), np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    logits = values([layer(x)])[0]
    np.testing.assert_allclose(logits, x @ values([layer.kernel])[0], rtol=1e-5, atol=1e-6)


def test_discriminators_without_a_last_dense_layer():
    with pytest.raises(ValueError, match=r"`d_output` must be None for this model.*not `Sequential`"):
        tiny("StyleGAN2", d_output="san")
    with pytest.raises(ValueError, match=r"`d_output` must be one of None, 'san'.*'dense'"):
        tiny("DCGAN", d_output="dense")
