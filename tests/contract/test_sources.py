"""Sources of data for `fit`: all kinds give the same training."""

import keras
import numpy as np
import pytest
from tools import BACKEND, fit, images, labels, second_input, tiny

from keras_gan_zoo import data


class Batches(keras.utils.PyDataset):
    """A `PyDataset` whose batches are arrays, or tuples of arrays."""

    def __init__(self, arrays, bare=False):
        super().__init__()
        self.arrays, self.bare = arrays, bare

    def __len__(self):
        return 3

    def __getitem__(self, index):
        batch = tuple(array[8 * index : 8 * index + 8] for array in self.arrays)
        return batch[0] if self.bare else batch


def generator():
    for start in range(0, 24, 8):
        yield (images()[start : start + 8],)


def tf_data(*arrays):
    import tensorflow as tf

    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(8)


def data_loader(*arrays):
    import torch

    tensors = torch.utils.data.TensorDataset(*map(torch.from_numpy, arrays))
    return torch.utils.data.DataLoader(tensors, batch_size=8)


SOURCES = {
    "array and another": lambda y: {"x": images(), "y": y, "batch_size": 8},
    "PyDataset": lambda y: {"x": Batches([images()])},
    "PyDataset of arrays": lambda y: {"x": Batches([images()], bare=True)},
    "PyDataset of two": lambda y: {"x": Batches([images(), y])},
    "generator": lambda y: {"x": generator(), "steps_per_epoch": 3},
    "ImageDataset": lambda y: {"x": data.ImageDataset(images(), batch_size=8, shuffle=False)},
    "ImageDataset of two": lambda y: {
        "x": data.ImageDataset(images(), labels(), batch_size=8, shuffle=False)
    },
}
if BACKEND == "tensorflow":
    SOURCES |= {
        "tf.data": lambda y: {"x": tf_data(images())},
        "tf.data of two": lambda y: {"x": tf_data(images(), y)},
    }
if BACKEND == "torch":
    SOURCES |= {
        "DataLoader": lambda y: {"x": data_loader(images())},
        "DataLoader of two": lambda y: {"x": data_loader(images(), y)},
    }


@pytest.fixture(scope="module")
def histories():
    """Maps the name of a model to its history after training on an array."""
    return {}


# Keras feeds all models in the same way: one model tries every source, one of each other family the
# sources of two arrays.
NAMES = ("DCGAN", "ConditionalGAN", "Pix2Pix", "CycleGAN")
CASES = [
    (name, source) for name in NAMES for source in SOURCES if name == "DCGAN" or "of two" in source
]


@pytest.mark.parametrize(("name", "source"), CASES)
def test_source(name, source, histories):
    if name not in histories:
        model = tiny(name)
        model.compile()
        histories[name] = fit(model)
    model = tiny(name)
    model.compile()
    y = second_input(model, images())
    history = fit(model, **SOURCES[source](labels() if y is None else y))
    assert model.steps == 3
    assert set(history) == set(histories[name])
    for key, values in histories[name].items():
        assert history[key] == pytest.approx(values, rel=1e-5), key


@pytest.mark.parametrize("name", NAMES)
def test_validation_data(name):
    model = tiny(name)
    model.compile()
    held_out = images(16, seed=1)
    history = fit(
        model, validation_data=(held_out, second_input(model, held_out)), validation_batch_size=8
    )
    assert {"val_d_loss", "val_g_loss"} <= set(history)
    assert np.isfinite(history["val_d_loss"] + history["val_g_loss"]).all()
