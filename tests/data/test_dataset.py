import warnings

import keras
import numpy as np
import pytest

from keras_gan_zoo.data import ImageDataset


def numbered(count, **kwargs):
    """A dataset whose image i is filled with the value i."""
    images = np.broadcast_to(np.arange(count, dtype="uint8")[:, None, None, None], (count, 2, 3, 1))
    return ImageDataset(images, **kwargs)


def which(batch):
    """The numbers of the images in a batch."""
    return np.rint((batch[0][:, 0, 0, 0] + 1) * 127.5).astype(int).tolist()


def test_values_scale_exactly():
    images = np.arange(256, dtype="uint8").reshape(4, 8, 8)
    (batch,) = ImageDataset(images, batch_size=4, shuffle=False)[0]
    assert batch.dtype == np.float32
    assert batch.shape == (4, 8, 8, 1)
    assert batch[0, 0, 0, 0] == -1.0
    assert batch[3, 7, 7, 0] == 1.0
    expected = np.arange(256, dtype="float64") / 127.5 - 1
    np.testing.assert_allclose(batch.reshape(-1), expected, atol=1e-7, rtol=0)


def test_float_images_stay_as_they_are():
    images = np.linspace(-1, 1, 48, dtype="float32").reshape(4, 2, 2, 3)
    dataset = ImageDataset(images, batch_size=2, shuffle=False)
    assert dataset.images.dtype == np.float32
    np.testing.assert_array_equal(dataset[1][0], images[2:])


def test_a_batch_is_a_copy():
    images = np.zeros((4, 2, 2, 1), "float32")
    dataset = ImageDataset(images, batch_size=4, shuffle=False)
    dataset[0][0][:] = 0.5
    assert images.max() == 0


def test_attributes():
    labels = np.array([0, 2, 1, 1, 0])
    dataset = ImageDataset(np.zeros((5, 4, 6, 3), "uint8"), labels, batch_size=2)
    assert dataset.image_shape == (4, 6, 3)
    assert dataset.num_classes == 3
    assert dataset.class_names is None
    assert dataset.batch_size == 2
    assert len(dataset) == dataset.num_batches == 2
    assert repr(dataset) == "<ImageDataset of 5 images (4, 6, 3), 3 classes, 2 batches of 2>"
    images, batch_labels = dataset[0]
    assert images.shape == (2, 4, 6, 3)
    assert batch_labels.dtype == np.int32


def test_without_labels():
    dataset = numbered(4, batch_size=2)
    assert dataset.labels is None
    assert dataset.num_classes is None
    assert len(dataset[0]) == 1


def test_labels_can_be_held_back():
    dataset = numbered(4, labels=[0, 1, 0, 1], batch_size=2, yield_labels=False)
    assert len(dataset[0]) == 1
    assert dataset.labels.tolist() == [0, 1, 0, 1]
    with pytest.raises(ValueError, match="`yield_labels` must be False without labels"):
        numbered(4, batch_size=2, yield_labels=True)


def test_labels_follow_their_images():
    dataset = numbered(20, labels=np.arange(20)[:, None], batch_size=5)
    for batch in dataset:
        assert which(batch) == batch[1].tolist()


def test_class_names_set_the_number_of_classes():
    dataset = numbered(2, labels=[0, 1], batch_size=1, class_names=["a", "b", "c"])
    assert dataset.num_classes == 3
    assert dataset.class_names == ("a", "b", "c")


def test_order_is_that_of_seed_and_epoch():
    dataset = numbered(10, batch_size=4, seed=3)
    for epoch in (0, 5):
        dataset.epoch = epoch
        expected = np.random.default_rng((3, epoch)).permutation(10)
        assert [which(batch) for batch in dataset] == [
            expected[:4].tolist(),
            expected[4:8].tolist(),
        ]


def test_without_shuffle_the_order_is_that_of_the_images():
    dataset = numbered(7, batch_size=3, shuffle=False)
    assert [which(batch) for batch in dataset] == [[0, 1, 2], [3, 4, 5]]


def test_iteration_and_indices_end():
    dataset = numbered(7, batch_size=3)
    assert len(list(dataset)) == 2
    assert which(dataset[-1]) == which(dataset[1])
    with pytest.raises(IndexError, match="Batch 2 of a dataset of 2"):
        dataset[2]


def test_epoch_advances_when_it_ends():
    dataset = numbered(8, batch_size=2)
    first = [which(batch) for batch in dataset]
    assert dataset.epoch == 0
    dataset.on_epoch_end()
    assert dataset.epoch == 1
    assert [which(batch) for batch in dataset] != first


def test_resume_sees_the_same_batches():
    dataset, seen = numbered(8, batch_size=2), []
    for _ in range(3):
        seen.append([which(batch) for batch in dataset])
        dataset.on_epoch_end()
    resumed = numbered(8, batch_size=2)
    resumed.epoch = 2
    assert [which(batch) for batch in resumed] == seen[2]
    assert seen[2] != seen[1]


