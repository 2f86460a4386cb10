import keras
import numpy as np
import pytest
from PIL import Image
from tools import fit, tiny

from keras_gan_zoo import data
from keras_gan_zoo.data import PairDataset, input_transforms, paired, unpaired
from keras_gan_zoo.data.jitter import enlarged_size


def save(path, value=100, size=(8, 8), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode == "L" else (value,) * 3).save(path)


def folders(tmp_path, names, size=(8, 8)):
    """Two folders: input k is of the value k + 1, its target 100 more."""
    for k, name in enumerate(names):
        save(tmp_path / "in" / name, k + 1, size)
        save(tmp_path / "out" / name, k + 101, size)
    return tmp_path / "in", tmp_path / "out"


def numbered(count, first=0, channels=1):
    """Images of which number i is filled with the value first + i."""
    values = np.arange(first, first + count, dtype="uint8")[:, None, None, None]
    return np.broadcast_to(values, (count, 6, 8, channels)).copy()


def noise(count, seed=0, shape=(16, 16, 3)):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype="uint8")


def values(images):
    """The values 0..255 of the first pixels."""
    if images.dtype != np.uint8:
        images = np.rint((images + 1) * 127.5).astype(int)
    return images[:, 0, 0, 0].tolist()


def batches(dataset):
    return [tuple(values(half) for half in batch) for batch in dataset]


def joined(dataset, half):
    return [value for batch in batches(dataset) for value in batch[half]]


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


# Arrays and .npz files ----------------------------------------------------------------------------


def test_arrays():
    inputs, targets = numbered(5), numbered(5, 100, channels=3)
    dataset = paired(inputs[..., 0], targets, batch_size=2)
    assert (dataset.input_shape, dataset.target_shape) == ((6, 8, 1), (6, 8, 3))
    assert np.shares_memory(dataset.inputs, inputs)
    assert (len(dataset), dataset.num_batches, dataset.batch_size) == (2, 2, 2)
    for batch, answer in batches(dataset):
        assert answer == [value + 100 for value in batch]
    assert [half.dtype for half in dataset[0]] == [np.float32] * 2
    assert repr(dataset) == "<PairDataset of 5 pairs (6, 8, 1) to (6, 8, 3), 2 batches of 2>"


def test_arrays_are_resized_converted_and_thinned():
    dataset = paired(numbered(6), noise(6), image_size=4, channels=(3, 1), samples=3)
    assert dataset.inputs.shape == (3, 4, 4, 3)
    assert dataset.targets.shape == (3, 4, 4, 1)
    assert values(dataset.inputs) == [0, 2, 4]
    whole = paired(noise(6), noise(6), image_size=4, channels=1)
    np.testing.assert_array_equal(dataset.targets, whole.targets[::2])


def test_float_arrays_stay_as_they_are():
    inputs = np.linspace(-1, 1, 96, dtype="float32").reshape(2, 6, 8, 1)
    dataset = paired(inputs, numbered(2), shuffle=False)
    np.testing.assert_array_equal(dataset[1][0], inputs[1:])
    np.testing.assert_array_equal(dataset.arrays()[0], inputs)


def test_arrays_for_evaluation():
    inputs, targets = noise(3), noise(3, seed=1)
    for found, images in zip(
        paired(inputs, targets, jitter=True, flip=True).arrays(), (inputs, targets), strict=True
    ):
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, images / 127.5 - 1, atol=1e-6)
    a, b = unpaired(inputs, targets[:2], flip=True).arrays()
    assert (len(a), len(b)) == (3, 2)


@pytest.mark.parametrize("samples", [None, 2])
def test_arrays_of_different_lengths(samples):
    with pytest.raises(ValueError, match=r"5 inputs and 4 targets.*`unpaired`"):
        paired(numbered(5), numbered(4), samples=samples)


