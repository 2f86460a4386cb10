"""DiffAugment: pure functions against literal values, and the distributions of its random numbers.

Tolerances of distributions are about four standard errors, two-sided.
"""

import math

import numpy as np
import pytest
from augment_tools import array, augmented, close, pictures, share_of_changed, tensors

from keras_gan_zoo import augment
from keras_gan_zoo.augment import diffaugment


def test_brightness():
    images = pictures(2, (3, 4, 3))
    result = diffaugment.brightness(*tensors(images, [0.25, -0.5]))
    close(result, images + np.array([0.25, -0.5]).reshape(2, 1, 1, 1))


def test_saturation():
    images = np.array([[[[0.9, 0.0, -0.3]]], [[[0.9, 0.0, -0.3]]]])
    result = diffaugment.saturation(*tensors(images, [0.0, 2.0]))
    close(result, [[[[0.2, 0.2, 0.2]]], [[[1.6, -0.2, -0.8]]]])
    grey = pictures(2, (3, 4, 1))
    close(diffaugment.saturation(*tensors(grey, [0.0, 2.0])), grey)


def test_contrast():
    images = np.array([[[[1.0, 0.0]], [[-0.5, 0.3]]], [[[1.0, 0.0]], [[-0.5, 0.3]]]])  # means 0.2
    result = diffaugment.contrast(*tensors(images, [0.5, 1.5]))
    close(result, [[[[0.6, 0.1]], [[-0.15, 0.25]]], [[[1.4, -0.1]], [[-0.85, 0.35]]]])


def test_translation():
    images = pictures(3, (4, 5, 2))
    downs, rights = [1, -2, 0], [-2, 0, 4]
    expected = np.zeros_like(images)
    expected[0, 1:, :3] = images[0, :3, 2:]
    expected[1, :2] = images[1, 2:]
    expected[2, :, 4:] = images[2, :, :1]
    result = diffaugment.translation(*tensors(images), *tensors(downs, rights, dtype="int32"))
    np.testing.assert_array_equal(array(result), expected)


def test_cutout():
    images = pictures(4, (6, 4, 3))
    corners = tensors([0, -1, 5, 6], [1, -1, 3, 0], dtype="int32")
    expected = images.copy()
    expected[0, 0:3, 1:3] = 0
    expected[1, 0:2, 0:1] = 0
    expected[2, 5:, 3:] = 0
    result = diffaugment.cutout(*tensors(images), *corners, 3, 2)
    np.testing.assert_array_equal(array(result), expected)


@pytest.mark.parametrize(("low", "high"), [(-2, 3), (0, 1), (-4, 13)])
def test_whole_numbers_stay_below_the_end(low, high):
    (draws,) = tensors([0.0, np.nextafter(np.float32(1), np.float32(0))])
    assert array(diffaugment.to_integers(draws, low, high)).tolist() == [low, high - 1]


def test_share_of_images_that_diffaugment_changes():
    assert share_of_changed(augment.DiffAugment(), 0.3) == pytest.approx(0.3, abs=0.08)


def test_distribution_of_diffaugment_color():
    # Black images, then two pixels of mean 0, then channels of mean 0.
    images = np.zeros((1000, 1, 2, 3), "float32")
    shift = augmented(augment.DiffAugment("color"), images)[:, 0, 0, 0]
    assert -0.5 <= shift.min() < -0.48 and 0.48 < shift.max() <= 0.5
    assert shift.mean() == pytest.approx(0.0, abs=0.04)
    assert shift.std() == pytest.approx(1 / math.sqrt(12), abs=0.02)
    images[:, 0, 0], images[:, 0, 1] = 0.5, -0.5
    result = augmented(augment.DiffAugment("color"), images)
    contrast = result[:, 0, 0, 0] - result[:, 0, 1, 0]
    assert 0.5 <= contrast.min() < 0.52 and 1.48 < contrast.max() <= 1.5
    assert contrast.mean() == pytest.approx(1.0, abs=0.04)
    images[...] = [1.0, 0.0, -1.0]
    result = augmented(augment.DiffAugment("color"), images)
    saturation = (result[:, 0, 0, 0] - result[:, 0, 0, 2]) / 2 / contrast  # the same seed
    assert -1e-5 <= saturation.min() < 0.02 and 1.98 < saturation.max() <= 2.0 + 1e-5
    assert saturation.mean() == pytest.approx(1.0, abs=0.08)


def test_distribution_of_diffaugment_translation():
    images = np.zeros((2000, 16, 24, 1), "float32")
    images[:, 8, 12] = 1.0
    result = augmented(augment.DiffAugment("translation"), images)
    _, rows, columns, _ = np.nonzero(result)
    assert len(rows) == 2000
    for places, centre, farthest in ((rows, 8, 2), (columns, 12, 3)):
        share = np.bincount(places - centre + farthest) / 2000
        np.testing.assert_allclose(share, np.full(2 * farthest + 1, 1 / (2 * farthest + 1)), atol=0.04)
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.09


@pytest.mark.parametrize(("height", "width"), [(8, 6), (7, 9)])
def test_distribution_of_cutout(height, width):
    images = np.ones((2000, height, width, 1), "float32")
    hole = augmented(augment.DiffAugment("cutout"), images)[..., 0] == 0
    for axis, size in ((2, height), (1, width)):
        lengths = hole.any(axis=axis).sum(axis=1)
        side = (size + 1) // 2
        # At both ends, half of the hole is inside for even sides, more for odd ones.
        assert lengths.max() == side
        assert lengths.min() == side // 2 + side % 2
        # The distribution is symmetric: a pixel is as likely as its mirror image.
        share = hole.any(axis=axis).mean(axis=0)
        np.testing.assert_allclose(share, share[::-1], atol=0.06)
    assert hole.any(axis=(1, 2)).all()
