"""`paired` with pictures in files: in two folders, or side by side."""

import numpy as np
import pytest
from data_tools import batches, folders, noise, numbered, save, values
from PIL import Image

from keras_gan_zoo.data import paired

# Folders ------------------------------------------------------------------------------------------


def test_folders_are_matched_by_name(tmp_path):
    sources = folders(tmp_path, ["b.png", "deep/a.png", "c.v2.png"])
    for old, new in (("b.png", "b.bmp"), ("c.v2.png", "c.v2.tif")):
        (tmp_path / "out" / old).rename(tmp_path / "out" / new)
    dataset = paired(*map(str, sources))
    assert sorted(zip(values(dataset.inputs), values(dataset.targets), strict=True)) == [
        (1, 101),
        (2, 102),
        (3, 103),
    ]
    assert dataset.input_shape == dataset.target_shape == (8, 8, 3)


def test_pictures_without_a_partner_are_named(tmp_path):
    sources = folders(tmp_path, ["a.png", "b.png", "c.png"])
    (tmp_path / "out" / "b.png").rename(tmp_path / "out" / "x.png")
    with pytest.raises(ValueError, match=r"partner.*`inputs` 1 \('b'\).*`targets` 1 \('x'\).*unpaired"):
        paired(*sources)
    for k in range(9):
        save(tmp_path / "in" / f"more{k}.png")
    with pytest.raises(ValueError, match=r"`inputs` 10 \('b', 'more0',[^)]*'more3', \.\.\.\)"):
        paired(*sources)


@pytest.mark.parametrize("where", ["inputs", "targets"])
def test_one_name_twice_in_a_folder(tmp_path, where):
    sources = folders(tmp_path, ["a.png"])
    save({"inputs": sources[0], "targets": sources[1]}[where] / "a.jpg")
    with pytest.raises(ValueError, match=rf"`{where}` must be.*'a.jpg' and 'a.png'.*Remove one"):
        paired(*sources)


@pytest.mark.parametrize("image_size", [None, 8])
def test_corrupt_pictures_take_their_partners_along(tmp_path, image_size):
    sources = folders(tmp_path, [f"{k}.png" for k in range(6)])
    for path in (sources[0] / "0.png", sources[0] / "3.png", sources[1] / "4.png"):
        path.write_bytes(b"not an image")
    with pytest.warns(UserWarning, match="and their partners") as caught:
        dataset = paired(*sources, image_size=image_size)
    assert values(dataset.inputs) == [2, 3, 6]
    assert values(dataset.targets) == [102, 103, 106]
    assert ["Skipped 2 of 6" in str(caught[0].message), "4.png" in str(caught[1].message)] == [True] * 2
    assert all(warning.filename == __file__ for warning in caught)


def test_no_pair_is_left(tmp_path):
    sources = folders(tmp_path, ["a.png", "b.png"])
    (sources[0] / "a.png").write_bytes(b"x")
    (sources[1] / "b.png").write_bytes(b"x")
    with (
        pytest.warns(UserWarning, match="Skipped 1 of 2"),
        pytest.raises(ValueError, match="No pair is left"),
    ):
        paired(*sources)
    (sources[1] / "a.png").write_bytes(b"x")
    with (
        pytest.warns(UserWarning, match="Skipped 1 of 2"),
        pytest.raises(ValueError, match=r"None of the 2.*targets='.*'a.png' \(UnidentifiedImage"),
    ):
        paired(*sources)


@pytest.mark.parametrize(("empty", "name"), [("in", "inputs"), ("out", "targets")])
def test_an_empty_folder(tmp_path, empty, name):
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
    save(tmp_path / ({"in", "out"} - {empty}).pop() / "a.png")
    with pytest.raises(ValueError, match=f"No images in the folder. Received: {name}='"):
        paired(tmp_path / "in", tmp_path / "out")


def test_mixed_modes_and_sizes(tmp_path):
    Image.new("RGBA", (9, 20), (200, 100, 50, 128)).save(save_in(tmp_path / "in") / "alpha.png")
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    palette.save(tmp_path / "in" / "palette.png")
    Image.fromarray(np.full((8, 30), 257 * 100, "uint16")).save(tmp_path / "in" / "wide.png")
    for k, name in enumerate(("alpha", "palette", "wide")):
        save(tmp_path / "out" / f"{name}.jpg", 10 * k, size=(50 + k, 40), mode="L")
    with pytest.warns(UserWarning, match="^1 of 3 pictures have transparent pixels"):
        dataset = paired(tmp_path / "in", tmp_path / "out", image_size=(4, 6), channels=(3, 1))
    assert dataset.input_shape == (4, 6, 3)
    assert dataset.target_shape == (4, 6, 1)
    assert dataset.inputs[:, 0, 0].tolist() == [[100, 50, 25], [10, 200, 30], [100] * 3]
    assert values(dataset.targets) == [0, 10, 20]


def save_in(folder):
    folder.mkdir()
    return folder


