import builtins
import os
import socket
import subprocess
import sys
import types
import urllib.request

import keras
import numpy as np
import pytest
from tools import importable

from keras_gan_zoo.data import digits, load


def grey(count, side=8, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (count, side, side), dtype="uint8")


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


@pytest.fixture
def npz(tmp_path):
    def write(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return write


def test_npz_splits(npz):
    path = npz(x_train=grey(6), y_train=np.arange(6), x_test=grey(4, seed=1), y_test=[[0], [1]] * 2)
    train = load(path, batch_size=2, labels=True)
    np.testing.assert_array_equal(train.images[..., 0], grey(6))
    assert train.labels.tolist() == list(range(6))
    test = load(str(path), batch_size=2, split="test", labels=True)
    np.testing.assert_array_equal(test.images[..., 0], grey(4, seed=1))
    assert test.labels.tolist() == [0, 1, 0, 1]


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


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "cifar10"])
def test_keras_datasets(monkeypatch, name):
    shape = (8, 8, 3) if name == "cifar10" else (8, 8)
    train = (np.full((6, *shape), 1, "uint8"), np.arange(6)[:, None])
    test = (np.full((4, *shape), 2, "uint8"), np.arange(4)[:, None])
    monkeypatch.setattr(getattr(keras.datasets, name), "load_data", lambda: (train, test))
    dataset = load(name, batch_size=2, labels=True, split="test")
    assert (dataset.images == 2).all()
    assert dataset.labels.tolist() == [0, 1, 2, 3]
    assert dataset.num_classes == len(dataset.class_names) == 10
    assert (load(name, batch_size=2).images == 1).all()


def test_keras_dataset_without_network(monkeypatch):
    def fail():
        raise Exception("URL fetch failure on https://example.org")

    monkeypatch.setattr(keras.datasets.mnist, "load_data", fail)
    with pytest.raises(ConnectionError, match=r'no network.*URL fetch.*"digits".*\.npz.*folder'):
        load("mnist")


class Features(dict):
    """TensorFlow Datasets' feature dictionary has no `get`."""

    get = None


@pytest.fixture
def tfds(monkeypatch):
    """Puts a stand-in with the given `load` in the place of tensorflow_datasets."""

    def install(load, prepared=True):
        builder = types.SimpleNamespace(is_prepared=lambda: prepared)
        module = types.SimpleNamespace(load=load, as_numpy=list, builder=lambda name: builder)
        monkeypatch.setitem(__import__("sys").modules, "tensorflow_datasets", module)

    return install


class Examples(list):
    def take(self, count):
        return Examples(self[:count])


def fake_load(examples, **features):
    info = types.SimpleNamespace(features=Features(features))
    return lambda name, split, shuffle_files, with_info: (Examples(examples), info)


def test_tfds(tfds):
    label = types.SimpleNamespace(names=["x", "y"])
    examples = [{"image": grey(1, seed=k)[0][..., None], "label": k % 2} for k in range(5)]
    tfds(fake_load(examples, image=None, label=label))
    dataset = load("tfds:any", batch_size=2, labels=True, samples=4)
    assert dataset.images.shape == (4, 8, 8, 1)
    np.testing.assert_array_equal(dataset.images[3, ..., 0], grey(1, seed=3)[0])
    assert dataset.labels.tolist() == [0, 1, 0, 1]
    assert dataset.class_names == ("x", "y")
    assert load("tfds:any", 16, 2, channels=3).image_shape == (16, 16, 3)
    with pytest.warns(UserWarning, match=r"`samples` exceeds.*samples=9, with 5 images"):
        assert len(load("tfds:any", batch_size=2, samples=9).images) == 5


def test_tfds_with_transparency(tfds):
    examples = [{"image": np.full((8, 8, 4), alpha, "uint8")} for alpha in (0, 255, 51)]
    tfds(fake_load(examples, image=None))
    with pytest.warns(UserWarning, match=r"^2 of 3 pictures have.*\(1 fully transparent"):
        images = load("tfds:any", batch_size=1).images
    assert images[:, 0, 0, 0].tolist() == [0, 255, 10]


@pytest.mark.skipif(not importable("torch"), reason="runs without TensorFlow")
def test_tensorflow_is_not_imported_for_other_sources():
    code = (
        "import sys; sys.modules |= dict.fromkeys(['tensorflow', 'tensorflow_datasets']); "
        "import numpy as np; from keras_gan_zoo import data; "
        "data.load('digits', 8, samples=64); data.paired('digits', make='edges', samples=2)"
    )
    environment = {**os.environ, "KERAS_BACKEND": "torch"}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)


def test_tfds_sizes_and_features(tfds):
    examples = [{"image": np.zeros((8, side, 3), "uint8")} for side in (8, 9)]
    tfds(fake_load(examples, image=None))
    assert load("tfds:any", 8, 1).images.shape == (2, 8, 8, 3)
    with pytest.raises(ValueError, match=r"`image_size` must be given.*\(8, 8\) and \(8, 9\)"):
        load("tfds:any", batch_size=1)
    with pytest.raises(ValueError, match="source without labels"):
        load("tfds:any", 8, 1, labels=True)
    tfds(fake_load([], text=None))
    with pytest.raises(ValueError, match=r'feature "image".*\[\'text\'\]'):
        load("tfds:any")


def test_tfds_without_network(tfds):
    def fail(*args, **kwargs):
        raise OSError("Name or service not known")

    tfds(fail)
    with pytest.raises(ConnectionError, match=r"'tfds:mnist'.*OSError: Name.*\"digits\""):
        load("tfds:mnist")


def test_tfds_without_network_says_so_before_it_retries(tfds, monkeypatch):
    def unresolved(*args):
        raise socket.gaierror("Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unresolved)
    monkeypatch.setattr(urllib.request, "getproxies", dict)
    tfds(lambda *args, **kwargs: pytest.fail("tried to load"), prepared=False)
    with pytest.raises(ConnectionError, match=r"'tfds:mnist'.*gaierror: Name.*\"digits\""):
        load("tfds:mnist")


def test_tfds_without_the_package(monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name == "tensorflow_datasets":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ImportError, match=r"pip install tensorflow-datasets.*\"digits\""):
        load("tfds:mnist")


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


def test_real_npz_files(shared_data):
    nebulae = load(shared_data / "nebula_64.npz")
    assert nebulae.images.shape == (1623, 64, 64, 3)
    cifar = load(shared_data / "cifar10.npz", labels=True, split="test", samples=500)
    assert cifar.images.shape == (500, 32, 32, 3)
    assert cifar.num_classes == 10
    with pytest.raises(ValueError, match=r"trainA .*testB"):
        load(shared_data / "apple2banana_64.npz")