@pytest.fixture
def npz(tmp_path):
    def write(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return write


def test_npz_of_pairs(npz):
    train = {"input_train": numbered(3), "target_train": numbered(3, 100)}
    path = npz(**train, input_val=numbered(1, 50), target_val=numbered(1, 150))
    assert values(paired(path).targets) == [100, 101, 102]
    assert batches(paired(str(path), split="val")) == [([50], [150])]
    assert batches(paired(path, split="val", direction="b_to_a")) == [([150], [50])]
    with pytest.raises(ValueError, match=r"'input_test' and 'target_test'.*input_val \(1, 6, 8, 1\)"):
        paired(path, split="test")


def test_npz_of_two_domains(npz):
    path = npz(trainA=numbered(3), trainB=numbered(4, 100), testA=numbered(1), testB=numbered(2, 9))
    dataset = unpaired(path)
    assert (values(dataset.inputs), len(dataset.targets)) == ([0, 1, 2], 4)
    assert values(unpaired(path, split="test").targets) == [9, 10]
    with pytest.raises(ValueError, match=r"`a` must be a file.*'valA' and 'valB'.*trainA \(3,"):
        unpaired(path, split="val")
    with pytest.raises(ValueError, match=r"`inputs` must be a file with the arrays 'input_train'"):
        paired(path)


def test_broken_npz(tmp_path):
    (tmp_path / "data.npz").write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"`inputs` must be an intact .npz.*inputs='"):
        paired(tmp_path / "data.npz")


# Computed inputs --------------------------------------------------------------------------------------


def test_grey_to_colour(tmp_path):
    Image.new("RGB", (8, 8), (255, 0, 0)).save(tmp_path / "a.png")
    dataset = paired(tmp_path, make="grey")
    assert dataset.input_shape == (8, 8, 1)
    assert dataset.inputs[0, 0, 0].tolist() == [76]
    assert dataset.targets[0, 0, 0].tolist() == [255, 0, 0]
    assert paired(tmp_path, make="grey", channels=3).inputs[0, 0, 0].tolist() == [76] * 3
    with pytest.raises(ValueError, match=r"`make` must not be 'grey'.*\(28, 28, 1\)"):
        paired("digits", make="grey", samples=2)


def test_edges_are_dark_on_white():
    pictures = np.zeros((2, 8, 10, 3), "uint8")
    pictures[0, :, 5:] = 255
    pictures[1, 4:] = 40
    dataset = paired(pictures, make="edges")
    assert dataset.inputs.shape == (2, 8, 10, 1)
    upright = np.full((8, 10), 255)
    upright[:, 4:6] = 0
    np.testing.assert_array_equal(dataset.inputs[0, ..., 0], upright)
    lying = np.full((8, 10), 255)
    lying[3:5] = 255 - 4 * 40 // 2
    np.testing.assert_array_equal(dataset.inputs[1, ..., 0], lying)
    np.testing.assert_array_equal(dataset.targets, pictures)


def test_edges_of_floats_are_those_of_bytes():
    pictures = noise(2)
    lines = input_transforms.edges(pictures).astype(int)
    from_floats = input_transforms.edges((pictures / 127.5 - 1).astype("float32"))
    assert np.abs(from_floats - lines).max() <= 3  # the luma of bytes is rounded
    assert lines.std() > 20


def test_make_by_a_function():
    pictures = noise(3)
    dataset = paired(pictures, make=lambda images: images[:, :, ::-1, :1])
    np.testing.assert_array_equal(dataset.inputs, pictures[:, :, ::-1, :1])
    with pytest.raises(ValueError, match=r"returns an image for each.*\(2, 16, 16, 3\)"):
        paired(pictures, make=lambda images: images[:2])
    with pytest.raises(ValueError, match=r"`make` must be uint8.*int64"):
        paired(pictures, make=lambda images: images.astype("int64"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"make": "sketch"}, "`make` must be one of 'grey', 'edges', a function.*make='sketch'"),
        ({"make": "edges", "targets": noise(2)}, r"`targets` must be None with `make`"),
        (
            {"inputs": "nothing/here", "make": "edges"},
            r"Argument `inputs` must be one of.*no such path",
        ),
        ({"inputs": "nothing/here"}, r"without `targets`, be a folder.*inputs='nothing/here'.*`make`"),
        ({"targets": "nothing/here"}, r"Argument `targets` must be one of.*targets='nothing/here'"),
        ({"targets": np.zeros((2, 8))}, r"Argument `targets` must have shape"),
        ({"targets": noise(2)[:0]}, r"Argument `targets` must hold at least one image"),
        ({"targets": noise(2), "direction": "ab"}, "`direction` must be one of 'a_to_b', 'b_to_a'"),
        ({"targets": noise(2), "split": "val"}, r"`split` must be one of \['train'\] for an array"),
        ({"targets": noise(2), "batch_size": 0}, "`batch_size` must be a positive integer"),
        ({"targets": noise(2), "batch_size": 3}, "batch_size=3 with 2 images. Pass batch_size=2"),
        ({"targets": noise(2), "channels": (1, 2)}, "`channels` must be 1, 3 or None.*channels=2"),
        ({"targets": noise(2), "channels": (1, 3, 3)}, r"channels=\(1, 3, 3\)"),
        ({"targets": noise(2), "image_size": -1}, "`image_size` must be a positive integer"),
        ({"targets": noise(2), "samples": 0}, "`samples` must be a positive integer"),
        ({"targets": noise(2), "seed": -1}, "`seed` must be an integer of 0 or more"),
        ({"targets": noise(2), "jitter": 0.9}, "`jitter` must be True, False or a number of 1 or"),
        ({"targets": noise(2), "jitter": "yes"}, "jitter='yes'. Pass True"),
    ],
)
def test_malformed_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        paired(**{"inputs": noise(2), **arguments})


