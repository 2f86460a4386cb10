"""`load` with digits and arrays, and its argument checks."""

import numpy as np
import pytest
from data_tools import grey

from keras_gan_zoo.data import digits, load


def test_digits_by_default():
    dataset = load("digits")
    assert len(dataset.images) == 10_000
    assert dataset.image_shape == (28, 28, 1)
    assert dataset.batch_size == 64
    assert dataset.class_names == tuple("0123456789")
    assert len(dataset[0]) == 1
    np.testing.assert_array_equal(dataset.images[:50], digits(50)[0])
    np.testing.assert_array_equal(dataset.labels[:50], digits(50)[1])


def test_digits_splits_differ_but_not_by_the_seed_of_the_order():
    one, other = (load("digits", samples=64, seed=seed) for seed in (0, 1))
    np.testing.assert_array_equal(one.images, other.images)
    assert not np.array_equal(one[0][0], other[0][0])
    test = load("digits", samples=64, split="test")
    assert not np.array_equal(one.images, test.images)


def test_digits_of_any_shape():
    dataset = load("digits", (16, 24), 5, channels=3, samples=12, labels=True)
    assert dataset.images.shape == (12, 16, 24, 3)
    assert dataset.num_classes == 10
    images, labels = dataset[1]
    assert images.shape == (5, 16, 24, 3)
    assert labels.shape == (5,)


def test_array():
    images = grey(9)
    dataset = load(images, batch_size=3, shuffle=False)
    assert np.shares_memory(dataset.images, images)
    np.testing.assert_array_equal(dataset.images[..., 0], images)


def test_array_of_samples_is_spread():
    images = np.arange(10, dtype="uint8")[:, None, None] * np.ones((1, 8, 8), "uint8")
    dataset = load(images, batch_size=2, samples=4)
    assert dataset.images[:, 0, 0, 0].tolist() == [0, 2, 5, 7]
    with pytest.warns(UserWarning, match=r"`samples` exceeds.*samples=99, with 10 images") as caught:
        assert len(load(images, batch_size=2, samples=99).images) == 10
    assert [len(caught), caught[0].filename] == [1, __file__]


def test_array_is_resized_and_converted():
    colour = np.zeros((2, 16, 16, 3), "uint8")
    colour[0] = (255, 0, 0)
    dataset = load(colour, (4, 8), 1, channels=1)
    assert dataset.images.shape == (2, 4, 8, 1)
    assert (dataset.images[0] == 76).all()
    np.testing.assert_array_equal(load(grey(2), batch_size=1, channels=3).images[..., 1], grey(2))


def test_float_array_is_resized_and_converted():
    images = np.full((2, 16, 16, 3), -1.0)
    images[0] = (1.0, -1.0, -1.0)
    dataset = load(images, 8, 1, channels=1)
    assert dataset.images.dtype == np.float32
    np.testing.assert_allclose(dataset.images[0], 2 * 0.299 - 1, atol=1e-6)
    steps = np.where(np.arange(16) < 8, -1.0, 1.0) * np.ones((1, 16, 1))
    resized = load(steps, 12, 1).images
    assert resized.min() == -1.0
    assert resized.max() == 1.0


def test_float_array_that_looks_like_0_to_1():
    with pytest.warns(UserWarning, match=r"as if they were in \[0, 1\]") as caught:
        load(grey(2) / 255.0, batch_size=1)
    assert caught[0].filename == __file__


def test_unknown_sources(tmp_path):
    with pytest.raises(ValueError, match=r'"digits", "mnist".*nothing/here. \(no such path'):
        load("nothing/here")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(ValueError, match=r"a\.txt' \(is a file, but no \.npz"):
        load(tmp_path / "a.txt")
    with pytest.raises(ValueError, match="neither a string, a path nor a numpy array"):
        load([1, 2])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "`batch_size` must be a positive integer. Received: batch_size=0"),
        ({"image_size": 0}, "`image_size` must be a positive integer, a pair"),
        ({"image_size": (8, 8, 3)}, r"Received: image_size=\(8, 8, 3\)"),
        ({"image_size": 8.0}, "Received: image_size=8.0"),
        ({"channels": 2}, "`channels` must be 1, 3 or None. Received: channels=2"),
        ({"samples": -5}, "`samples` must be a positive integer. Received: samples=-5"),
        ({"split": "val"}, r"`split` must be one of \['train', 'test'\] for \"digits\""),
        ({"split": ""}, "`split` must be one of"),
        ({"samples": 10, "batch_size": 64}, "batch_size=64 with 10 images"),
        ({"seed": "a"}, "`seed` must be an integer of 0 or more"),
    ],
)
def test_malformed_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        load("digits", **{"samples": 64, **arguments})


def test_labels_that_do_not_exist():
    with pytest.raises(ValueError, match=r"an array of shape \(4, 8, 8\).*ImageDataset\(images"):
        load(grey(4), batch_size=1, labels=True)
