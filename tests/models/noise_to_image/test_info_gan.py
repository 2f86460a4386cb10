import keras
import numpy as np
import pytest
from tools import all_moved, fit, frozen, images, mark_others, same, state, tiny, values

import keras_gan_zoo as kgz


def tiny_info_gan(**arguments):
    return tiny("InfoGAN", **{"latent_dim": 9, "categorical": (3, 2), "continuous": 2} | arguments)


def test_defaults_match_paper():
    model = kgz.InfoGAN(width=2)
    assert model.generate(2, seed=0).shape == (2, 28, 28, 1)
    assert (model.latent_dim, model.noise, model.codes.width) == (74, 62, 12)
    assert model.head.output_shape == (None, 12)


def test_sampled_codes_are_one_hot_and_uniform():
    model = tiny_info_gan()
    codes = values([model.sample_codes(np.zeros((3000, 1)))])[0]
    assert codes.shape == (3000, 7)
    for part, size in ((slice(0, 3), 3), (slice(3, 5), 2)):
        assert set(np.unique(codes[:, part])) == {0.0, 1.0}
        assert (codes[:, part].sum(1) == 1).all()
        np.testing.assert_allclose(codes[:, part].mean(0), 1 / size, atol=0.05)
    numbers = codes[:, 5:]
    assert -1 <= numbers.min() < -0.99 and 0.99 < numbers.max() <= 1
    np.testing.assert_allclose([numbers.mean(), numbers.var()], [0, 1 / 3], atol=0.05)


def test_loss_matches_manual_computation():
    predicted = np.log([[0.5, 0.25, 0.25, 0.1, 0.9], [0.2, 0.2, 0.6, 0.5, 0.5]]).astype("float32")
    predicted = np.concatenate([predicted, [[0.5, -1.0], [0.0, 0.0]]], 1).astype("float32")
    codes = np.array([[1, 0, 0, 0, 1, 0.5, 1.0], [0, 0, 1, 1, 0, -0.5, 0.25]], "float32")
    first = -np.log(0.5) - np.log(0.9) + 0.5 * (0 + 4)
    second = -np.log(0.6) - np.log(0.5) + 0.5 * (0.25 + 0.0625)
    loss = tiny_info_gan().codes.loss(*map(keras.ops.convert_to_tensor, (predicted, codes)))
    assert float(loss) == pytest.approx((first + second) / 2, rel=1e-6)


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_weighted_loss_is_logged(updates):
    model = tiny_info_gan(categorical=(4,), continuous=0)
    frozen(model, losses={"adversarial": "hinge", "information": 0.5}, updates=updates)
    last = model.head.layers[-1]
    last.set_weights([np.zeros(last.kernel.shape), np.zeros(4)])
    assert fit(model)["information_loss"] == pytest.approx([0.5 * np.log(4)], rel=1e-5)
    logs = model.evaluate(images(), batch_size=8, verbose=0, return_dict=True)
    assert logs["information_loss"] == pytest.approx(0.5 * np.log(4), rel=1e-5)


def test_both_networks_get_gradients_of_the_information_loss():
    # The adversarial loss has no gradient here, so weights only change by the information loss.
    for frozen_opt, moving_opt in (("g_opt", "d_opt"), ("d_opt", "g_opt")):
        model = tiny_info_gan()
        losses = {"adversarial": ZeroLoss(), "information": 1.0}
        model.compile(**{frozen_opt: keras.optimizers.SGD(0.0)}, losses=losses)
        before = values(model.head.trainable_variables), values(model.generator.trainable_variables)
        fit(model)
        head, generator = (
            values(network.trainable_variables) for network in (model.head, model.generator)
        )
        assert all_moved(head, before[0]) == (moving_opt == "d_opt")
        assert all_moved(generator, before[1]) == (moving_opt == "g_opt")


class ZeroLoss(kgz.losses.Wasserstein):
    """Adversarial loss without a gradient."""

    def discriminator(self, real, fake):
        return 0.0 * super().discriminator(real, fake)

    def generator(self, fake, real=None):
        return 0.0 * super().generator(fake, real)


def test_information_loss_decreases():
    model = tiny_info_gan(categorical=(3,), continuous=0, width=8)
    adam = keras.optimizers.Adam
    model.compile(adam(2e-3), adam(2e-3))
    history = fit(model, images(96), epochs=8)["information_loss"]
    assert history[0] > 0.3 and max(history[-3:]) < 0.2


