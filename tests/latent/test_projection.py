import keras
import numpy as np
import pytest
from latent_tools import loud
from tools import BACKEND, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo import latent


def project(model, images, **arguments):
    return latent.project(model, images, **{"seed": 0, "verbose": 0, "candidates": 50} | arguments)


def test_a_generators_own_images_are_found_again():
    model = loud(tiny("DCGAN"))
    model.compile(ema=0.9)  # the average is what generates
    model.generator.set_weights([0 * weight for weight in model.generator.get_weights()])
    images = model.generate(5, seed=7)
    assert images.std() > 0.2
    found = project(model, images, steps=150, restarts=3, batch_size=7)  # in 3 batches, the last short
    assert found.latents.shape == (5, 4) and found.labels is None
    assert found.errors.shape == (5,) and found.errors.max() < 0.02
    np.testing.assert_allclose(found.images, model.generate(latents=found.latents), atol=1e-6)
    np.testing.assert_allclose(found.errors, abs(found.images - images).mean((1, 2, 3)), atol=1e-6)
    assert all(isinstance(a, np.ndarray) and a.dtype == np.float32 for a in found[:3])
    np.testing.assert_allclose(found.latents, model.latents(5, seed=7), atol=0.1)


def test_the_first_step_goes_down_the_slope():
    # Adam's first step is the learning rate, against the sign of each slope.
    model = loud(tiny("GAN"), 4.0)
    images = 0.9 * model.generate(2, seed=3)
    options = {"steps": 1, "restarts": 1, "candidates": 1, "prior": 0.0, "seed": 5}
    start = np.repeat(model.latents(1, seed=5), 2, axis=0)
    step = (project(model, images, learning_rate=1e-3, **options).latents - start) / 1e-3
    near = start + 1e-2 * np.stack([-np.eye(4), np.eye(4)])[:, :, None]  # (sides, numbers, images, 4)
    made = model.generate(latents=near.reshape(-1, 4)).reshape(2, 4, *images.shape)
    losses = np.square(made - images, dtype="float64").mean((3, 4, 5))
    slopes = (losses[1] - losses[0]).T
    is_clear = abs(slopes) > 0.1 * abs(slopes).max()  # elsewhere a kink may turn the sign
    assert is_clear.sum() >= 5
    np.testing.assert_allclose(step[is_clear], -np.sign(slopes)[is_clear], atol=0.02)


def test_the_class_is_given_or_searched():
    model = loud(tiny("ConditionalGAN"))
    images = model.generate(3, labels=[2, 0, 1], seed=7)
    given = project(model, images, labels=[2, 0, 1], steps=150, restarts=2)
    assert given.labels.tolist() == [2, 0, 1] and given.errors.max() < 0.02
    free = project(model, images, steps=150, restarts=3)  # every class has its turn
    assert free.labels.tolist() == [2, 0, 1] and free.errors.max() < 0.05
    with pytest.raises(ValueError, match=r"Labels must be integers in 0\.\.2"):
        project(model, images, labels=3)


def test_codes_stay_codes():
    model = loud(tiny("InfoGAN", latent_dim=8, categorical=(2,), continuous=2))
    latents = model.latents(2, seed=3)
    images = np.clip(2 * model.generate(latents=latents), -1, 1)
    found = project(model, images, steps=100, restarts=4, learning_rate=0.3).latents
    assert set(np.unique(found[:, 4:6])) == {0.0, 1.0} and (found[:, 4:6].sum(1) == 1).all()
    assert abs(found[:, 6:]).max() <= 1.0
    assert abs(found[:, :4]).max() > 0.05


def test_what_a_linear_generator_has_beyond_white_is_white():
    model = loud(tiny("R3GAN"), 4.0)
    images = model.generate(2, seed=3)
    assert (abs(images) == 1.0).mean() > 0.1
    found = project(model, images, steps=150, restarts=4)
    assert found.errors.max() < 0.05


def test_the_prior_keeps_noise_normal():
    model = loud(tiny("GAN", latent_dim=16), 0.3)  # hardly any contrast, however long the latents
    images = np.full((2, 8, 8, 1), -1.0, "float32")
    free, kept = (
        (project(model, images, steps=60, learning_rate=0.3, prior=p).latents ** 2).mean(1)
        for p in (0.0, 0.1)
    )
    assert (free > 3).all()
    assert (kept < 1.2 * (1 + 3 * np.sqrt(2 / 16))).all()


def test_features_count():
    # The only feature is the mean of the left half.
    images = keras.Input((8, 8, 1))
    left = keras.ops.mean(images[:, :, :4], axis=(1, 2)) + 2.0
    extractor = kgz.metrics.Extractor(keras.Model(images, left), "left")
    model = loud(tiny("DCGAN"))
    target = model.generate(1, seed=3)
    target[:, :, 4:] = -1.0
    found = project(
        model,
        target,
        pixel=0.0,
        feature=1.0,
        extractor=extractor,
        steps=80,
        restarts=1,
        candidates=1,
        prior=0.0,
    )
    means = [extractor(x).features[0, 0] for x in (found.images, target)]
    assert means[0] == pytest.approx(means[1], abs=2e-3)
    assert found.errors[0] > 0.05
    with pytest.raises(ValueError, match="must fit the extractor 'grey28'"):
        project(model, target, feature=1.0)


class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise KeyboardInterrupt


@pytest.mark.skipif(BACKEND != "jax", reason="only there do steps own the weights")
def test_a_model_survives_an_interrupt(monkeypatch):
    model = loud(tiny("GAN"))
    images = model.generate(2, seed=0)
    fit = keras.Model.fit
    monkeypatch.setattr(keras.Model, "fit", lambda self, **a: fit(self, callbacks=[Stop()], **a))
    with pytest.raises(KeyboardInterrupt):
        project(model, images)
    np.testing.assert_array_equal(model.generate(2, seed=0), images)


@pytest.mark.parametrize(
    ("images", "arguments", "message"),
    [
        (np.zeros((2, 8, 9, 1)), {}, r"must have the shape \(n, 8, 8, 1\)"),
        (np.full((2, 8, 8, 1), 200.0), {}, r"must be in \[-1, 1\]"),
        (None, {"steps": 0}, "`steps` must be a positive integer"),
        (None, {"restarts": 0}, "`restarts` must be a positive integer"),
        (None, {"pixel": 0.0}, "`pixel` and `feature` must be more than 0"),
        (None, {"prior": -1.0}, "`prior` must be a finite number of 0 or more"),
        (None, {"learning_rate": 0.0}, "`learning_rate` must be more than 0"),
        (None, {"candidates": 3}, "must be `restarts` at least. Received: candidates=3, restarts=4"),
        (None, {"labels": [0, 0]}, "`labels` must be None: GAN is not conditional"),
    ],
)
def test_wrong_arguments(images, arguments, message):
    images = np.zeros((2, 8, 8, 1), "float32") - 0.5 if images is None else images
    with pytest.raises(ValueError, match=message):
        project(tiny("GAN"), images, **arguments)