# Jitter and flips ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["uint8", "float32"])
@pytest.mark.parametrize("arguments", [{"jitter": True}, {"flip": True}, {"jitter": 1.5, "flip": True}])
def test_both_halves_of_a_pair_move_alike(arguments, kind):
    images = noise(6)
    images = images if kind == "uint8" else (images / 127.5 - 1).astype("float32")
    dataset = paired(images, images, batch_size=3, shuffle=False, **arguments)
    moved = 0
    for epoch in range(3):
        dataset.epoch = epoch
        for index, (one, other) in enumerate(dataset):
            np.testing.assert_array_equal(one, other)
            moved += (one != dataset.arrays()[0][3 * index : 3 * index + 3]).any(axis=(1, 2, 3)).sum()
    assert 0 < moved <= 18


def test_unpaired_images_move_on_their_own():
    images = np.repeat(noise(1), 40, axis=0)
    dataset = unpaired(images, images, batch_size=40, flip=True)
    mirrored = [(half[:, :, ::-1] == dataset.arrays()[0]).all(axis=(1, 2, 3)) for half in dataset[0]]
    assert [10 < flips.sum() < 30 for flips in mirrored] == [True, True]
    assert (mirrored[0] != mirrored[1]).sum() > 10


def test_flips_are_mirror_images_of_every_other_one():
    images = noise(64)
    (batch, _), still = (
        paired(images, images, batch_size=64, shuffle=False, flip=True)[0],
        images / 127.5 - 1,
    )
    same = (np.abs(batch - still) < 1e-6).all(axis=(1, 2, 3))
    mirrored = (np.abs(batch - still[:, :, ::-1]) < 1e-6).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 16 < mirrored.sum() < 48


@pytest.mark.parametrize("jitter", [True, 1.5])
def test_jitter_is_a_crop_of_the_enlarged_image(jitter):
    images = noise(30, shape=(32, 24, 3)) // 2 + 64
    dataset = paired(images, images, batch_size=30, shuffle=False, jitter=jitter)
    factor = 286 / 256 if jitter is True else jitter
    height, width = round(32 * factor), round(24 * factor)
    assert enlarged_size((32, 24, 3), dataset.jitter) == (height, width)
    corners = set()
    for image, crop in zip(images, np.rint((dataset[0][0] + 1) * 127.5), strict=True):
        large = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))
        errors = {
            (top, left): np.abs(large[top : top + 32, left : left + 24] - crop).max()
            for top in range(height - 31)
            for left in range(width - 23)
        }
        corner = min(errors, key=errors.get)
        assert errors[corner] <= 2
        corners.add(corner)
    assert len({top for top, _ in corners}) > 2
    assert len({left for _, left in corners}) > 2


def test_jitter_reaches_every_corner():
    images = noise(1, shape=(16, 16, 1)).repeat(400, 0)
    (batch, _) = paired(images, images, batch_size=400, jitter=1.125)[0]
    assert (
        len(np.unique(batch.reshape(400, -1), axis=0)) == 9
    )  # 18 pixels: 0, 1 or 2 to the left and up


def test_without_jitter_images_are_as_they_are():
    images = noise(4)
    (batch, _) = paired(images, images, batch_size=4, shuffle=False)[0]
    np.testing.assert_allclose(batch, images / 127.5 - 1, atol=1e-6)


# Order --------------------------------------------------------------------------------------------

