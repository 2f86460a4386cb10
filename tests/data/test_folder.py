import re
import warnings

import numpy as np
import pytest
from data_tools import save
from PIL import Image

from keras_gan_zoo.data import load
from keras_gan_zoo.data.messages import progress


def read(folder, image_size=None, **kwargs):
    kwargs = {"batch_size": 1, "shuffle": False, **kwargs}
    return load(folder, image_size, **kwargs)


def test_reads_all_depths_in_order_as_rgb(tmp_path):
    save(tmp_path / "b.png", 20)
    save(tmp_path / "a" / "deep" / "c.PNG", 10, mode="L")
    save(tmp_path / ".hidden" / "d.png", 30)
    save(tmp_path / "._b.png", 40)
    (tmp_path / "notes.txt").write_text("no image")
    dataset = read(str(tmp_path))
    assert dataset.image_shape == (8, 8, 3)
    assert dataset.images[:, 0, 0].tolist() == [[10] * 3, [20] * 3]
    assert dataset.labels is None


def test_grey_on_request(tmp_path):
    Image.new("RGB", (8, 8), (255, 0, 0)).save(tmp_path / "a.png")
    dataset = read(tmp_path, channels=1)
    assert dataset.image_shape == (8, 8, 1)
    assert dataset.images[0, 0, 0].tolist() == [76]


def test_sub_folders_are_the_classes(tmp_path):
    for name, values in (("dog", (1, 2)), ("cat", (3, 4))):
        for value in values:
            save(tmp_path / name / "more" / f"{value}.png", value)
    dataset = read(tmp_path, labels=True)
    assert dataset.class_names == ("cat", "dog")
    assert dataset.num_classes == 2
    assert dataset.images[:, 0, 0, 0].tolist() == [3, 4, 1, 2]
    assert dataset.labels.tolist() == [0, 0, 1, 1]
    assert [batch[1].item() for batch in dataset] == [0, 0, 1, 1]


def test_samples_keep_a_mix_of_classes(tmp_path):
    for name in ("a", "b"):
        for k in range(4):
            save(tmp_path / name / f"{k}.png", 10 * k)
    dataset = read(tmp_path, labels=True, samples=4)
    assert dataset.labels.tolist() == [0, 0, 1, 1]
    assert dataset.images[:, 0, 0, 0].tolist() == [0, 20, 0, 20]


@pytest.mark.parametrize("names", [("one/a.png", "one/b.png"), ("one/a.png", "two/b.png", "c.png")])
def test_no_labels_without_two_full_sub_folders(tmp_path, names):
    for name in names:
        save(tmp_path / name)
    assert read(tmp_path).labels is None
    with pytest.raises(ValueError, match=r"source without labels.*two or more sub-folders"):
        read(tmp_path, labels=True)


def test_resizes_to_height_and_width(tmp_path):
    pixels = np.zeros((40, 40), "uint8")
    pixels[:, 20:] = 255
    Image.fromarray(pixels).save(tmp_path / "a.png")
    save(tmp_path / "b.png", 50, size=(7, 9))
    dataset = read(tmp_path, (4, 6))
    assert dataset.image_shape == (4, 6, 3)
    assert dataset.images[0, 0, :, 0].tolist()[::5] == [0, 255]
    assert (dataset.images[1] == 50).all()


def test_shrinking_is_antialiased(tmp_path):
    checks = (np.indices((64, 64)).sum(0) % 2 * 255).astype("uint8")
    Image.fromarray(checks).save(tmp_path / "a.png")
    assert np.abs(read(tmp_path, 8).images.astype(int) - 127).max() <= 3


def test_large_jpeg(tmp_path):
    ramp = np.linspace(0, 255, 512).astype("uint8")
    Image.fromarray(np.broadcast_to(ramp, (300, 512))).save(tmp_path / "a.jpg", quality=95)
    row = read(tmp_path, 8).images[0, 4, :, 0].astype(int)
    assert np.abs(row - (np.arange(8) + 0.5) * 255 / 8).max() < 4