def test_latents_with_given_codes():
    model = tiny_info_gan()
    latents = model.latents(4, seed=3, categorical=[1, [0, 1, 0, 1]], continuous=[-0.5, None])
    np.testing.assert_array_equal(latents[:, 2:5], [[0, 1, 0]] * 4)
    np.testing.assert_array_equal(latents[:, 5:7], [[1, 0], [0, 1]] * 2)
    np.testing.assert_array_equal(latents[:, 7], [-0.5] * 4)
    free = model.latents(4, seed=3)
    np.testing.assert_array_equal(latents[:, :2], free[:, :2])  # the noise and the random codes
    np.testing.assert_array_equal(latents[:, 8], free[:, 8])
    assert latents.dtype == np.float32 and (abs(free[:, 7:]) <= 1).all()
    np.testing.assert_array_equal(model.latents(2, seed=3), free[:2])
    images = [model.generate(latents=model.latents(2, 3, categorical=[k, 0])) for k in (0, 1)]
    assert abs(images[0] - images[1]).max() > 1e-4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"categorical": [1]}, r"`categorical` must be a list with a value for each of the model's 2"),
        ({"categorical": 1}, r"`categorical` must be a list.*Received: categorical=1"),
        ({"categorical": [3, 0]}, r"`categorical` must be an integer in 0\.\.2\. Received: \[3\.0\]"),
        ({"categorical": [0.5, 0]}, r"`categorical` must be an integer in 0\.\.2"),
        ({"continuous": [0.1, np.nan]}, "`continuous` must be a finite number"),
        ({"continuous": [[0.1, 0.2], 0.0]}, "one for each of the 4 images"),
    ],
)
def test_invalid_codes(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny_info_gan().latents(4, **arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"latent_dim": 7},
            r"`latent_dim` must leave room for noise.*latent_dim=7 with codes of width 7",
        ),
        ({"categorical": (), "continuous": 0}, "must define at least one code"),
        ({"categorical": (0,)}, "`categorical` must be a positive integer"),
        ({"continuous": -1}, "`continuous` must be an integer of 0 or more"),
        ({"pack": 2}, "`pack` must be 1, because each of the packed images has its own codes"),
        ({"num_classes": 3}, "`num_classes` must be None: InfoGAN has no conditional form"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        tiny_info_gan(**arguments)


def test_grid_has_a_row_per_category():
    model = tiny_info_gan()
    grid, columns = model.generate_grid(8, seed=1)
    assert grid.shape == (6, 8, 8, 1) and columns == 2
    latents = model.latents(2, seed=1)
    latents[:, 2:5] = [0, 1, 0]
    np.testing.assert_allclose(grid[2:4], model.generate(latents=latents), atol=1e-6)
    assert tiny_info_gan(categorical=()).generate_grid(5)[1] is None
    with pytest.raises(ValueError, match="`labels` must be None"):
        model.generate_grid(8, labels=[0])


@pytest.mark.parametrize(
    "arguments", mark_others([{}, {"d_norm": "spectral", "minibatch": "stddev"}], [{}])
)
def test_stabilizers(arguments):
    model = tiny_info_gan(**arguments)
    for updates in ("alternating", "simultaneous"):
        model.compile(
            losses={"adversarial": "relativistic", "feature_matching": 1.0},
            penalties=["r1", "dragan"],
            augment="ada",
            d_steps=2,
            ema=0.9,
            updates=updates,
        )
        history = fit(model, callbacks=[kgz.callbacks.DiscriminatorSkip(0.1)])
        assert all(np.isfinite(value).all() for value in history.values())


def test_training_resumes_exactly(tmp_path):
    model = tiny_info_gan()
    model.compile(ema=0.9, losses={"adversarial": "hinge", "information": 0.5})
    fit(model)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.plan.loss_terms["information"] == 0.5 and again.codes.categorical == [3, 2]
    for one in (model, again):
        fit(one)
    assert same(state(again), state(model))


def test_bias_of_the_discriminator():
    for d_bias in (True, False):
        model = kgz.InfoGAN((8, 8, 1), width=4, d_bias=d_bias)
        assert model.discriminator.layers[0].use_bias is d_bias
        assert kgz.InfoGAN.from_config(model.get_config()).d_bias is d_bias
    config = model.get_config()
    del config["d_bias"]  # a file of release 0.1
    assert kgz.InfoGAN.from_config(config).d_bias is False
