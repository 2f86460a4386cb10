"""ADA: geometric and color matrices against numpy and scipy, and the adaptation of its probability."""

import functools
import math

import numpy as np
import pytest
from augment_tools import (
    SHAPES,
    array,
    close,
    pictures,
    quick,
    tensors,
)
from keras import ops
from scipy import ndimage

from keras_gan_zoo import augment
from keras_gan_zoo.augment import ada


def moved(image, down, right):
    """Translate an image with reflection padding."""
    height, width, _ = image.shape
    around = ((abs(down),) * 2, (abs(right),) * 2, (0, 0))
    wide = np.pad(image, around, mode="reflect")
    return wide[abs(down) - down :][:height, abs(right) - right :][:, :width]


@pytest.mark.parametrize("size", [4, 5])
def test_blit_of_squares(size):
    cases = [
        (flip, turns, down, right)
        for flip in (0, 1)
        for turns in range(4)
        for down, right in ((0, 0), (1, -2), (-3, 2))
    ]
    images = pictures(len(cases), (size, size, 3))
    matrices = quick(ada.blit)(*tensors(*zip(*cases, strict=True)))
    result = quick(ada.sample)(*tensors(images), matrices)
    for got, image, (flip, turns, down, right) in zip(array(result), images, cases, strict=True):
        image = np.rot90(image[:, ::-1] if flip else image, -turns)
        np.testing.assert_array_equal(got, moved(image, down, right))


def test_blit_of_rectangles():
    images = pictures(2, (3, 6, 1))
    matrices = ada.blit(*tensors([1, 0], [0, 2], [1, -1], [4, -5]))
    result = array(ada.sample(*tensors(images), matrices))
    np.testing.assert_array_equal(result[0], moved(images[0, :, ::-1], 1, 4))
    np.testing.assert_array_equal(result[1], moved(images[1, ::-1, ::-1], -1, -5))


def forward(scale, before, stretch, after, down, right):
    """The geometric transformations as a float64 matrix on (row, column, 1), in the paper's order."""

    def turn(angle):
        return [
            [math.cos(angle), math.sin(angle), 0],
            [-math.sin(angle), math.cos(angle), 0],
            [0, 0, 1],
        ]

    steps = [
        np.diag([scale, scale, 1.0]),
        turn(before),
        np.diag([stretch, 1 / stretch, 1.0]),
        turn(after),
        [[1, 0, down], [0, 1, right], [0, 0, 1]],
    ]
    return functools.reduce(lambda done, step: np.array(step) @ done, steps)


MOVES = [
    (1.0, 0.0, 1.0, 0.0, 0.0, 0.0),
    (1.3, 0.0, 1.0, 0.0, 0.0, 0.0),
    (1.0, 0.7, 1.0, 0.0, 0.0, 0.0),
    (1.0, 0.0, 0.8, 0.0, 0.0, 0.0),
    (1.0, 0.0, 1.0, -2.5, 0.0, 0.0),
    (1.0, 0.0, 1.0, 0.0, 0.75, -1.6),
    (0.6, -1.2, 1.4, 2.9, -3.3, 12.1),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_geometry_against_scipy(shape):
    height, width, channels = shape
    images = pictures(len(MOVES), shape)
    matrices = quick(ada.geometry)(*tensors(*zip(*MOVES, strict=True)))
    centre = np.array([[(height - 1) / 2], [(width - 1) / 2]])
    places = np.indices((height, width)).reshape(2, -1) - centre
    places = np.concatenate([places, np.ones((1, height * width))])
    expected = np.empty_like(images)
    for i, numbers in enumerate(MOVES):
        back = np.linalg.inv(forward(*numbers))
        np.testing.assert_allclose(array(matrices)[i], back, atol=1e-5)
        where = (back @ places)[:2] + centre
        for c in range(channels):
            found = ndimage.map_coordinates(
                images[i, ..., c].astype(float), where, order=1, mode="mirror"
            )
            expected[i, ..., c] = found.reshape(height, width)
    close(quick(ada.sample)(*tensors(images), matrices), expected, 3e-5)


def test_a_clockwise_quarter_turn():
    image = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)
    one, zero, quarter = tensors([1.0], [0.0], [math.pi / 2])
    for matrices in (
        ada.blit(zero, one, zero, zero),
        ada.geometry(one, quarter, one, zero, zero, zero),
        ada.geometry(one, zero, one, quarter, zero, zero),
    ):
        close(ops.reshape(ada.sample(*tensors(image), matrices), (4,)), [3, 1, 4, 2], 1e-6)


