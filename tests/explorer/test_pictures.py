"""The explorer of models that make pictures from pictures, without its page."""

import numpy as np
import pytest
import style_tools
from PIL import Image
from tools import tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.explorer.pictures import PictureExplorer


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 48, 3), "uint8")
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.mark.full_matrix
def test_translation(photo):
    explorer = PictureExplorer(tiny("CycleGAN"))
    assert explorer.directions == ("a_to_b", "b_to_a") and not explorer.styles and explorer.size == 8
    given, made = explorer.apply(photo, 24, "b_to_a")
    assert given.shape == made.shape == (12, 24, 1)
    expected = explorer.model.translate(given[None], "b_to_a", seed=0)[0]
    np.testing.assert_allclose(made, expected, atol=1e-5)
    assert PictureExplorer(tiny("Pix2Pix")).directions == ()


@pytest.mark.full_matrix
def test_sizes(photo):
    explorer = PictureExplorer(tiny("Pix2Pix"))
    step = explorer.step
    assert explorer.read(photo, 3 * step).shape[:2] == (2 * step, 3 * step)
    assert explorer.read(photo, 1).shape[:2] == (step, step)


@pytest.mark.full_matrix
def test_styles(photo):
    model = kgz.FastStyleTransfer(
        (8, 8, 3), styles=2, width=4, blocks=1, network=style_tools.network(), **style_tools.LAYERS
    )
    explorer = PictureExplorer(model)
    assert explorer.styles == 2 and explorer.directions == ()
    given, made = explorer.apply(photo, 17, style_weights=[1.0, 3.0])
    assert given.shape == (8, 17, 3)
    np.testing.assert_allclose(made, model.translate(given[None], [0.25, 0.75])[0], atol=1e-5)
    with pytest.raises(ValueError, match="one of them above 0"):
        explorer.apply(photo, 16, style_weights=[0.0, 0.0])


@pytest.mark.full_matrix
def test_pictures_that_cannot_be_read(photo):
    explorer = PictureExplorer(tiny("Pix2Pix"))
    whole = photo.read_bytes()
    for damaged in (b"", b"text", whole[:200]):
        photo.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"^This picture cannot be read: .+\.$") as error:
            explorer.apply(photo, 16)
        assert str(photo) not in str(error.value)
    with pytest.raises(TypeError, match="Received: DCGAN"):
        PictureExplorer(tiny("DCGAN"))
    with pytest.raises(ValueError, match="Received: 2 channels"):
        PictureExplorer(tiny("Pix2Pix", input_channels=2))
