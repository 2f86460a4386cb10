import numpy as np
import pytest

from keras_gan_zoo.data import digits
from keras_gan_zoo.data.synthetic.digit_strokes import stroke_variants


def test_shapes_types_and_range():
    images, labels = digits(12, image_size=20)
    assert images.shape == (12, 20, 20, 1)
    assert images.dtype == np.uint8
    assert labels.shape == (12,)
    assert labels.dtype == np.int64
    assert images.min() == 0
    assert images.max() == 255


def test_repeats_and_starts_the_same():
    images, labels = digits(35, seed=4)
    again, again_labels = digits(35, seed=4)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(labels, again_labels)
    fewer, fewer_labels = digits(13, seed=4)
    np.testing.assert_array_equal(fewer, images[:13])
    np.testing.assert_array_equal(fewer_labels, labels[:13])


def test_seeds_and_samples_differ():
    images, labels = digits(40, seed=0)
    assert not np.array_equal(images, digits(40, seed=1)[0])
    assert len({image.tobytes() for image in images}) == 40
    assert len({tuple(labels[k : k + 10]) for k in range(0, 40, 10)}) > 1


def test_labels_are_balanced_at_any_length():
    labels = digits(37)[1]
    assert sorted(np.bincount(labels, minlength=10).tolist()) == [3, 3, 3, 4, 4, 4, 4, 4, 4, 4]
    assert sorted(labels[10:20].tolist()) == list(range(10))


def test_light_ink_on_black_inside_the_frame():
    images = digits(200)[0].astype(float)
    border = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]])
    assert border.mean() < 8
    assert (images.max(axis=(1, 2, 3)) > 150).all()
    inked = (images > 100).mean(axis=(1, 2, 3))
    assert (inked > 0.02).all()
    assert (inked < 0.45).all()


def test_labels_say_what_is_drawn():
    """A nearest-mean classifier, fitted to one seed, reads the digits of another."""
    train, train_labels = digits(600, image_size=16, seed=0)
    test, test_labels = digits(200, image_size=16, seed=1)
    means = np.stack([train[train_labels == k].astype(float).mean(0).ravel() for k in range(10)])
    flat = test.reshape(200, -1).astype(float)
    flat, means = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (flat, means))
    read = np.argmax(flat @ means.T, axis=1)
    assert (read == test_labels).mean() > 0.55


def test_three_channels_are_equal():
    images = digits(10, channels=3)[0]
    assert images.shape == (10, 28, 28, 3)
    np.testing.assert_array_equal(images[..., 2], digits(10)[0][..., 0])


def test_sizes_show_the_same_digits():
    small, large = (digits(10, image_size=size)[0][..., 0].astype(float) for size in (32, 64))
    shrunk = large.reshape(10, 32, 2, 32, 2).mean((2, 4))
    for a, b in zip(small, shrunk, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9


def test_every_digit_can_be_written_in_the_same_number_of_ways():
    labels = [variant.label for variant in stroke_variants()]
    assert np.bincount(labels).tolist() == [3] * 10
    assert all(np.isfinite(v.points).all() and len(v.points) > 20 for v in stroke_variants())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "`n` must be a positive integer. Received: n=0"),
        ({"n": 1, "image_size": 7}, "`image_size` must be at least 8"),
        ({"n": 1, "image_size": (8, 8)}, "`image_size` must be a positive integer"),
        ({"n": 1, "seed": -1}, "`seed` must be an integer of 0 or more"),
        ({"n": 1, "channels": 2}, "`channels` must be 1, 3 or None"),
    ],
)
def test_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        digits(**arguments)
