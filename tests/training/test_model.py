"""The step that all models share, on `Linear`, whose numbers are known by hand."""

import keras
import numpy as np
import pytest
from tools import BACKEND, SHAPE, Linear, fit, frozen, stripes, tiny, values

from keras_gan_zoo import losses
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def one_step(updates="alternating", d_rate=0.0, g_rate=0.0, **arguments):
    model = Linear()
    sgd = keras.optimizers.SGD
    model.compile(sgd(d_rate), sgd(g_rate), updates=updates, **arguments)
    history = fit(model, stripes(8))
    return model, {name: value[0] for name, value in history.items()}


def test_logs_of_a_step():
    _, logs = one_step()
    assert logs == pytest.approx(
        {"d_loss": 0.440190, "g_loss": 1.313262, "real_score": 0.880797, "fake_score": 0.268941},
        abs=2e-6,
    )


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_update_of_the_discriminator_by_hand(updates):
    before = values(Linear().discriminator.weights)
    model, _ = one_step(updates, d_rate=0.1)
    kernel, bias = values(model.discriminator.weights)
    # d loss / d real = sigmoid(2) - 1, d loss / d fake = sigmoid(-1); the fakes are 0.
    d_real, d_fake = sigmoid(2) - 1, sigmoid(-1)
    pixels = stripes(1).reshape(-1, 1)
    np.testing.assert_allclose(kernel, before[0] - 0.1 * d_real * pixels, rtol=1e-5)
    np.testing.assert_allclose(bias, before[1] - 0.1 * (d_real + d_fake), rtol=1e-5)


def test_update_of_the_generator_by_hand():
    model, _ = one_step("simultaneous", g_rate=0.5)
    bias = values(model.generator.weights)[1]
    # d loss / d fake logit = sigmoid(-1) - 1, and the logit's slope is the kernel, stripes * 3 / 64.
    expected = -0.5 * (sigmoid(-1) - 1) * stripes(1).reshape(-1) * 3 / 64
    np.testing.assert_allclose(bias, expected, rtol=1e-5)


def test_updates_in_turn_score_with_the_updated_discriminator():
    model, logs = one_step("alternating", d_rate=0.5)
    d_fake_logit = values(model.discriminator.weights)[1].item()  # of images that are all 0
    assert logs["g_loss"] == pytest.approx(np.log1p(np.exp(-d_fake_logit)), rel=1e-5)
    assert logs["g_loss"] > 1.32
    _, logs = one_step("simultaneous", d_rate=0.5)
    assert logs["g_loss"] == pytest.approx(1.313262, abs=2e-6)


def test_relativistic_generators_see_the_updated_scores_of_real_images():
    model, logs = one_step("alternating", d_rate=0.5, losses="relativistic")
    kernel, _ = values(model.discriminator.weights)
    gap = float(stripes(1).reshape(-1) @ kernel[:, 0])  # real - fake; the bias cancels
    assert gap > 3.5  # 3 before
    assert logs["g_loss"] == pytest.approx(np.log1p(np.exp(gap)), rel=1e-5)
    assert logs["d_loss"] == pytest.approx(np.log1p(np.exp(-3)), rel=1e-5)


def test_several_discriminator_steps_by_hand():
    model, _ = one_step(d_rate=0.1, d_steps=3)
    kernel, bias = 3 / 64, -1.0
    for _ in range(3):
        d_real, d_fake = sigmoid(64 * kernel + bias) - 1, sigmoid(bias)
        kernel, bias = kernel - 0.1 * d_real, bias - 0.1 * (d_real + d_fake)
    weights = values(model.discriminator.weights)
    np.testing.assert_allclose(weights[0], kernel * stripes(1).reshape(-1, 1), rtol=1e-5)
    np.testing.assert_allclose(weights[1], bias, rtol=1e-5)


def test_the_mean_of_an_epoch_is_logged():
    one, two = (fit(frozen(Linear()), x)["real_score"][0] for x in (stripes(8), -stripes(8)))
    both = fit(frozen(Linear()), np.concatenate([stripes(8), -stripes(8)]))["real_score"][0]
    assert both == pytest.approx((one + two) / 2, rel=1e-6)
    assert abs(one - two) > 0.5


class Normalized(NoiseToImage):
    """A discriminator whose batch statistics tell which images it saw together at last."""

    def __init__(self):
        super().__init__(image_shape=SHAPE, latent_dim=4, seed=0)
        self.make_networks()

    make_generator = Linear.make_generator

    def make_discriminator(self):
        norm = keras.layers.BatchNormalization(momentum=0.0, scale=False, center=False)
        flatten, dense = keras.layers.Flatten(), keras.layers.Dense(1)
        return keras.Sequential([keras.Input(self.image_shape), norm, flatten, dense])