def test_blit_is_done_before_geometry():
    images = pictures(2, (5, 5, 1))
    (images,) = tensors(images)
    first = ada.blit(*tensors([1, 0], [1, 3], [0, 0], [0, 0]))
    second = ada.geometry(*tensors(*zip(MOVES[6], MOVES[6], strict=True)))
    expected = array(ada.sample(ada.sample(images, first), second))
    close(ada.sample(images, ada.product(first, second)), expected, 3e-5)


def colour_matrix(brightness, contrast, flip, hue, saturation):
    """The color transformations as a float64 matrix on (r, g, b, 1), in the paper's order."""
    axis = np.ones((3, 1)) / math.sqrt(3)
    luma, identity = axis @ axis.T, np.eye(3)
    cross = np.array([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    result = np.eye(4)
    result[:3, 3] = brightness
    for step in (
        contrast * identity,
        identity - 2 * luma * flip,
        luma + math.cos(hue) * (identity - luma) + math.sin(hue) * cross,
        luma + (identity - luma) * saturation,
    ):
        wide = np.eye(4)
        wide[:3, :3] = step
        result = wide @ result
    return result


COLOURS = [
    (0.0, 1.0, 0.0, 0.0, 1.0),
    (0.3, 1.0, 0.0, 0.0, 1.0),
    (0.1, 0.6, 0.0, 0.0, 1.0),
    (0.0, 1.0, 1.0, 0.0, 1.0),
    (0.0, 1.0, 0.0, 2.0, 1.0),
    (0.0, 1.0, 0.0, 0.0, 1.7),
    (-0.2, 1.5, 1.0, -1.1, 0.4),
]


def test_colour_of_three_channels():
    images = pictures(len(COLOURS), (3, 4, 3))
    matrices, summands = ada.color(3, *tensors(*zip(*COLOURS, strict=True)))
    result = array(ada.recolor(*tensors(images), matrices, summands))
    for got, image, numbers in zip(result, images, COLOURS, strict=True):
        expected = colour_matrix(*numbers)
        np.testing.assert_allclose(got, image @ expected[:3, :3].T + expected[:3, 3], atol=1e-5)


def test_colour_of_grey():
    images = pictures(len(COLOURS), (3, 4, 1))
    numbers = np.array([(*row[:3], 0.0, 1.0) for row in COLOURS], "float32")
    result = ada.recolor(*tensors(images), *ada.color(1, *tensors(*numbers.T)))
    brightness, contrast, flip = numbers.T[:3].reshape(3, -1, 1, 1, 1)
    close(result, (images + brightness) * contrast * (1 - 2 * flip))


def test_hues_by_hand():
    one, zero, third = tensors([1.0], [0.0], [2 * math.pi / 3])
    red = np.array([1.0, 0.0, 0.0]).reshape(1, 1, 1, 3)
    turned = ada.recolor(*tensors(red), *ada.color(3, zero, one, zero, third, one))
    close(ops.reshape(turned, (3,)), [0, 1, 0], 1e-6)
    flipped = ada.recolor(*tensors(red), *ada.color(3, zero, one, one, zero, one))
    close(ops.reshape(flipped, (3,)), [1 / 3, -2 / 3, -2 / 3], 1e-6)


def test_adapt():
    augmentation = augment.ADA(target=0.6, images=1000, maximum=0.8)
    probability, high, low = tensors(0.1, 0.7, 0.5)
    up = augmentation.adapt(probability, high, 64)
    assert tuple(up.shape) == ()
    assert float(up) == pytest.approx(0.164, abs=1e-6)
    assert float(augmentation.adapt(probability, low, 64)) == pytest.approx(0.036, abs=1e-6)
    assert float(augmentation.adapt(0.3, 1.0, tensors(64, dtype="int32")[0])) == pytest.approx(0.364)


def test_adapt_stops_at_both_ends():
    augmentation = augment.ADA(images=100, maximum=0.75)
    for sign, end in ((1.0, 0.75), (-1.0, 0.0)):
        (probability,) = tensors(0.4)
        for _ in range(8):
            probability = augmentation.adapt(probability, *tensors(sign), 16)
        assert float(probability) == end