def test_fast_jpeg_decoding_keeps_detail(tmp_path):
    stripes = (np.arange(128) // 8 % 2 * 255).astype("uint8")
    Image.fromarray(np.broadcast_to(stripes, (128, 128))).save(tmp_path / "a.jpg", quality=95)
    row = read(tmp_path, 64).images[0, 30, :, 0].astype(int)
    assert np.abs(row - stripes[::2]).max() < 30


def test_different_sizes_need_image_size(tmp_path):
    save(tmp_path / "a.png", size=(8, 6))
    save(tmp_path / "b.png", size=(8, 9))
    with pytest.raises(
        ValueError, match=r"`image_size` must be given.*\(6, 8\) and, in 'b.png', \(9, 8\).*Pass"
    ):
        read(tmp_path)


def test_palette(tmp_path):
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 10, 200, 30])
    image.save(tmp_path / "a.png")
    assert (read(tmp_path).images == (10, 200, 30)).all()


TRANSPARENT = r"^4 of 6 pictures have transparent.*over black \(2 fully transparent: all black\)"


def test_alpha_lies_on_black(tmp_path):
    Image.new("RGBA", (8, 8), (200, 100, 50, 0)).save(tmp_path / "a.png")
    Image.new("RGBA", (8, 8), (200, 100, 50, 128)).save(tmp_path / "b.png")
    Image.new("LA", (8, 8), (200, 128)).save(tmp_path / "c.png")
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    palette.save(tmp_path / "d.png", transparency=1)
    save(tmp_path / "e.png", 70)
    Image.new("RGBA", (8, 8), (1, 2, 3, 255)).save(tmp_path / "f.png")  # opaque
    with pytest.warns(UserWarning, match=TRANSPARENT) as caught:
        pixels = read(tmp_path).images[:4, 0, 0].tolist()
    assert [len(caught), caught[0].filename] == [1, __file__]
    assert pixels == [[0, 0, 0], [100, 50, 25], [100] * 3, [0, 0, 0]]


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_grey(tmp_path, suffix):
    values = np.array([[0, 257 * 100], [257 * 200, 65535]], "uint16").repeat(8, 0).repeat(8, 1)
    Image.fromarray(values).save(tmp_path / f"a.{suffix}")
    image = read(tmp_path, channels=1).images[0, ..., 0]
    assert image[::8, ::8].tolist() == [[0, 100], [200, 255]]


@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_exif_rotation(tmp_path, mode):
    pixels = np.zeros((8, 12), "uint16" if mode == "I;16" else "uint8")
    pixels[:, :6] = 65535 if mode == "I;16" else 255
    image = Image.fromarray(pixels) if mode == "I;16" else Image.fromarray(pixels).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    image.save(tmp_path / "a.png", exif=exif)
    upright = read(tmp_path, channels=1).images[0, ..., 0]
    assert upright.shape == (12, 8)
    assert (upright[:6] == 255).all()
    assert (upright[6:] == 0).all()


def test_float_tiff_is_skipped_with_its_reason(tmp_path):
    save(tmp_path / "a.png")
    Image.fromarray(np.full((8, 8), 0.5, "float32")).save(tmp_path / "b.tif")
    with pytest.warns(UserWarning, match=r"Skipped 1 of 2.*b\.tif.*no known range"):
        assert len(read(tmp_path)) == 1


@pytest.mark.parametrize("image_size", [None, 8])
def test_corrupt_files_are_named_and_skipped(tmp_path, image_size):
    for name, value in (("a/2.png", 2), ("b/1.png", 3)):
        save(tmp_path / name, value)
    (tmp_path / "a" / "1.png").write_bytes(b"not an image")
    (tmp_path / "b" / "2.jpg").write_bytes(b"")
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype="uint8")
    Image.fromarray(noise).save(tmp_path / "b" / "3.png")
    (tmp_path / "b" / "3.png").write_bytes((tmp_path / "b" / "3.png").read_bytes()[:150])
    with pytest.warns(UserWarning, match="Skipped 3 of 5 image files") as caught:
        dataset = read(tmp_path, image_size, labels=True)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert all(name in str(caught[0].message) for name in ("1.png", "2.jpg", "3.png"))
    assert dataset.images[:, 0, 0, 0].tolist() == [2, 3]
    assert dataset.labels.tolist() == [0, 1]


