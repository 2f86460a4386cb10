"""`load` with .npz files."""

import zipfile

import numpy as np
import pytest
from data_tools import grey

from keras_gan_zoo.data import load
from keras_gan_zoo.utils import machine


def test_npz_splits(npz):
    path = npz(x_train=grey(6), y_train=np.arange(6), x_test=grey(4, seed=1), y_test=[[0], [1]] * 2)
    train = load(path, batch_size=2, labels=True)
    np.testing.assert_array_equal(train.images[..., 0], grey(6))
    assert train.labels.tolist() == list(range(6))
    test = load(str(path), batch_size=2, split="test", labels=True)
    np.testing.assert_array_equal(test.images[..., 0], grey(4, seed=1))
    assert test.labels.tolist() == [0, 1, 0, 1]


def test_npz_with_a_member_that_is_no_array(npz):
    path = npz(x_train=grey(6))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("y_train.npy", "no array")
    with pytest.raises(ValueError, match=r"intact .npz file of plain arrays.*files that are no arrays"):
        load(path, batch_size=2)


def test_npz_larger_than_memory(npz, monkeypatch):
    path = npz(x_train=grey(6), y_train=np.arange(6))
    monkeypatch.setattr(machine, "memory", lambda: 400 / machine.GIGABYTE)
    with pytest.raises(ValueError, match=r"intact .npz.*MemoryError: it takes 6.41e-07 GB of the 3.73"):
        load(path, batch_size=2)


def test_npz_samples_know_all_classes(npz):
    dataset = load(npz(x_train=grey(6), y_train=np.arange(6)), batch_size=1, samples=2, labels=True)
    assert dataset.labels.tolist() == [0, 3]
    assert dataset.num_classes == 6


def test_npz_with_one_image_array(npz):
    dataset = load(npz(pictures=grey(4), kind=[0, 1, 0, 1], note=[1.5]), batch_size=2, labels=True)
    np.testing.assert_array_equal(dataset.images[..., 0], grey(4))
    assert dataset.labels.tolist() == [0, 1, 0, 1]


def test_npz_labels_of_another_kind(npz):
    path = npz(x_train=grey(4), y_train=np.linspace(0, 1, 4))
    assert load(path, batch_size=2).labels is None
    with pytest.raises(ValueError, match=r"without labels.*'y_train' of integers from 0 on"):
        load(path, batch_size=2, labels=True)


@pytest.mark.parametrize(
    ("arrays", "key"),
    [
        ({"x_train": grey(4), "y_train": [-3, 0, 6, 1]}, "y_train"),
        ({"pictures": grey(4), "kind": [[-3], [0], [6], [1]]}, "kind"),
    ],
)
def test_npz_with_negative_labels(npz, arrays, key):
    path = npz(**arrays)
    dataset = load(path, batch_size=2)
    assert dataset.labels is None
    assert dataset.label_error == f"{key!r} has values from -3 to 6"
    message = rf"integers in 0\.\.num_classes-1.*data\.npz', where '{key}' has values from -3 to 6\."
    with pytest.raises(ValueError, match=message):
        load(path, batch_size=2, labels=True)


@pytest.mark.parametrize(
    ("keys", "split", "message"),
    [
        (("a", "b"), "train", r"'x_train'.*with the keys a \(4, 8, 8\), b \(4, 8, 8\)"),
        (("x_train",), "test", r"'x_test'.*split='test', with the keys x_train"),
        (("x_test",), "train", "with the keys x_test"),
        (("a",), "test", "'x_test'"),
        ((), "train", r"with the keys \(none\)"),
    ],
)
def test_npz_with_unclear_keys(npz, keys, split, message):
    path = npz(**{key: grey(4) for key in keys})
    with pytest.raises(ValueError, match=message):
        load(path, batch_size=1, split=split)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04broken"])
def test_broken_npz(tmp_path, content):
    (tmp_path / "data.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"must be an intact .npz.*data\.npz"):
        load(tmp_path / "data.npz")


def test_npz_of_objects(npz):
    with pytest.raises(ValueError, match="plain arrays"):
        load(npz(x_train=np.array([None, "a"], dtype=object)))


def test_real_npz_files(shared_data):
    nebulae = load(shared_data / "nebula_64.npz")
    assert nebulae.images.shape == (1623, 64, 64, 3)
    cifar = load(shared_data / "cifar10.npz", labels=True, split="test", samples=500)
    assert cifar.images.shape == (500, 32, 32, 3)
    assert cifar.num_classes == 10
    with pytest.raises(ValueError, match=r"trainA .*testB"):
        load(shared_data / "apple2banana_64.npz")
