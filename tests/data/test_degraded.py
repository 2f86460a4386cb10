import numpy as np
import pytest
from PIL import Image

from keras_gan_zoo import data

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (6, 18, 26, 3)).astype("uint8")


def test_inputs_are_the_antialiased_bicubic_reduction():
    dataset = data.degraded(PICTURES, 4, batch_size=3, shuffle=False)
    assert (dataset.input_shape, dataset.target_shape, dataset.scale) == ((4, 6, 3), (16, 24, 3), 4)
    inputs, targets = dataset[1]
    np.testing.assert_allclose(targets, PICTURES[3:, :16, :24] / 127.5 - 1, atol=1e-6)
    for small, picture in zip(inputs, PICTURES[3:, :16, :24], strict=True):
        expected = Image.fromarray(picture).resize((6, 4), Image.Resampling.BICUBIC)
        np.testing.assert_allclose(small, np.asarray(expected) / 127.5 - 1, atol=1e-6)


def test_crops_are_at_the_same_place_and_repeat():
    """Of pictures whose pixels are their numbers, which nearest-neighbour inputs repeat."""
    small = np.arange(6 * 9 * 13, dtype="float32").reshape(6, 9, 13, 1) / 1000
    large = small.repeat(2, 1).repeat(2, 2)
    dataset = data.PairDataset(small, large, 6, crop=(8, 6), seed=1, flip=True)
    assert (dataset.input_shape, dataset.target_shape) == ((4, 3, 1), (8, 6, 1))
    (inputs, targets), (again, _) = dataset[0], dataset[0]
    np.testing.assert_array_equal(inputs, again)
    np.testing.assert_allclose(targets, inputs.repeat(2, 1).repeat(2, 2))
    corners = {round(1000 * crop.min()) % (9 * 13) for crop in inputs}
    assert len(corners) > 3
    dataset.on_epoch_end()
    assert not np.array_equal(dataset[0][0], inputs)
    assert dataset.arrays()[1].shape == large.shape


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": 1}, r"`scale` must be an integer of 2 or more. Received: scale=1"),
        (
            {"scale": 20},
            r"`scale` must be at most the shorter side.*scale=20 with images of \(18, 26\)",
        ),
        (
            {"crop": 10},
            r"`crop` must be multiples of 4 of at most \(16, 24\).*Received: crop=\(10, 10\)",
        ),
        ({"crop": 20}, r"Received: crop=\(20, 20\). Pass for example crop=16"),
        ({"crop": 0}, "`crop` must be a positive integer"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        data.degraded(PICTURES, **{"scale": 4, "batch_size": 2} | arguments)


def test_sizes_that_do_not_belong_together():
    with pytest.raises(ValueError, match=r"must have one height and width. Received: \(8, 8\) and"):
        data.PairDataset(np.zeros((2, 8, 8)), np.zeros((2, 16, 24)))
    with pytest.raises(ValueError, match="`jitter` must be False with `crop`"):
        data.PairDataset(np.zeros((2, 8, 8)), np.zeros((2, 8, 8)), crop=4, jitter=True)