def test_both_halves_are_turned_upright(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to see it upright
    pixels = np.zeros((8, 12, 3), "uint8")
    pixels[:, :6] = 255
    Image.fromarray(pixels).save(save_in(tmp_path / "in") / "a.png", exif=exif)
    upright = Image.fromarray(pixels).transpose(Image.Transpose.ROTATE_270)
    upright.save(save_in(tmp_path / "out") / "a.png")
    dataset = paired(tmp_path / "in", tmp_path / "out")
    assert dataset.input_shape == (12, 8, 3)
    np.testing.assert_array_equal(dataset.inputs, dataset.targets)


def test_sizes_that_differ_need_image_size(tmp_path):
    sources = folders(tmp_path, ["a.png", "b.png"])
    save(sources[1] / "b.png", size=(8, 9))
    with pytest.raises(ValueError, match=r"`image_size` must be given.*'b.png', \(9, 8\)"):
        paired(*sources)
    save(sources[1] / "a.png", size=(8, 9))
    with pytest.raises(ValueError, match=r"one height and width.*\(8, 8\) and \(9, 8\).*image_size"):
        paired(*sources)


def test_samples_are_pairs(tmp_path):
    dataset = paired(*folders(tmp_path, [f"{k}.png" for k in range(6)]), samples=3)
    assert values(dataset.inputs) == [1, 3, 5]
    assert values(dataset.targets) == [101, 103, 105]


def test_more_samples_than_pairs(tmp_path):
    pairs = numbered(3), numbered(3, 100)
    sources = [folders(tmp_path, [f"{k}.png" for k in range(3)]), pairs, [np.concatenate(pairs, 2)]]
    for source in sources:
        with pytest.warns(UserWarning, match=r"number of pairs.*samples=9, with 3 pairs") as caught:
            assert len(paired(*source, samples=9)) == 3
        assert [len(caught), caught[0].filename] == [1, __file__]


def test_a_folder_with_a_source_of_another_kind(tmp_path):
    save(tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"both be folders.*targets=an array of shape \(1, 6, 8, 1\)"):
        paired(tmp_path, numbered(1))


def test_sub_folders_for_splits(tmp_path):
    for split, value in (("train", 10), ("val", 20)):
        save(tmp_path / "in" / split / "a.png", value)
        save(tmp_path / "out" / split / "a.png", value + 1)
    sources = tmp_path / "in", tmp_path / "out"
    assert batches(paired(*sources)) == [([10], [11])]
    assert batches(paired(*sources, split="val")) == [([20], [21])]
    with pytest.raises(ValueError, match=r"`split` must be one of \['train', 'val'\].*split='test'"):
        paired(*sources, split="test")
    with pytest.raises(ValueError, match=r"`split` must be 'train', as the folder has no sub-folders"):
        paired(sources[0] / "val", sources[1] / "val", split="val")
    with pytest.raises(ValueError, match=r"`split` must be a name\. Received: split=None"):
        paired(*sources, split=None)


# Side by side -------------------------------------------------------------------------------------


def side_by_side(path, left, right, size=(8, 8)):
    picture = np.zeros((size[1], 2 * size[0], 3), "uint8")
    picture[:, : size[0]] = left
    picture[:, size[0] :] = right
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def test_side_by_side(tmp_path):
    side_by_side(tmp_path / "a.png", (255, 0, 0), 200)
    side_by_side(tmp_path / "b.png", 20, 220)
    dataset = paired(tmp_path, channels=(1, 3))
    assert dataset.input_shape == (8, 8, 1)
    assert dataset.target_shape == (8, 8, 3)
    assert values(dataset.inputs) == [76, 20]
    assert values(dataset.targets) == [200, 220]
    turned = paired(tmp_path, direction="b_to_a", channels=(3, 1))
    assert turned.inputs.shape == (2, 8, 8, 3)
    assert values(turned.inputs) == [200, 220]
    assert values(turned.targets) == [76, 20]


def test_halves_are_cut_before_they_are_resized(tmp_path):
    side_by_side(tmp_path / "a.png", 0, 255, size=(30, 40))
    dataset = paired(tmp_path, image_size=(8, 6))
    assert dataset.input_shape == (8, 6, 3)
    assert (dataset.inputs == 0).all()
    assert (dataset.targets == 255).all()


def test_side_by_side_and_turned(tmp_path):
    pixels = np.zeros((8, 16, 3), "uint8")
    pixels[:, 8:] = 255
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = Image.fromarray(pixels).transpose(Image.Transpose.ROTATE_90)
    lying.save(tmp_path / "a.png", exif=exif)
    assert batches(paired(tmp_path)) == [([0], [255])]


def test_side_by_side_corrupt_and_odd(tmp_path):
    side_by_side(tmp_path / "a.png", 1, 101)
    side_by_side(tmp_path / "c.png", 2, 102)
    (tmp_path / "b.png").write_bytes(b"x")
    save(tmp_path / "d.png", size=(15, 8))
    with pytest.warns(UserWarning, match=r"Skipped 2 of 4.*b\.png.*d\.png.*even width, not 15"):
        dataset = paired(tmp_path)
    assert values(dataset.inputs) == [1, 2]
    assert values(dataset.targets) == [101, 102]


def test_side_by_side_splits_and_samples(tmp_path):
    for k in range(4):
        side_by_side(tmp_path / "test" / f"{k}.png", k, 100 + k)
    dataset = paired(tmp_path, split="test", samples=2)
    assert values(dataset.targets) == [100, 102]
    with pytest.raises(ValueError, match=r"one of \['test'\]. Received: split='train'"):
        paired(tmp_path)


def test_square_pictures_are_hardly_side_by_side(tmp_path):
    save(tmp_path / "a.png")
    with pytest.warns(UserWarning, match=r"as wide as high.*make='edges'") as caught:
        paired(tmp_path)
    assert caught[0].filename == __file__
    with pytest.warns(UserWarning, match="these images are as wide as high"):
        paired(noise(2))


def test_array_side_by_side():
    pictures = noise(4, shape=(8, 16, 3))
    dataset = paired(pictures)
    np.testing.assert_array_equal(dataset.inputs, pictures[:, :, :8])
    np.testing.assert_array_equal(dataset.targets, pictures[:, :, 8:])
    with pytest.raises(ValueError, match=r"even width. Received: shape \(4, 8, 15, 3\)"):
        paired(pictures[:, :, :15])