class Recorder(keras.Model):
    """Notes the first pixel of each image that it is trained on."""

    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)
        self.seen = []

    def call(self, images):
        return self.dense(keras.ops.mean(images, axis=(1, 2)))

    def train_step(self, *args):
        data = args[-1]
        images, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        pixels = np.asarray(keras.ops.convert_to_numpy(images))[:, 0, 0, 0]
        self.seen.append(np.rint((pixels + 1) * 127.5).astype(int).tolist())
        logs = {"mean": keras.ops.mean(images)}
        return (logs, args[0]) if len(args) == 2 else logs


def fit_recorded(dataset, epochs):
    model = Recorder()
    model.compile(run_eagerly=True, jit_compile=False)
    model.fit(dataset, epochs=epochs, shuffle=False, verbose=0)
    return model.seen


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("count", [8, 12])
def test_keras_fit_serves_an_order_of_its_own_each_epoch(count):
    dataset = numbered(count, batch_size=4, seed=1)
    seen = fit_recorded(dataset, epochs=2)
    # Keras ends an epoch more than it trains: it calls `on_epoch_end` when `fit` starts, too.
    orders = [np.random.default_rng((1, epoch)).permutation(count) for epoch in (1, 2)]
    assert seen == [o[k : k + 4].tolist() for o in orders for k in range(0, count, 4)]
    assert dataset.epoch == 3


def test_fit_with_labels_learns():
    labels = np.arange(40) % 2
    images = np.repeat(labels * 255, 12).reshape(40, 2, 2, 3).astype("uint8")
    dataset = ImageDataset(images, labels, batch_size=10)
    model = keras.Sequential(
        [keras.layers.Flatten(), keras.layers.Dense(2, kernel_initializer="zeros")]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.02), loss)
    history = model.fit(dataset, epochs=4, verbose=0).history["loss"]
    assert history[-1] < 0.2 < history[0]


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((4, 8), "uint8"), r"shape \(n, height, width\).*Received: shape \(4, 8\)"),
        (np.zeros((4, 3, 8, 8), "uint8"), "1 or 3 channels.*channels go last"),
        (np.zeros((4, 8, 8), "int64"), r'uint8 \(0..255\) or float.*int64.*astype\("uint8"\)'),
        (np.full((4, 8, 8), 200.0), "finite values in .-1, 1.*from 200 to 200.*pass uint8"),
        (np.full((4, 8, 8), np.nan), "finite values"),
        (np.full((4, 8, 8), np.inf), "finite values"),
        (np.zeros((0, 8, 8), "uint8"), "at least one image"),
        (np.zeros((0, 8, 8), "float32"), "at least one image"),
        (np.zeros((3, 8, 8), "uint8"), "batch_size=4 with 3 images. Pass batch_size=3 or less"),
    ],
)
def test_malformed_images(images, message):
    with pytest.raises(ValueError, match=message):
        ImageDataset(images, batch_size=4)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 1, -1, 0], r"integers in 0\.\.2, of shape.*values from -1 to 1"),
        ([0, 1], r"shape \(4,\) as there are 4 images. Received: shape \(2,\)"),
        (np.eye(4, dtype=int), "argmax"),
        (np.zeros(4), "dtype float64"),
        (["a", "b", "c", "d"], r"must be integers.*np\.unique"),
        ([0, 1, 2, 3], "below the number of classes.*label of 3 with 3 classes"),
    ],
)
def test_malformed_labels(labels, message):
    with pytest.raises(ValueError, match=message):
        numbered(4, labels=labels, batch_size=2, num_classes=3)


def test_negative_labels_without_a_number_of_classes():
    with pytest.raises(ValueError, match=r"integers in 0\.\.num_classes-1.*values from -3 to 6"):
        numbered(10, labels=np.arange(-3, 7), batch_size=2)


@pytest.mark.parametrize(("count", "size"), [(100, 64), (64, 64), (23, 23), (1, 1)])
def test_default_batch_size(count, size):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        dataset = numbered(count)
    assert (dataset.batch_size, len(dataset)) == (size, 1)
    messages = [str(warning.message) for warning in caught]
    expected = f"`batch_size` defaults to {size} instead of 64, as there are only {size} images"
    assert [expected in message for message in messages] == ([] if count >= 64 else [True])
    assert all(warning.filename == __file__ for warning in caught)


@pytest.mark.parametrize("value", [0, -1, 2.5, "8", True])
def test_malformed_batch_size(value):
    with pytest.raises(ValueError, match=r"`batch_size` must be a positive integer\. Received: b"):
        numbered(4, batch_size=value)


def test_malformed_seed():
    with pytest.raises(ValueError, match="`seed` must be an integer of 0 or more"):
        numbered(4, batch_size=2, seed=-1)


def test_flips_other_images_each_epoch():
    ramp = np.arange(4, dtype="uint8") * np.ones((100, 3, 1), "uint8")
    dataset = ImageDataset(ramp, batch_size=50, flip=True, seed=1)

    def mirrored():
        first = np.concatenate([batch[0][:, 0, 0, 0] for batch in dataset])
        return np.rint((first + 1) * 127.5).astype(int)

    one = mirrored()
    assert set(one.tolist()) == {0, 3}
    assert 30 <= (one == 3).sum() <= 70
    np.testing.assert_array_equal(mirrored(), one)
    dataset.on_epoch_end()
    assert (mirrored() != one).any()
    assert (dataset.images == ramp[..., None]).all()
