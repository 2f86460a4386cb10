"""`load` with Keras datasets and TensorFlow Datasets."""

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
from data_tools import grey
from tools import importable

from keras_gan_zoo.data import load


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


@pytest.mark.full_matrix
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
