"""`paired` and `unpaired` with arrays, .npz files, computed inputs and domains."""

import numpy as np
import pytest
from data_tools import batches, noise, numbered, save, values
from PIL import Image

from keras_gan_zoo.data import input_transforms, paired, unpaired

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
