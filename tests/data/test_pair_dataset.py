"""`PairDataset`: crops and flips, order, and training."""

import keras
import numpy as np
import pytest
from data_tools import batches, joined, noise, numbered, values
from PIL import Image
from tools import fit, tiny

from keras_gan_zoo import data
from keras_gan_zoo.data import PairDataset, paired, unpaired
from keras_gan_zoo.data.jitter import enlarged_size

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


@pytest.mark.parametrize("load", [paired, unpaired])
def test_crops_of_two_sets_are_at_one_place_only_in_pairs(load):
    """Of pictures whose pixels are their numbers."""
    images = np.arange(7 * 9, dtype="float32").reshape(1, 7, 9, 1).repeat(40, 0) / 63 - 0.5
    dataset = load(images, images, batch_size=40, crop=(4, 5))
    assert dataset.input_shape == dataset.target_shape == (4, 5, 1)
    corners = [np.rint(63 * (half[:, 0, 0, 0] + 0.5)) for half in dataset[0]]
    for half, first in zip(dataset[0], corners, strict=True):
        offsets = np.arange(4)[:, None] * 9 + np.arange(5)
        np.testing.assert_allclose(63 * (half[..., 0] + 0.5), first[:, None, None] + offsets, atol=1e-4)
        assert len(set(first)) > 10 and first.max() <= 3 * 9 + 4
    same = (corners[0] == corners[1]).sum()
    assert same == 40 if load is paired else same < 10


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


def test_pair_dataset_is_public():
    assert isinstance(paired(noise(2), noise(2)), PairDataset)
    assert data.PairDataset is PairDataset
