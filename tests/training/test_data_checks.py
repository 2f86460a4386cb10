"""Data that no model should train on, refused with a message before any time is lost."""

import warnings

import keras
import numpy as np
import pytest
from tools import BACKEND, SHAPE, Linear, fit, images, labels, same, values

from keras_gan_zoo.data import ImageDataset


@pytest.fixture(scope="module")
def model():
    linear = Linear()
    linear.compile()
    return linear


def raises(model, x, match, **arguments):
    before = values(model.variables)
    with pytest.raises(ValueError, match=match):
        fit(model, x, **arguments)
    assert same(before, values(model.variables))


class Batches(keras.utils.PyDataset):
    def __init__(self, *batches):
        super().__init__()
        self.batches = batches

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        return (self.batches[index],)


def test_bytes(model):
    x = np.random.default_rng(0).integers(0, 256, (8, *SHAPE)).astype("uint8")
    raises(model, x, r"must be floats in \[-1, 1\]\. Received: uint8 in \d+\.\.\d+\. Scale them")
    raises(model, Batches(x), r"must be floats in \[-1, 1\]\. Received: uint8")


def test_floats_up_to_255(model):
    x = (images(8) + 1) * 127.5
    raises(model, x, r"must be in \[-1, 1\]\. Received: .*\.\.25\d.*`images / 127\.5 - 1`")
    raises(model, Batches(x), r"must be in \[-1, 1\]")


def test_floats_a_little_outside(model):
    raises(model, images(8) * 1.5, r"must be in \[-1, 1\].*`np\.clip\(images, -1, 1\)`")
    fit(model, images(8) * 1.0005)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_not_finite(model, value):
    x = images(2000)
    x[1500, 3, 4, 0] = value
    raises(model, x, r"must be finite: a single NaN.*such values in image 1500\. Remove it")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (
            (8, 8),
            r"shape \(n, 8, 8, 1\)\. Received: \(8, 8, 8\)\. Add the channel axis: `images\[\.\.\.",
        ),
        ((1, 8, 8), r"Received: \(8, 1, 8, 8\)\. Channels go last: `np\.moveaxis\(images, 1, -1\)`"),
        ((8, 8, 3), r"Received: \(8, 8, 8, 3\)\. Make the model with image_shape=\(8, 8, 3\)"),
        ((4, 4, 1), r"image_shape=\(4, 4, 1\), or the data with .*image_size=\(8, 8\), channels=1"),
        ((64,), r"Received: \(8, 64\)\. Images are \(n, height, width, channels\)"),
    ],
)
def test_shape(model, shape, message):
    raises(model, np.zeros((8, *shape), "float32"), message)
    raises(model, Batches(np.zeros((8, *shape), "float32")), message)


def test_empty_array(model):
    raises(model, np.zeros((0, *SHAPE), "float32"), "The dataset is empty")
    with pytest.raises(ValueError, match="The dataset is empty"):
        model.fit(verbose=0)


def test_empty_dataset(model):
    raises(model, Batches(), "The dataset is empty: `fit` needs at least one batch")


def test_empty_generator(model):
    raises(model, (batch for batch in ()), "The dataset is empty", steps_per_epoch=1)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data")
def test_empty_tf_data(model):
    import tensorflow as tf

    empty = tf.data.Dataset.from_tensor_slices(images(8)).skip(8).batch(8)
    raises(model, empty, "The dataset is empty", batch_size=None)


@pytest.mark.skipif(BACKEND != "tensorflow", reason="tf.data")
def test_wrong_tf_data(model):
    import tensorflow as tf

    wrong = tf.data.Dataset.from_tensor_slices(images(8) * 255).batch(8)
    raises(model, wrong, r"must be in \[-1, 1\]", batch_size=None)


def test_smaller_than_a_batch(model):
    message = r"smaller than one batch\. Received: 5 images and batch_size=8\. Pass batch_size=5"
    raises(model, images(5), message)
    raises(model, images(31), "Received: 31 images and batch_size=32", batch_size=None)


def test_images_without_negative_values_give_a_warning(model):
    with pytest.warns(UserWarning, match=r"scale them with `images \* 2 - 1`"):
        fit(model, (images(8) + 1) / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        fit(model, images(8))
        fit(model, np.full((8, *SHAPE), -1.0, "float32"))


@pytest.mark.parametrize("form", [lambda x: x, lambda x: [x], lambda x: (x,)])
@pytest.mark.parametrize("iterator", [lambda batches: batches, lambda batches: iter(list(batches))])
def test_a_generator_keeps_its_first_batch(form, iterator):
    model, seen = Linear(), []
    model.compile()

    def batches():
        for index in range(3):
            seen.append(index)
            yield form(images(8, seed=index))

    expected = Linear()
    expected.compile()
    history = fit(expected, np.concatenate([images(8, seed=index) for index in range(3)]))
    for name, logged in fit(model, iterator(batches()), steps_per_epoch=3).items():
        assert logged == pytest.approx(history[name])
    assert seen == [0, 1, 2] and model.steps == 3


@pytest.mark.parametrize("batch", [{"images": images(8)}, images(8).tolist(), "digits.png"])
def test_a_generator_of_other_things(model, batch):
    message = r"must be arrays `images`, or tuples of arrays.*Received: a batch of type (dict|list|str)"
    raises(model, (item for item in [(batch,)]), message, steps_per_epoch=1)


def test_labels_of_an_unconditional_model_are_ignored_with_a_warning():
    model = Linear()
    model.compile()
    message = r"Linear is unconditional: the labels in (`y`|the batches) are ignored"
    with pytest.warns(UserWarning, match=message):
        model.fit(images(8), labels(8), batch_size=8, verbose=0)
    for batches in (ImageDataset(images(8), labels(8), 8), iter([(images(8), labels(8))])):
        with pytest.warns(UserWarning, match=message):
            model.fit(batches, steps_per_epoch=1, shuffle=False, verbose=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        model.fit(images(8), batch_size=8, verbose=0)
    assert model.steps == 4


def test_validation_data(model):
    whole = (images(8) + 1) * 127.5
    for data in (whole, (whole,), (whole, None), Batches(whole)):
        message = r"^Argument `validation_data`: Images must be in \[-1, 1\]\. Received: .*\.\.25\d"
        raises(model, images(8), message, validation_data=data)
    one = images(1)  # fewer than a batch are enough to evaluate on
    assert "val_d_loss" in fit(model, images(8), validation_data=(one, None))
    batches = ((batch,) for batch in (one, images(2)))  # can be read only once
    assert "val_d_loss" in fit(model, images(8), validation_data=batches, validation_steps=2)
