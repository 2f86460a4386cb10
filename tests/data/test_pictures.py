"""One picture from a file, of whatever kind."""

import numpy as np
import pytest
from PIL import Image

import keras_gan_zoo as kgz


def save(tmp_path, image, name="picture.png", **arguments):
    path = tmp_path / name
    image.save(path, **arguments)
    return path


def rgb(height=6, width=9):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype("uint8")


def test_as_it_is_and_with_a_longer_side(tmp_path):
    path = save(tmp_path, Image.fromarray(rgb()))
    found = kgz.data.picture(path)
    assert found.dtype == "float32"
    np.testing.assert_allclose(found, rgb() / 127.5 - 1, atol=1e-6)
    assert kgz.data.picture(path, 18).shape == (12, 18, 3)
    assert kgz.data.picture(path, (5, 7), channels=1).shape == (5, 7, 1)
    assert kgz.data.picture(save(tmp_path, Image.fromarray(rgb(300, 2))), 10).shape == (10, 1, 3)


def test_grey_sixteen_bits_palette_alpha_and_animation(tmp_path):
    grey = rgb()[..., 0]
    for image in (Image.fromarray(grey), Image.fromarray(grey.astype("uint16") * 257)):
        found = kgz.data.picture(save(tmp_path, image))
        np.testing.assert_allclose(found, np.repeat(grey[..., None], 3, -1) / 127.5 - 1, atol=1e-6)
    alpha = np.dstack([rgb(), np.full((6, 9), 255, "uint8")])
    alpha[0, 0, 3] = 0  # transparent is black
    with pytest.warns(UserWarning, match=r"^1 of 1 pictures have transparent pixels.*over black\."):
        found = kgz.data.picture(save(tmp_path, Image.fromarray(alpha)))
    np.testing.assert_array_equal(found[0, 0], [-1, -1, -1])
    np.testing.assert_allclose(found[1], rgb()[1] / 127.5 - 1, atol=1e-6)
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    path = save(tmp_path, frames[0], "moving.gif", save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(kgz.data.picture(path)[2, 2], [1, -1, -1], atol=0.02)


def test_what_cannot_be_read_is_named(tmp_path):
    whole = save(tmp_path, Image.fromarray(rgb(40, 40))).read_bytes()
    (tmp_path / "half.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.png").write_text("no picture")
    for name, why in (
        ("none.png", "no such file"),
        ("half.png", "truncated"),
        ("text.png", "identify"),
    ):
        with pytest.raises(ValueError, match=rf"`path` must be a picture file .*{name}.*{why}"):
            kgz.data.picture(tmp_path / name)
    with pytest.raises(ValueError, match=r"`size` must be a positive integer.*Received: size=0"):
        kgz.data.picture(tmp_path / "picture.png", 0)