def test_long_lists_of_corrupt_files_are_cut(tmp_path):
    save(tmp_path / "a.png")
    for k in range(8):
        (tmp_path / f"bad{k}.png").write_bytes(b"x")
    with pytest.warns(UserWarning, match=r"Skipped 8 of 9.*bad4\.png[^,]*, \.\.\.$"):
        assert len(read(tmp_path)) == 1


@pytest.mark.parametrize("image_size", [None, 8])
def test_all_corrupt(tmp_path, image_size):
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(ValueError, match=f"None of the 1 .*{tmp_path.name}.*'a.png'.*webp"):
        read(tmp_path, image_size)


def test_empty_folder(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ValueError, match=rf"No images in the folder.*{tmp_path.name}.*\.bmp"):
        read(tmp_path)


def test_folders_have_no_splits(tmp_path):
    save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"`split` must be one of \['train'\] for a folder"):
        read(tmp_path, split="test")


def test_progress_speaks_only_when_slow(capsys):
    assert list(progress(range(3), 3, "Reading")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")
    for total, bars in ((2, ("1/2", "2/2")), (None, ("1/Unknown", "2/Unknown"))):
        assert list(progress(range(2), total, "Reading", delay=0.0)) == [0, 1]
        out, err = capsys.readouterr()
        title, *lines = filter(None, re.split(r"[\n\r\b]+", err))
        assert (out, title, len(lines)) == ("", "Reading", 2)
        assert all(bar in line and "/image" in line for bar, line in zip(bars, lines, strict=True))


def test_more_samples_than_pictures(tmp_path):
    for k in range(3):
        save(tmp_path / f"{k}.png", k)
    with pytest.warns(UserWarning, match=r"`samples` exceeds.*samples=1000, with 3 images") as caught:
        assert len(read(tmp_path, samples=1000)) == 3
    assert [len(caught), caught[0].filename] == [1, __file__]


def test_fewer_pictures_than_the_default_batch(tmp_path):
    for k in range(3):
        save(tmp_path / f"{k}.png", k)
    with pytest.warns(UserWarning, match="`batch_size` defaults to 3 instead of 64") as caught:
        dataset = load(tmp_path)
    assert (len(dataset), dataset.batch_size, len(caught)) == (1, 3, 1)
    assert caught[0].filename == __file__
    with pytest.raises(ValueError, match="batch_size=64 with 3 images"):
        load(tmp_path, batch_size=64)


def test_clean_folders_do_not_warn(tmp_path):
    save(tmp_path / "a.png")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(read(tmp_path)) == 1


WIDE = np.repeat(np.array([0, 50, 100, 150, 200, 250, 210, 170], "uint8"), 8)  # of a row, 64 pixels


@pytest.mark.parametrize(
    ("aspect", "rows"),
    [
        ("stretch", [[25, 125, 225, 190]] * 4),
        ("crop", [[100, 150, 200, 250]] * 4),
        ("pad", [[0] * 4, [25, 125, 225, 190], [25, 125, 225, 190], [0] * 4]),
    ],
)
@pytest.mark.parametrize("kind", ["folder", "uint8", "float"])
def test_aspect(tmp_path, aspect, rows, kind):
    pixels = np.broadcast_to(WIDE, (32, 64))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    source = {"folder": tmp_path, "uint8": pixels[None], "float": pixels[None] / 127.5 - 1}[kind]
    image = read(source, 4, channels=1, aspect=aspect).images[0, ..., 0]
    found = (image + 1) * 127.5 if kind == "float" else image.astype(float)
    # Bicubic filters reach over the edges of the stripes.
    np.testing.assert_allclose(found, rows, atol=15)


def test_aspect_needs_a_size_and_a_known_name(tmp_path):
    save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"`image_size` must be given with `aspect`.*'crop'"):
        read(tmp_path, aspect="crop")
    with pytest.raises(ValueError, match=r"`aspect` must be one of.*'squeeze'"):
        read(tmp_path, 4, aspect="squeeze")
