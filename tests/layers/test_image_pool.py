import numpy as np
from tools import values

from keras_gan_zoo.layers import ImagePool


def numbered(*numbers):
    """Images of one pixel with distinct values."""
    return np.array(numbers, "float32").reshape(-1, 1, 1, 1)


def call(pool, images):
    return values([pool(images)])[0].ravel().tolist()


def test_returns_images_unchanged_until_it_is_full():
    pool = ImagePool(4, seed=0)
    assert call(pool, numbered(1, 2)) == [1, 2]
    assert call(pool, numbered(3)) == [3]
    stored, count = values([pool.images, pool.count])
    assert stored.ravel().tolist() == [1, 2, 3, 0] and count == 3
    assert call(pool, numbered(4)) == [4]
    assert values([pool.images, pool.count])[1] == 4


def test_a_batch_that_fills_it_up_replaces_the_first_ones():
    pool = ImagePool(3, seed=0)
    call(pool, numbered(1, 2))
    assert call(pool, numbered(3, 4)) == [3, 4]
    assert values([pool.images])[0].ravel().tolist() == [4, 2, 3]


def test_swaps_half_of_the_images():
    pool = ImagePool(8, seed=0)
    call(pool, numbered(*range(8)))
    swapped, seen = 0, set()
    for step in range(200):
        new = numbered(100 + 2 * step, 101 + 2 * step)
        before = set(values([pool.images])[0].ravel())
        got = call(pool, new)
        after = set(values([pool.images])[0].ravel())
        assert before | set(new.ravel()) == after | set(got)  # in the pool or returned
        assert len(after) == 8 and len(set(got)) == 2
        fresh = [image in new.ravel() for image in got]
        swapped += fresh.count(False)
        seen |= {image for image in got if image < 100}
    assert 160 < swapped < 240
    assert seen == set(range(8))


def test_size_zero_returns_images_unchanged():
    pool = ImagePool(0)
    for _ in range(3):
        assert call(pool, numbered(5, 6)) == [5, 6]


def test_keeps_float32_in_half_precision():
    pool = ImagePool(8, seed=0, dtype="mixed_float16")
    pool(numbered(*range(8)))
    third = np.full((8, 1, 1, 1), 1 / 3, "float32")
    pool.images.assign(third)
    assert values([pool(numbered(2).astype("float16"))])[0].dtype == "float16"
    kept = values([pool.images])[0].ravel()
    assert (kept == third.ravel()).sum() >= 7