def test_real_and_fake_images_are_normalized_apart():
    model = frozen(Normalized())
    fit(model, np.where(stripes(8) > 0, 1.0, -0.5).astype("float32"))  # of mean 0.25, variance 0.5625
    mean, variance = values(model.discriminator.non_trainable_variables)
    # The last pass was over the fakes, all 0; with real images among them the mean were 0.125.
    assert (mean.item(), variance.item()) == (0.0, 0.0)


@pytest.mark.skipif(BACKEND != "jax", reason="elsewhere variables change in place")
@pytest.mark.parametrize("where", ["inside", "outside"])
def test_on_jax_a_foreign_variable_is_refused(where):
    counter = keras.Variable(0.0, name="counter")

    class Foreign(Linear):
        def generate_batch(self, batch, training=True, network=None):
            if where == "inside":
                counter.assign(counter + 1.0)
            return super().generate_batch(batch, training, network)

        def update_in_turn(self, batch):
            if where == "outside":
                counter.assign(counter + 1.0)
            return super().update_in_turn(batch)

    model = Foreign()
    model.compile()
    with pytest.raises(
        ValueError, match=r"'counter' was assigned inside a training step, but the model"
    ):
        fit(model, stripes(8))


@pytest.mark.skipif(BACKEND != "jax", reason="elsewhere variables change in place")
def test_on_jax_a_seed_generator_of_the_model_is_fine_and_a_foreign_one_is_not():
    foreign = keras.random.SeedGenerator(3)

    class Noisy(Linear):
        def __init__(self, own):
            super().__init__()
            if own:
                self.noise = keras.random.SeedGenerator(3)
            self.seeds = lambda: self.noise if own else foreign

        def sample_latents(self, batch):
            return keras.random.normal((8, 4), seed=self.seeds())

    model = Noisy(own=True)
    model.compile()
    fit(model, stripes(8))
    assert values([model.noise.state])[0][1] == 1
    model = Noisy(own=False)
    model.compile()
    with pytest.raises(ValueError, match="the model does not own it, so JAX would lose the update"):
        fit(model, stripes(8))


def test_a_variable_without_gradient_does_no_harm():
    class Idle(Linear):
        """Keeps a weight that no image passes, as growing models do."""

        def discriminator_variables(self):
            return [*super().discriminator_variables(), self.idle]

        def make_networks(self):
            self.idle = self.add_weight((2,), "ones", name="idle")
            super().make_networks()

    model = Idle()
    model.compile()
    before = values(model.discriminator.weights)
    with np.errstate(all="ignore"):
        if BACKEND == "jax":
            fit(model, stripes(8))
        else:
            with pytest.warns(UserWarning, match="Gradients do not exist for variables"):
                fit(model, stripes(8))
    np.testing.assert_array_equal(values([model.idle])[0], [1.0, 1.0])
    assert not np.array_equal(before[0], values(model.discriminator.weights)[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"losses": "hnge"}, r"Unknown adversarial loss\. Received: 'hnge'\. Known: 'non_saturating'"),
        ({"losses": {"adversarial": "hnge"}}, "Unknown adversarial loss"),
        (
            {"losses": {"cycle": 1.0}},
            r"a dict with the terms 'adversarial' and optionally 'fea",
        ),
        ({"d_steps": 0}, r"`d_steps` must be a positive integer\. Received: d_steps=0"),
        ({"d_steps": 1.5}, "`d_steps` must be a positive integer"),
        ({"updates": "both"}, r"`updates` must be one of 'alternating', 'simultaneous'\. Received"),
        ({"ema": 1.0}, r"`ema` must be None or a number in \(0, 1\)\. Received: ema=1\.0"),
        ({"ema": 0.0}, "`ema` must be None or a number"),
        ({"d_opt": "adamm"}, r"`d_opt` must be None, the name of a Keras optimizer"),
    ],
)
def test_wrong_arguments_of_compile(arguments, message):
    with pytest.raises(ValueError, match=message):
        Linear().compile(**arguments)


def test_a_loss_of_another_type():
    with pytest.raises(TypeError, match=r"or an object of `keras_gan_zoo\.losses`\. Received: 1"):
        Linear().compile(losses=1)


def test_fit_before_compile():
    with pytest.raises(ValueError, match=r"`fit` needs a compiled model\. Call `model\.compile\(\)`"):
        fit(Linear(), stripes())


def test_defaults_are_the_paper_s():
    model = tiny("DCGAN")
    model.compile()
    assert isinstance(model.adversarial_loss, losses.NonSaturating)
    for name in ("d_opt", "g_opt"):
        optimizer = model.optimizer[name]
        assert type(optimizer).__name__ == "Adam"
        assert float(optimizer.learning_rate) == pytest.approx(2e-4)
        assert optimizer.beta_1 == 0.5
    assert (model.plan.d_steps, model.plan.updates, model.plan.ema) == (1, "alternating", None)