SPECS = {
    "paired": lambda **arguments: paired(noise(6), noise(6, seed=1), **arguments),
    "unpaired": lambda **arguments: unpaired(noise(6), noise(4, seed=1), **arguments),
}


def served(dataset):
    return [np.stack([half for batch in dataset for half in batch[side]]) for side in (0, 1)]


@pytest.mark.parametrize("kind", SPECS)
def test_seed_and_epoch_decide_all(kind):
    def new(seed=3):
        return SPECS[kind](batch_size=2, jitter=True, flip=True, seed=seed)

    dataset, epochs = new(), []
    for _ in range(3):
        epochs.append(served(dataset))
        dataset.on_epoch_end()
    assert dataset.epoch == 3
    resumed = new()
    resumed.epoch = 2
    last = resumed[2]  # batches can be asked for in any order
    np.testing.assert_array_equal(served(resumed), epochs[2])
    np.testing.assert_array_equal(last[0], epochs[2][0][-2:])
    assert not np.array_equal(epochs[1], epochs[2])
    assert not np.array_equal(served(new(seed=4)), epochs[0])


def test_jitter_differs_between_epochs_and_batches():
    images = np.repeat(noise(1), 8, axis=0)
    dataset = paired(images, images, shuffle=False, jitter=1.5)
    first = served(dataset)[0]
    assert len(np.unique(first.reshape(8, -1), axis=0)) > 4
    dataset.epoch = 1
    assert not np.array_equal(first, served(dataset)[0])


def test_pairs_come_in_the_order_of_an_image_dataset():
    dataset = paired(numbered(10), numbered(10, 100), batch_size=4, seed=3)
    dataset.epoch = 5
    other = data.ImageDataset(numbered(10), batch_size=4, seed=3)
    other.epoch = 5
    assert [batch for batch, _ in batches(dataset)] == [values(batch) for (batch,) in other]


