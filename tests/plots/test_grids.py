import numpy as np
import pytest
from PIL import Image
from tools import images

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids


def flat(*values, shape=(2, 3, 1)):
    return np.stack([np.full(shape, value, "float32") for value in values])


def test_values_and_places():
    # Images of 2x3 with a gap of 2 around each: two columns make 12 wide, two rows 10 high.
    picture = grids.grid(flat(-1.0, 0.0, 1.0, 5.0), scale=1)
    assert (picture.mode, picture.size) == ("L", (12, 10))
    pixels = np.asarray(picture)
    assert pixels[2:4, 2:5].tolist() == [[0] * 3] * 2
    assert pixels[2:4, 7:10].tolist() == [[128] * 3] * 2
    assert pixels[6:8, 2:5].tolist() == pixels[6:8, 7:10].tolist() == [[255] * 3] * 2
    assert (pixels[:2] == 255).all() and (pixels[:, 5:7] == 255).all()


def test_columns_and_a_last_row_that_is_not_full():
    picture = grids.grid(flat(*[-1.0] * 5, shape=(4, 4, 1)), columns=4, scale=1)
    assert picture.size == (4 * 6 + 2, 2 * 6 + 2)
    pixels = np.asarray(picture)
    assert (pixels[8:12, 2:6] == 0).all() and (pixels[8:12, 8:] == 255).all()


def test_colours_and_scale():
    image = np.full((1, 2, 2, 3), -1.0, "float32")
    image[0, 0, 1] = [1.0, 0.0, -1.0]
    picture = grids.grid(image, scale=3)
    assert (picture.mode, picture.size) == ("RGB", (10, 10))
    assert [picture.getpixel(place) for place in ((4, 2), (5, 2), (7, 4), (5, 5))] == [
        (0, 0, 0),
        (255, 128, 0),
        (255, 128, 0),
        (0, 0, 0),
    ]


@pytest.mark.parametrize(("side", "expected"), [(47, 98), (48, 52)])
def test_small_images_are_doubled(side, expected):
    assert grids.grid(np.zeros((1, side, side, 1))).size == (expected, expected)


def test_of_other_channel_counts_the_first_is_shown():
    image = np.stack([np.full((2, 2), value, "float32") for value in (1.0, -1.0)], -1)[None]
    picture = grids.grid(image, scale=1)
    assert picture.mode == "L" and picture.getpixel((2, 2)) == 255


def test_a_failed_write_leaves_the_last_picture(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    grids.save(Image.new("L", (4, 4), 7), path)

    def half(self, target, **kwargs):
        with open(target, "wb") as file:
            file.write(b"\x89PNG")
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(OSError, match="disk full"):
        grids.save(Image.new("L", (4, 4), 9), path)
    with Image.open(path) as picture:
        assert picture.getpixel((0, 0)) == 7
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_an_equation():
    picture = grids.equation(flat(-1.0, 0.0, 1.0, shape=(20, 20, 1)), " +=", scale=1)
    pixels = np.asarray(picture)
    assert pixels.shape == (24, 3 * 24 + 2 * 12)
    assert (pixels[2:22, 2:22] == 0).all() and (pixels[2:22, 38:58] == 128).all()
    plus, equals = pixels[:, 24:36], pixels[:, 60:72]
    assert (plus < 255).sum() == 6 + 6 - 1  # two lines that cross, one pixel wide
    assert plus[12, 3] == plus[9, 6] == 60 and equals[10, 5] == equals[14, 5] == 60
    assert (equals < 255).sum() == 12
    colours = grids.equation(np.zeros((2, 20, 20, 3)), " -", scale=1)
    assert colours.mode == "RGB" and (np.asarray(colours)[:, 24:36] < 255).sum() == 18
    with pytest.raises(ValueError, match="zip"):
        grids.equation(np.zeros((2, 4, 4, 1)), " ")


def test_the_public_grid(tmp_path):
    floats = images(6)
    uint8 = np.rint((floats + 1) * 127.5).astype("uint8")
    expected = np.asarray(grids.grid(floats, columns=3))
    assert expected.shape == (2 * 18 + 2, 3 * 18 + 2)
    for array in (floats, uint8):
        picture = kgz.plots.grid(array, tmp_path / "new" / "grid.png", columns=3)
        np.testing.assert_array_equal(np.asarray(picture), expected)
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "new" / "grid.png")), expected)
    with pytest.raises(ValueError, match=r"`images` must be one or more images.*shape \(8, 8, 1\)"):
        kgz.plots.grid(floats[0])
    with pytest.raises(ValueError, match=r"`images` must be finite\. Received: NaN or infinity"):
        kgz.plots.grid(floats * np.nan)
    for name in ("columns", "scale"):
        with pytest.raises(ValueError, match=f"`{name}` must be a positive integer"):
            kgz.plots.grid(floats, **{name: 0})
