"""Augmentation, noise, feature matching and penalties in `fit`, with literal losses of `Linear`."""

import keras
import numpy as np
import pytest
from tools import BACKEND, Linear, fit, frozen, images, same, stripes, tiny, values

from keras_gan_zoo import augment, callbacks, penalties

CONFIDENT_D_LOSS = 2.126928 - 2 + 0.313262  # d_loss of logits 2 and -1, see test_stabilizers


def test_feature_matching_by_hand():
    losses = {"adversarial": "non_saturating", "feature_matching": 0.5}
    for updates in ("alternating", "simultaneous"):
        history = fit(frozen(Linear(), losses=losses, updates=updates), stripes())
        # The last dense layer takes the pixels: 64 of size 1 in the stripes, 0 in the fakes.
        assert history["feature_loss"] == pytest.approx([0.5 * 64], rel=1e-6)
        assert history["g_loss"] == pytest.approx([1.313262], rel=1e-6)  # without the term


def test_feature_matching_draws_the_fakes_to_the_real_mean():
    rate = keras.optimizers.SGD
    model = Linear()
    losses = {"adversarial": "non_saturating", "feature_matching": 1.0}
    model.compile(rate(0.0), rate(0.05), losses=losses)
    found = fit(model, stripes(8), epochs=60)["feature_loss"]
    assert found[0] == pytest.approx(64.0, rel=1e-6) and found[-1] < 1.0


def test_instance_noise_by_hand():
    # A logit is 3/64 times a sum over 64 pixels, so noise of deviation 1 gives it a deviation of 3/8.
    noise = callbacks.InstanceNoise(1.0, epochs=2)
    model = frozen(Linear(), losses="least_squares")
    found = fit(model, stripes(4096), epochs=3, callbacks=[noise], batch_size=512)["d_loss"]
    assert found == pytest.approx([1 + (3 / 8) ** 2, 1 + (3 / 16) ** 2, 1.0], abs=0.03)
    assert found[2] == pytest.approx(1.0, abs=1e-6)
    assert [noise.knobs(epoch)["instance_noise"] for epoch in range(4)] == [1.0, 0.5, 0.0, 0.0]


def test_adaptive_augmentation_follows_the_discriminator():
    model = frozen(Linear(), augment=augment.ADA(target=0.1, images=10_000))
    history = fit(model, stripes(24))
    # r_t is 1 for every batch; 8 images are a step of 0.0008.
    assert history["augment_probability"] == pytest.approx([np.mean([8e-4, 16e-4, 24e-4])], rel=1e-5)
    fit(model, -stripes(24))  # logits of -4: r_t is -1
    history = fit(model, -stripes(24))
    assert history["augment_probability"] == pytest.approx([0.0], abs=1e-9)


def test_the_probability_is_part_of_the_saved_model(tmp_path):
    model = tiny("GAN")
    model.compile(augment=augment.ADA(target=0.0, images=24, maximum=0.7))
    history = fit(model, images(24), epochs=2)
    before = values([model._augment_probability])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert 0.0 < max(history["augment_probability"]) <= 0.7
    assert same(values([again._augment_probability]), before)
    assert again.plan.augmentation.images == 24


@pytest.mark.parametrize("augmentation", ["diffaugment", augment.ADA(images=1)], ids=["diff", "ada"])
def test_generated_images_are_not_augmented(augmentation):
    model = frozen(tiny("GAN"), augment=augmentation)
    before = model.generate(4, seed=0)
    fit(model)
    latents = np.random.default_rng(0).standard_normal((4, 4), "float32")
    np.testing.assert_array_equal(model.generate(4, seed=0), before)
    np.testing.assert_allclose(before, values([model.generator(latents)])[0], rtol=1e-5, atol=1e-6)


def test_evaluation_does_not_augment():
    model = frozen(Linear(), augment="diffaugment")
    trained = fit(model, stripes())["d_loss"][0]
    evaluated = model.evaluate(stripes(), batch_size=8, verbose=0, return_dict=True)["d_loss"]
    assert evaluated == pytest.approx(CONFIDENT_D_LOSS, abs=2e-6)
    assert abs(trained - CONFIDENT_D_LOSS) > 0.01


@pytest.mark.parametrize("name", ["WGANGP", "R3GAN"])
@pytest.mark.skipif(BACKEND != "tensorflow", reason="elsewhere, `jit_compile` is not a choice of steps")
def test_penalties_compile_with_and_without_xla(name):
    first = []
    for jit_compile in (False, True):
        model = tiny(name)
        lazy = penalties.R1(0.1, every=2)
        model.compile(penalties=[penalties.GradientPenalty(), lazy], jit_compile=jit_compile)
        found = [fit(model, images(8)) for _ in range(3)]
        assert all(np.isfinite(list(history.values())).all() for history in found)
        assert [history["r1_penalty"] == [0.0] for history in found] == [False, True, False]
        first += found[0]["r1_penalty"]
    # Random numbers differ under XLA, but the first gradients at real images do not depend on them.
    assert first[1] == pytest.approx(first[0], rel=1e-3)
