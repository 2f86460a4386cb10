"""Common behaviour of the image-to-image models: pairs in `fit`, `translate`."""

import numpy as np
import pytest
from tools import images, tiny, values

import keras_gan_zoo as kgz

MODELS = ("Pix2Pix", "DiscoGAN", "CycleGAN")
each_model = pytest.mark.parametrize("name", MODELS)


@each_model
def test_translate(name):
    model = tiny(name)
    pictures = images(5)
    result = model.translate(pictures, seed=0)
    assert isinstance(result, np.ndarray) and result.dtype == np.float32
    assert result.shape == pictures.shape and np.abs(result).max() <= 1
    np.testing.assert_allclose(
        model.translate(pictures, seed=0, batch_size=2)[:2], result[:2], atol=1e-5
    )
    np.testing.assert_array_equal(model.translate(pictures, "a_to_b", seed=0), result)


@each_model
def test_translate_other_sizes(name):
    model = tiny(name)
    assert model.translate(images(3, (24, 16, 1)), seed=0).shape == (3, 24, 16, 1)


@pytest.mark.parametrize("name", ["DiscoGAN", "CycleGAN"])
def test_translate_directions(name):
    model = tiny(name)
    pictures = images(3)
    in_b, in_a = model.translate(pictures), model.translate(pictures, "b_to_a")
    a_to_b, b_to_a = model.translators()
    np.testing.assert_allclose(in_b, values([a_to_b(pictures)])[0], atol=1e-5)
    np.testing.assert_allclose(in_a, values([b_to_a(pictures)])[0], atol=1e-5)
    assert np.abs(in_b - in_a).max() > 1e-2 * np.abs(in_b).max()


@each_model
def test_translate_uses_the_moving_average(name):
    model = tiny(name)
    model.compile(ema=0.5)
    pictures = images(3)
    before = model.translate(pictures, seed=0)
    model.generator.set_weights([2 * weight for weight in model.generator.get_weights()])
    np.testing.assert_array_equal(model.translate(pictures, seed=0), before)
    model.compile(ema=False)
    assert np.abs(model.translate(pictures, seed=0) - before).max() > 1e-4


@each_model
def test_invalid_arguments_of_translate(name):
    model = tiny(name)
    wrong = "b" if name == "Pix2Pix" else "to_a"
    with pytest.raises(ValueError, match=r"`direction` must be one of 'a_to_b'.*Received: direction="):
        model.translate(images(2), wrong)
    with pytest.raises(
        ValueError, match=r"must have the shape \(n, None, None, 1\). Received: \(2, 8, 8, 3\)"
    ):
        model.translate(images(2, (8, 8, 3)))
    with pytest.raises(ValueError, match=r"must be multiples of \d. Received: \(9, 8\). .*\(8, 8\)"):
        model.translate(images(2, (9, 8, 1)))
    with pytest.raises(ValueError, match=r"must be in \[-1, 1\]. Received: .*255"):
        model.translate(255 * np.ones((2, 8, 8, 1), "float32"))
    with pytest.raises(ValueError, match="must be floats"):
        model.translate(np.ones((2, 8, 8, 1), "uint8"))


@each_model
def test_invalid_training_data(name):
    model = tiny(name)
    model.compile()
    before = values(model.variables)
    first, second = model.halves
    with pytest.raises(
        ValueError, match=f"trains on pairs of {first} and {second}. Received: {first} only"
    ):
        model.fit(images(8))
    with pytest.raises(ValueError, match=f"as many {first} as {second}. Received: 8 and 6"):
        model.fit(images(8), images(6))
    with pytest.raises(ValueError, match=rf"{second.capitalize()} must have the shape \(n, 8, 8, 1\)"):
        model.fit(images(8), images(8, (8, 8, 3)))
    with pytest.raises(ValueError, match=f"{first.capitalize()} must be finite"):
        model.fit(np.where(images(8) > 0.5, np.nan, 0), images(8))
    with pytest.raises(ValueError, match="dataset is empty"):
        model.fit(images(0), images(0))
    with pytest.raises(ValueError, match="smaller than one batch"):
        model.fit(images(4), images(4), batch_size=8)
    with pytest.raises(ValueError, match="trains on pairs"):
        model.fit(kgz.data.ImageDataset(images(8), batch_size=4))
    assert all(np.array_equal(*pair) for pair in zip(before, values(model.variables), strict=True))
