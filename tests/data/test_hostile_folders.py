"""Folders with anything in them: right, or left out and named, without waiting or much memory."""

import os
import runpy
import socket
import struct
import zlib

import numpy as np
import pytest
from data_tools import save
from PIL import Image

from keras_gan_zoo import data
from keras_gan_zoo.data import folder as folders
from keras_gan_zoo.data import pictures
from keras_gan_zoo.utils import files

ESCAPES = "\x1b]0;owned\x07\x1b[31m\nred"


def read(folder, image_size=None, **kwargs):
    return data.load(folder, image_size, **{"batch_size": 1, "shuffle": False, **kwargs})


def skipped(folder, **kwargs):
    """The images, and the text of the only warning."""
    with pytest.warns(UserWarning) as caught:
        dataset = read(folder, **kwargs)
    assert len(caught) == 1 and caught[0].filename == __file__
    return dataset.images, str(caught[0].message)


def png(width, height, depth=8):
    """The header of a PNG of any size, with one short block of compressed data."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind(os.path.relpath(path))  # the path of a socket has at most about 100 characters


SPECIAL = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("kind", SPECIAL)
@pytest.mark.parametrize("cached", [False, True])
def test_special_files_are_not_opened(tmp_path, monkeypatch, kind, cached):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "p" / "a.png", 7)
    SPECIAL[kind](tmp_path / "p" / "b.png")
    images, text = skipped(tmp_path / "p", cache=tmp_path / "cache" if cached else None)
    assert text == "Skipped 1 of 2 image files that cannot be read: b.png (it is no regular file)"
    assert np.asarray(images)[:, 0, 0, 0].tolist() == [7]
    with pytest.raises(ValueError, match="it is no regular file"):
        data.picture(tmp_path / "p" / "b.png")


def test_special_files_among_pairs(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / "in" / f"{name}.png", 1)
        save(tmp_path / "out" / f"{name}.png", 2)
        save(tmp_path / "both" / f"{name}.png", 3, size=(16, 8))
    for folder in ("out", "both"):
        (tmp_path / folder / "b.png").unlink()
        os.mkfifo(tmp_path / folder / "b.png")
    with pytest.warns(UserWarning, match=r"Skipped 1 of 2 .*b\.png \(it is no regular file\)"):
        assert len(data.paired(tmp_path / "in", tmp_path / "out", batch_size=1)) == 1
    with pytest.warns(UserWarning, match=r"Skipped 1 of 2 .*b\.png \(it is no regular file\)"):
        assert len(data.paired(tmp_path / "both", batch_size=1)) == 1


def test_links_are_followed(tmp_path):
    save(tmp_path / "elsewhere" / "b.png", 2)
    save(tmp_path / "elsewhere" / "more" / "c.png", 3)
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.png").symlink_to(tmp_path / "elsewhere" / "b.png")
    (tmp_path / "p" / "sub").symlink_to(tmp_path / "elsewhere")
    images = read(tmp_path / "p").images  # a warning would be an error
    assert images[:, 0, 0, 0].tolist() == [2, 2, 3]


def test_circles_and_broken_links_are_named(tmp_path):
    save(tmp_path / "z" / "a.png", 5)
    (tmp_path / "a").symlink_to(tmp_path / "z")  # before it by name
    (tmp_path / "z" / "up").symlink_to(tmp_path)
    (tmp_path / "b.png").symlink_to(tmp_path / "nothing.png")
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    with pytest.warns(UserWarning) as caught:
        images = read(tmp_path).images
    left_out, broken = (str(warning.message) for warning in caught)
    assert images[:, 0, 0, 0].tolist() == [5]
    assert "Left out 2 folder(s)" in left_out
    assert "a (a link to a folder that is read anyway)" in left_out
    assert "z/up (a link to a folder that is read anyway)" in left_out
    assert "Skipped 2 of 3" in broken and "b.png (FileNotFoundError: No such file" in broken
    assert "loop.png (OSError: Too many levels of symbolic links)" in broken


def test_many_links_between_folders_take_linear_time(tmp_path):
    """Forty folders with two links to the next one have 2**40 paths."""
    for k in range(40):
        (tmp_path / f"{k:02d}").mkdir()
        for name in ("x", "y"):
            (tmp_path / f"{k:02d}" / name).symlink_to(tmp_path / f"{k + 1:02d}")
    save(tmp_path / "40" / "a.png")
    with pytest.warns(UserWarning, match=r"Left out 80 folder\(s\)"):
        assert len(read(tmp_path)) == 1


def test_paths_that_are_too_long_are_named(tmp_path, monkeypatch):
    save(tmp_path / "a.png", 5)
    monkeypatch.chdir(tmp_path)
    for _ in range(20):
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
    Image.new("RGB", (8, 8)).save("deep.png")
    monkeypatch.chdir(tmp_path)
    images, text = skipped(tmp_path)
    assert images[:, 0, 0, 0].tolist() == [5]
    assert "Left out 1 folder(s)" in text and "File name too long" in text and len(text) < 600


def test_folders_without_permission_are_named(tmp_path, monkeypatch):
    save(tmp_path / "a.png", 5)
    save(tmp_path / "locked" / "b.png", 6)
    scan = os.scandir

    def scandir(path):  # root may read everything
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(folders.os, "scandir", scandir)
    images, text = skipped(tmp_path)
    assert len(images) == 1 and "locked (Permission denied)" in text


def test_pixels_are_limited_before_they_are_decoded(tmp_path, monkeypatch):
    save(tmp_path / "a.png", 5)
    (tmp_path / "b.png").write_bytes(png(8_000, 11_000))
    (tmp_path / "c.png").write_bytes(png(60_000, 60_000))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 80_000_000)
    with pytest.warns() as caught:
        images = read(tmp_path).images
    assert len(images) == 1
    pillow, ours = (str(warning.message) for warning in caught)
    assert "exceeds limit of 80000000 pixels" in pillow
    assert (
        "b.png (it has 88,000,000 pixels, more than 80,000,000, see KERAS_GAN_ZOO_MAX_PIXELS)" in ours
    )
    assert "c.png (it has too many pixels, see KERAS_GAN_ZOO_MAX_PIXELS)" in ours
    with pytest.raises(ValueError, match="it has too many pixels"):
        data.picture(tmp_path / "c.png")


@pytest.mark.parametrize("value", ["many", "0", "-1", "1e6"])
def test_the_limit_must_be_a_number(value):
    with pytest.raises(ValueError, match="`KERAS_GAN_ZOO_MAX_PIXELS` must be a positive integer"):
        pictures._set_limit(value)


def test_the_limit_is_read_from_the_environment(tmp_path, monkeypatch):
    Image.new("L", (100, 100)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    monkeypatch.setenv(pictures.LIMIT_VARIABLE, "9999")
    module = runpy.run_path(pictures.__file__)
    with (
        pytest.warns(Image.DecompressionBombWarning),
        pytest.raises(ValueError, match="more than 9,999"),
    ):
        module["picture"](tmp_path / "a.png")
    monkeypatch.setenv(pictures.LIMIT_VARIABLE, "10000")
    assert runpy.run_path(pictures.__file__)["picture"](tmp_path / "a.png").shape == (100, 100, 3)


def test_large_pictures_are_decoded_one_after_the_other(tmp_path, monkeypatch):
    for k in range(8):
        save(tmp_path / f"{k}.png", k)
    monkeypatch.setattr(pictures, "_LARGE", 10)
    monkeypatch.setattr(folders.os, "cpu_count", lambda: 8)
    running, most, convert = [0], [0], pictures.from_pillow

    def counted(*arguments):
        running[0] += 1
        most[0] = max(most[0], running[0])
        result = convert(*arguments)
        running[0] -= 1
        return result

    monkeypatch.setattr(pictures, "from_pillow", counted)
    assert len(read(tmp_path)) == 8
    assert most == [1]


def test_names_in_any_script_and_escape_sequences(tmp_path):
    names = ["日本.png", "عربى.png", "ünï çødé.png", "-rf.png", "a'b\"c.png", "🙂.png", "%s{}.png"]
    for k, name in enumerate(sorted(names)):
        save(tmp_path / name, k)
    assert read(tmp_path).images[:, 0, 0, 0].tolist() == list(range(len(names)))
    (tmp_path / f"{ESCAPES}.png").write_bytes(b"x")
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.png", "wb") as file:  # no UTF-8
        file.write(b"x")
    _, text = skipped(tmp_path)
    assert text.isprintable() and text.encode()
    assert r"\x1b]0;owned\x07\x1b[31m\nred.png" in text and r"\udcff\udcfe.png" in text


def test_printable():
    assert files.printable("grey ü 日本") == "grey ü 日本"
    assert files.printable("a\x1b[0m\r\n\u202e\udcff") == r"a\x1b[0m\r\n\u202e\udcff"


def test_escape_sequences_in_errors(tmp_path):
    (tmp_path / ESCAPES).mkdir()
    for action in (lambda: read(tmp_path / ESCAPES), lambda: read(tmp_path / ESCAPES / "no")):
        with pytest.raises(ValueError) as caught:
            action()
        assert str(caught.value).isprintable()
    (tmp_path / ESCAPES / "\x1b.png").write_bytes(b"x")
    with pytest.raises(ValueError) as caught:
        read(tmp_path / ESCAPES)
    assert str(caught.value).isprintable()


def test_wrong_extensions_modes_and_animations(tmp_path):
    Image.new("RGB", (8, 8), (200, 100, 50)).save(tmp_path / "0.png", "JPEG", quality=95)
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "1.jpg", quality=95)  # red
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for name in ("2.gif", "3.webp", "4.png", "5.tiff"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    Image.new("1", (8, 8), 1).save(tmp_path / "6.bmp")
    Image.new("LAB", (8, 8), (0, 128, 128)).save(tmp_path / "7.tif")
    images = read(tmp_path).images
    found = images[:, 4, 4].astype(int)
    expected = [[200, 100, 50], *[[255, 0, 0]] * 5, [255] * 3, [0] * 3]
    assert np.abs(found - expected).max() <= 8


def test_postscript_is_not_run(tmp_path):
    (tmp_path / "a.png").write_text(
        "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 8\n%%EndComments\nshowpage\n"
    )
    with pytest.raises(ValueError, match="it is a PostScript program, which is not run"):
        read(tmp_path)


def test_sixteen_bits_round_to_the_nearest(tmp_path):
    values = np.arange(65536, dtype="uint16").reshape(256, 256)
    Image.fromarray(values).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read(tmp_path, channels=1).images[0, ..., 0], np.rint(values / 257))
