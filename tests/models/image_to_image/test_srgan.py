import numpy as np
import pytest
from tools import BACKEND, fit, images, same, tiny, values
from torch_tools import transplant_in_order

import keras_gan_zoo as kgz
from keras_gan_zoo.models.image_to_image import tiles


@pytest.mark.skipif(BACKEND != "torch", reason="the reference is in PyTorch")
@pytest.mark.parametrize("scale", [2, 4])
def test_networks_are_those_of_the_papers(scale):
    import torch
    import torch_srgan

    arguments = {"width": 4, "blocks": 2, "growth": 3, "perceptual": None}
    model = kgz.SRGAN((32, 32, 3), scale, **arguments, seed=0)
    generator = torch_srgan.Generator(3, 4, 2, 3, scale.bit_length() - 1)
    discriminator = torch_srgan.Discriminator(32, 3, 4)
    transplant_in_order(model.generator, generator)
    transplant_in_order(model.discriminator, discriminator)
    small, large = images(2, (5, 7, 3)), images(4, (32, 32, 3))
    with torch.no_grad():
        enlarged = generator(torch.from_numpy(small.transpose(0, 3, 1, 2))).permute(0, 2, 3, 1)
        logits = discriminator(torch.from_numpy(large.transpose(0, 3, 1, 2)))  # with batch statistics
    assert enlarged.shape == (2, 5 * scale, 7 * scale, 3)
    ours = values([model.generator(small), model.discriminator(large, training=True)])
    for found, expected in zip(ours, (enlarged.numpy(), logits.numpy()), strict=True):
        assert expected.std() > 0.01
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.full_matrix
def test_numbers_of_the_paper():
    """16.7 million parameters for 23 blocks, as the authors' code has."""
    assert kgz.SRGAN().generator.count_params() == pytest.approx(16.7e6, rel=2e-3)
    model = tiny("SRGAN")
    model.compile()
    adam = model.optimizer["g_opt"]
    assert (float(adam.learning_rate), adam.beta_1, adam.beta_2) == (pytest.approx(1e-4), 0.9, 0.999)
    assert type(model.adversarial_loss).__name__ == "RelativisticAverage"


def test_the_discriminator_waits_for_the_end_of_pretraining():
    model = tiny("SRGAN", pretrain=2, perceptual="rgb64")
    model.compile()
    before = values(model.discriminator.trainable_variables)
    logs = fit(model, images(16))
    assert np.isfinite(logs["perceptual_loss"] + logs["pixel_loss"]).all()
    assert same(before, values(model.discriminator.trainable_variables))
    fit(model, images(16))
    assert not same(before, values(model.discriminator.trainable_variables))


def test_a_residual_generator_starts_near_the_bilinear_interpolation():
    model = tiny("SRGAN", residual=True)
    x = np.linspace(-1, 1, 8, dtype="float32")[None, None, :, None].repeat(8, 1)
    ramp = np.interp(np.arange(16) / 2 - 0.25, np.arange(8), x[0, 0, :, 0])
    result = model.translate(x)[0, :, :, 0]
    assert 0.0 < abs(result - ramp).max() < 0.05
    assert model.from_config(model.get_config()).residual


def test_tiles_are_exact_beyond_the_receptive_field():
    """Of a network that sees two pixels in each direction, for sides that tiles do not divide."""
    x = images(2, (37, 11, 2))

    def network(part):
        padded = np.pad(part, ((0, 0), (2, 2), (2, 2), (0, 0)))
        summed = sum(
            padded[:, i : i + part.shape[1], j : j + part.shape[2]] * (i + 2 * j + 1)
            for i in range(5)
            for j in range(5)
        )
        return summed.repeat(2, 1).repeat(2, 2)

    whole = network(x)
    for tile in (12, 20, 40):
        np.testing.assert_allclose(
            tiles.enlarge(network, x, 2, tile, 8, 3), whole, rtol=1e-4, atol=1e-3
        )
    assert abs(tiles.enlarge(network, x, 2, 12, 0, 3) - whole).max() > 1.0  # without an overlap
    weights = tiles.enlarge(lambda part: np.ones_like(part), np.zeros((1, 50, 9, 1)), 1, 20, 6, 1)
    np.testing.assert_allclose(weights, 1.0, rtol=1e-6)


def test_translate_in_tiles_has_no_seams(monkeypatch):
    model = tiny("SRGAN", image_shape=(16, 16, 3))
    x = images(1, (40, 33, 3))
    whole = model.translate(x)
    assert whole.shape == (1, 80, 66, 3) and whole.std() > 0.01
    largest = []
    predict = tiles.enlarge
    monkeypatch.setattr(
        tiles, "enlarge",
        lambda network, *rest: predict(lambda p: largest.append(p.shape) or network(p), *rest),
    )  # fmt: skip
    in_tiles = model.translate(x, tile=20, overlap=12, batch_size=2)
    assert {shape[1:3] for shape in largest} == {(20, 20)} and max(s[0] for s in largest) == 2
    assert abs(in_tiles - whole).max() < 0.02 * np.ptp(whole)
    with pytest.raises(
        ValueError, match=r"`overlap` must be less than `tile`. Received: overlap=20, tile=20"
    ):
        model.translate(x, tile=20, overlap=20)
    with pytest.raises(ValueError, match=r"must have the shape \(n, None, None, 3\)"):
        model.translate(images(1))


def test_invalid_arguments():
    with pytest.raises(
        ValueError, match=r"multiples of scale=4.*Received: image_shape=\(30, 32, 3\).*28, 32"
    ):
        kgz.SRGAN((30, 32, 3))
    with pytest.raises(ValueError, match=r"`scale` must be one of 2, 4, 8. Received: scale=3"):
        kgz.SRGAN((30, 30, 3), scale=3)


def test_training_on_degraded_pairs_and_the_comparison_with_bicubic(tmp_path):
    dataset = kgz.data.degraded("digits", 2, image_size=32, crop=16, batch_size=8, samples=24)
    model = tiny("SRGAN")
    model.compile(metrics=["ms_ssim"])
    history = model.fit(dataset, verbose=0, callbacks=[kgz.callbacks.ImageSnapshots(tmp_path)])
    assert np.isfinite(history.history["pixel_loss"]).all() and model.steps == 3
    assert (tmp_path / "epoch_00001.png").exists()
    assert "ms_ssim" in model.evaluate(dataset, verbose=0, return_dict=True)
    figures = model.compare(*(x[:4] for x in dataset.arrays()))
    assert set(figures) == {"model", "bicubic"}
    better, worse = figures["bicubic"], figures["model"]  # which has hardly been trained
    assert better["psnr"] > worse["psnr"] and better["ssim"] > worse["ssim"]
    assert 0.0 < better["perceptual_rgb64"] < worse["perceptual_rgb64"] < 2.0