@pytest.mark.parametrize(("few", "many"), [(3, 8), (5, 6), (1, 4)])
@pytest.mark.parametrize("turned", [False, True])
def test_an_unpaired_epoch_shows_all(few, many, turned):
    sets = numbered(few), numbered(many, 100)
    dataset = unpaired(*(sets[::-1] if turned else sets))
    assert len(dataset) == many
    for epoch in range(3):
        dataset.epoch = epoch
        assert sorted(joined(dataset, 1 - turned)) == list(range(100, 100 + many))
        counts = np.bincount(joined(dataset, int(turned)), minlength=few)
        assert counts.min() >= many // few
        assert counts.max() <= -(-many // few)


@pytest.mark.parametrize("counts", [(6, 6), (4, 7)])
def test_unpaired_images_meet_others_in_each_epoch(counts):
    dataset = unpaired(numbered(counts[0]), numbered(counts[1], 100))
    epochs = []
    for epoch in range(4):
        dataset.epoch = epoch
        epochs.append({(a, b) for (a,), (b,) in batches(dataset)})
    assert all(len(one & other) < 6 for one in epochs for other in epochs if one is not other)
    assert len(set.union(*epochs)) > 12


def test_the_order_without_shuffle():
    dataset = unpaired(numbered(2), numbered(5, 100), batch_size=2, shuffle=False)
    assert batches(dataset) == [([0, 1], [100, 101]), ([0, 1], [102, 103])]
    dataset = paired(numbered(2), numbered(2, 100), shuffle=False)
    assert batches(dataset) == [([0], [100]), ([1], [101])]
    with pytest.raises(IndexError, match="Batch 2 of a dataset of 2"):
        dataset[2]


# Unpaired sources ---------------------------------------------------------------------------------


def test_unpaired_folders(tmp_path):
    for k in range(4):
        save(tmp_path / "trainA" / f"{k}.png", k)
    for k in range(2):
        save(tmp_path / "trainB" / f"other{k}.png", 100 + k, size=(9, 9))
    (tmp_path / "trainA" / "bad.png").write_bytes(b"x")
    with pytest.warns(UserWarning, match=r"Skipped 1 of 5.*bad\.png"):
        dataset = unpaired(tmp_path, image_size=8, channels=(1, 3))
    assert (dataset.input_shape, dataset.target_shape) == ((8, 8, 1), (8, 8, 3))
    assert (values(dataset.inputs), values(dataset.targets)) == ([0, 1, 2, 3], [100, 101])
    assert len(dataset) == 4
    (tmp_path / "trainA" / "bad.png").unlink()
    explicit = unpaired(tmp_path / "trainA", tmp_path / "trainB", image_size=8, samples=2)
    assert values(explicit.inputs) == [0, 2]
    assert (
        repr(explicit)
        == "<PairDataset of 2 and 2 unpaired images (8, 8, 3) to (8, 8, 3), 2 batches of 1>"
    )
    with pytest.raises(ValueError, match=r"sub-folders of these names.*Pass `b`, or another `split`"):
        unpaired(tmp_path, split="test")
    with pytest.raises(ValueError, match=r"one height and width.*\(8, 8\) and \(9, 9\)"):
        unpaired(tmp_path)


def test_unpaired_with_an_empty_domain(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"No images in the folder. Received: b='.*empty'"):
        unpaired(noise(2), tmp_path / "empty")
    with pytest.raises(ValueError, match=r"`a` must hold at least one image"):
        unpaired(noise(0), noise(2))


def test_unpaired_takes_what_load_takes():
    with pytest.warns(UserWarning, match="images in `b`. Received: samples=5, with 3 images"):
        dataset = unpaired("digits", noise(3), image_size=16, channels=3, samples=5)
    assert (len(dataset.inputs), dataset.input_shape) == (5, (16, 16, 3))
    with pytest.raises(ValueError, match=r"Argument `a` must, without `b`.*a='digits'"):
        unpaired("digits")
    with pytest.raises(ValueError, match=r"`split` must be a name.*split=None"):
        unpaired("digits", split=None)


# fit ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SPECS)
def test_keras_fit(kind):
    dataset = SPECS[kind](batch_size=3, jitter=True, flip=True)
    model = keras.Sequential([keras.Input(dataset.input_shape), keras.layers.Conv2D(3, 1)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    history = model.fit(dataset, epochs=2, verbose=0).history["loss"]
    assert np.isfinite(history).all()
    assert len(history) == 2
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_fit_learns_what_belongs_together():
    inputs = noise(60, shape=(4, 4, 1))
    dataset = paired(inputs, 255 - inputs, batch_size=10, flip=True, jitter=True)
    model = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(1, 1)])
    model.compile(keras.optimizers.SGD(0.3), "mse")
    history = model.fit(dataset, epochs=8, verbose=0).history["loss"]
    assert history[-1] < 1e-3 < history[0]


class Watch(keras.callbacks.Callback):
    """Notes the epoch that the dataset serves."""

    def __init__(self, dataset):
        super().__init__()
        self.dataset, self.seen = dataset, []

    def on_train_batch_end(self, batch, logs=None):
        self.seen.append(self.dataset.epoch)


def test_fit_of_our_models_sets_the_epoch():
    dataset = paired(noise(16, shape=(8, 8, 1)), noise(16, shape=(8, 8, 1)), batch_size=8)
    model = tiny("GAN")
    model.compile()
    for epochs in ([0, 1], [2]):
        watch = Watch(dataset)
        dataset.epoch = 99
        fit(model, dataset, epochs=len(epochs), shuffle=True, callbacks=[watch])
        assert watch.seen == [epoch for epoch in epochs for _ in range(2)]


# Real images --------------------------------------------------------------------------------------


def test_real_pairs(shared_data):
    dataset = paired(shared_data / "facades_64.npz", batch_size=4, jitter=True, flip=True)
    assert dataset.inputs.shape == dataset.targets.shape == (400, 64, 64, 3)
    assert len(paired(shared_data / "facades_64.npz", split="val").inputs) == 100
    inputs, targets = dataset[0]
    assert inputs.shape == targets.shape == (4, 64, 64, 3)
    assert -1 <= inputs.min() < -0.5
    assert 0.5 < targets.max() <= 1
    apples = unpaired(shared_data / "apple2lemon_64.npz", image_size=32)
    assert (len(apples.inputs), len(apples.targets), len(apples)) == (492, 490, 492)
    assert len(unpaired(shared_data / "apple2lemon_64.npz", split="test")) == 166
    edges = paired(shared_data / "cars_64.npz", make="edges", samples=50)
    assert edges.input_shape == (64, 64, 1)
    assert edges.inputs.mean() > 180  # mostly white


def test_pair_dataset_is_public():
    assert isinstance(paired(noise(2), noise(2)), PairDataset)
    assert data.PairDataset is PairDataset
