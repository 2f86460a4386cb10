"""Augmentations: pure functions against numpy, distributions, gradients, compiled and not."""

import functools
import math

import keras
import numpy as np
import pytest
from keras import ops
from scipy import ndimage
from tools import BACKEND, gradients

from keras_gan_zoo import augment
from keras_gan_zoo.augment import ada, base, diffaugment

SHAPES = [(8, 8, 3), (6, 9, 1), (5, 5, 2), (1, 6, 1)]
BOTH = {"diffaugment": augment.DiffAugment(), "ada": augment.ADA()}
EVERY = {
    **BOTH,
    **{f"diffaugment {part}": augment.DiffAugment(part) for part in diffaugment.POLICY},
    **{f"ada {part}": augment.ADA(categories=part) for part in ada.CATEGORIES},
}
both = pytest.mark.parametrize("augmentation", BOTH.values(), ids=BOTH)
every = pytest.mark.parametrize("augmentation", EVERY.values(), ids=EVERY)


def pictures(n, shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, *shape)).astype("float32")


def tensors(*values, dtype="float32"):
    return [ops.convert_to_tensor(np.asarray(value), dtype=dtype) for value in values]


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def quick(function):
    """On JAX, operations one by one would each be compiled."""
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    return function


def augmented(augmentation, images, probability=1.0, seed=0):
    def function(images):
        return augmentation(images, keras.random.SeedGenerator(seed), probability)

    return array(quick(function)(*tensors(images)))


def close(result, expected, tolerance=1e-5):
    np.testing.assert_allclose(array(result), expected, rtol=tolerance, atol=tolerance)


# The pure functions, with given numbers.


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
    assert array(diffaugment.whole(draws, low, high)).tolist() == [low, high - 1]


def moved(image, down, right):
    """Translation with mirrored borders, by padding."""
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
    """The geometric changes as a float64 matrix on (row, column, 1), in the order of the paper."""

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
    """The changes of colour as one float64 matrix on (r, g, b, 1), in the order of the paper."""
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


def test_gather():
    images = pictures(2, (3, 4, 2))
    rows = np.array([[[0, 2, 1]], [[1, 1, 0]]])
    columns = np.array([[[3, 0, 2]], [[1, 2, 3]]])
    result = array(base.gather(*tensors(images), *tensors(rows, columns, dtype="int32")))
    np.testing.assert_array_equal(result, images[np.arange(2)[:, None, None], rows, columns])


# The augmentations.


@both
@pytest.mark.parametrize("shape", SHAPES)
def test_shape_and_dtype_are_kept(augmentation, shape):
    images = pictures(3, shape).astype("float16")
    function = quick(function_of(augmentation))
    narrow, wide = (function(*tensors(images, dtype=dtype)) for dtype in ("float16", "float32"))
    assert keras.backend.standardize_dtype(narrow.dtype) == "float16"
    assert keras.backend.standardize_dtype(wide.dtype) == "float32"
    assert tuple(narrow.shape) == tuple(wide.shape) == (3, *shape)
    np.testing.assert_allclose(array(narrow).astype("float32"), array(wide), rtol=2e-3, atol=2e-3)


@both
@pytest.mark.parametrize("shape", SHAPES)
def test_with_probability_0_nothing_happens(augmentation, shape):
    images = pictures(16, shape)
    for probability in (0.0, *tensors(0.0)):
        np.testing.assert_array_equal(augmented(augmentation, images, probability), images)


def share_of_changed(augmentation, probability, n=400, shape=(8, 8, 3)):
    images = pictures(n, shape)
    changes = augmented(augmentation, images, probability) != images
    return changes.any(axis=(1, 2, 3)).mean()


@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_with_probability_1_nearly_all_images_change(name):
    assert share_of_changed(augment.get(name), 1.0) > 0.995
    assert share_of_changed(augment.get(name), *tensors(1.0)) > 0.995


def test_share_of_images_that_diffaugment_changes():
    assert share_of_changed(augment.DiffAugment(), 0.3) == pytest.approx(0.3, abs=0.08)


def augmented_twice(augmentation, images, seed):
    def function(images):
        generator = keras.random.SeedGenerator(seed)
        return [augmentation(images, generator) for _ in range(2)]

    return map(array, quick(function)(*tensors(images)))


@every
def test_each_image_and_each_call_has_its_own_numbers(augmentation):
    images = np.repeat(pictures(1, (16, 16, 3)), 8, axis=0)
    first, second = augmented_twice(augmentation, images, seed=3)
    for results in (first, second, np.concatenate([first, second])):
        distinct = len(np.unique(results.reshape(len(results), -1), axis=0))
        assert distinct > len(results) * 0.6  # a few may agree: whole pixels, mirror images
    np.testing.assert_array_equal(first, augmented(augmentation, images, seed=3))


@both
def test_what_one_image_becomes_does_not_depend_on_the_others(augmentation):
    images = pictures(4, (6, 5, 3))
    others = np.concatenate([images[:2], pictures(2, (6, 5, 3), seed=1)])
    result, changed = (augmented(augmentation, batch) for batch in (images, others))
    np.testing.assert_array_equal(result[:2], changed[:2])
    assert not np.array_equal(result[2:], changed[2:])


# Distributions, two-sided; tolerances of about four standard errors.


def test_distribution_of_diffaugment_color():
    # Black, and two pixels whose mean is 0, the first of which has mean 0, too.
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
        # Of even sides, both ends have half of the hole; of odd ones, more.
        assert lengths.max() == side
        assert lengths.min() == side // 2 + side % 2
        # On average it is in the middle, as a pixel is as likely as its mirror image.
        share = hole.any(axis=axis).mean(axis=0)
        np.testing.assert_allclose(share, share[::-1], atol=0.06)
    assert hole.any(axis=(1, 2)).all()


def test_distribution_of_blit():
    # The places of three pixels tell what was done: mirror image, quarter turns, translation.
    images = np.zeros((3000, 16, 16, 3), "float32")
    for channel, place in enumerate([(7, 7), (7, 8), (8, 7)]):
        images[:, *place, channel] = 1.0
    result = augmented(augment.ADA(categories="blit"), images, 0.6)
    corner, right, below = (
        np.stack(np.unravel_index(flat.argmax(axis=1), (16, 16)), axis=1)
        for flat in result.reshape(3000, 256, 3).transpose(2, 0, 1)
    )
    right, below = right - corner, below - corner
    mirrored = right[:, 0] * below[:, 1] - right[:, 1] * below[:, 0] > 0
    assert mirrored.mean() == pytest.approx(0.3, abs=0.035)
    # A quarter turn of any kind makes the right neighbour one above or below: half of 0.6.
    assert (right[:, 0] != 0).mean() == pytest.approx(0.3, abs=0.035)
    # 180 degrees: the lower neighbour is above, in 0.15 of all and those only.
    assert (below[:, 0] == -1).mean() == pytest.approx(0.15, abs=0.03)
    centres = corner + (right + below) / 2 - 7.5
    unmoved = (centres == 0).all(axis=1).mean()
    # round(U(-2, 2)) is 0 in 1/4, so both are in 1/16 of the 0.6 that are translated.
    assert unmoved == pytest.approx(0.4 + 0.6 / 16, abs=0.035)
    assert centres.min() == -2 and centres.max() == 2
    assert np.abs(centres.mean(axis=0)).max() < 0.07


def moves_of(probability, monkeypatch, n=2000):
    """From where `sample` is told to take pixels: linear parts (n, 2, 2) and translations (n, 2)."""
    seen = []
    monkeypatch.setattr(ada, "sample", lambda images, matrices: seen.append(matrices) or images)
    function_of(augment.ADA(categories="geometry"), keras.random.SeedGenerator(0), probability)(
        *tensors(np.zeros((n, 16, 24, 1)))
    )
    matrices = array(seen[0])
    np.testing.assert_array_equal(matrices[:, 2], np.tile([0, 0, 1], (n, 1)))
    return matrices[:, :2, :2], matrices[:, :2, 2]


def test_distribution_of_geometry(monkeypatch):
    back, origin = moves_of(1.0, monkeypatch)
    scale = -0.5 * np.log2(np.linalg.det(back))
    assert scale.mean() == pytest.approx(0.0, abs=0.02)
    assert scale.std() == pytest.approx(0.2, abs=0.015)
    sizes = np.linalg.svd(back, compute_uv=False)
    stretch = np.log2(sizes[:, 0] / sizes[:, 1]) / 2  # the absolute value of N(0, 0.2)
    assert stretch.mean() == pytest.approx(0.2 * math.sqrt(2 / math.pi), abs=0.015)
    angle = np.arctan2(back[:, 1, 0] - back[:, 0, 1], back[:, 0, 0] + back[:, 1, 1])
    assert abs(np.cos(angle).mean()) < 0.07 and abs(np.sin(angle).mean()) < 0.07
    shift = -np.linalg.solve(back, origin[..., None])[..., 0]
    assert np.abs(shift.mean(axis=0)).max() < 0.3
    np.testing.assert_allclose(shift.std(axis=0), [2, 3], rtol=0.08)


def test_how_often_geometry_happens(monkeypatch):
    back, origin = moves_of(0.5, monkeypatch)
    turned = np.abs(back[:, 0, 1]) + np.abs(back[:, 1, 0]) > 1e-4
    assert turned.mean() == pytest.approx(0.5, abs=0.05)  # by one of two rotations
    scaled = np.abs(np.linalg.det(back) - 1) > 1e-4
    assert scaled.mean() == pytest.approx(0.5, abs=0.05)
    assert (np.abs(origin) > 1e-4).any(axis=1).mean() == pytest.approx(0.5, abs=0.05)


def colours_of(probability, n=2000):
    """What each image's colours go through: the matrices (n, 3, 3) and the summands (n, 3)."""
    images = np.zeros((n, 1, 4, 3), "float32")
    images[:, 0, 1:] = np.eye(3)
    result = augmented(augment.ADA(categories="color"), images, probability)[:, 0]
    return (result[:, 1:] - result[:, :1]).transpose(0, 2, 1), result[:, 0]


def test_distribution_of_colour():
    matrices, summands = colours_of(1.0)
    grey = matrices.sum(axis=2)[:, 0]
    assert np.log2(np.abs(grey)).mean() == pytest.approx(0.0, abs=0.05)
    assert np.log2(np.abs(grey)).std() == pytest.approx(0.5, abs=0.035)
    assert (grey < 0).mean() == pytest.approx(0.5, abs=0.05)
    brightness = summands[:, 0] / grey
    assert brightness.mean() == pytest.approx(0.0, abs=0.02)
    assert brightness.std() == pytest.approx(0.2, abs=0.015)
    a, b = np.array([1, -1, 0]) / math.sqrt(2), np.array([1, 1, -2]) / math.sqrt(6)
    x, y = np.einsum("i,nij,j->n", a, matrices, a), np.einsum("i,nij,j->n", b, matrices, a)
    saturation = np.log2(np.hypot(x, y) / np.abs(grey))
    assert saturation.mean() == pytest.approx(0.0, abs=0.1)
    assert saturation.std() == pytest.approx(1.0, abs=0.07)
    hue = np.arctan2(y, x)
    assert abs(np.cos(hue).mean()) < 0.07 and abs(np.sin(hue).mean()) < 0.07


def test_how_often_colours_change():
    matrices, summands = colours_of(0.5)
    grey = matrices.sum(axis=2)[:, 0]
    assert (np.abs(summands[:, 0]) > 1e-5).mean() == pytest.approx(0.5, abs=0.05)
    assert (np.abs(np.abs(grey) - 1) > 1e-4).mean() == pytest.approx(0.5, abs=0.05)
    assert (grey < 0).mean() == pytest.approx(0.25, abs=0.04)
    hued = np.abs(matrices[:, 0, 1] - matrices[:, 0, 2]) > 1e-4  # equal without a rotation
    assert hued.mean() == pytest.approx(0.5, abs=0.05)


# Gradients. All augmentations are affine in the images: y = A x + b, with A found pixel by pixel.


def function_of(augmentation, seed=5, probability=1.0):
    """The augmentation with the same random numbers in every call: such is an integer as the seed."""
    return lambda images: augmentation(images, seed, probability)


def matrices_of(function, shape, n):
    """A of each image, (n, out, in)."""
    function = quick(function)
    size = math.prod(shape)
    offset = array(function(*tensors(np.zeros((n, *shape))))).reshape(n, size)
    columns = []
    for pixel in np.eye(size):
        batch = np.tile(pixel.reshape(1, *shape), (n, 1, 1, 1))
        columns.append(array(function(*tensors(batch))).reshape(n, size) - offset)
    return np.stack(columns, axis=-1)


@every
@pytest.mark.parametrize("shape", [(4, 4, 3), (6, 3, 1)])
def test_gradient_is_the_adjoint(augmentation, shape):
    n = 3
    function = function_of(augmentation)
    matrices = matrices_of(function, shape, n)
    images, weights = pictures(n, shape), pictures(n, shape, seed=1)
    (factors,) = tensors(weights)
    _, (slope,) = gradients(lambda x: ops.sum(function(x) * factors), images)
    expected = np.einsum("noi,no->ni", matrices, weights.reshape(n, -1))
    np.testing.assert_allclose(slope.reshape(n, -1), expected, rtol=1e-4, atol=1e-5)
    assert np.isfinite(slope).all() and (np.abs(slope).max(axis=(1, 2, 3)) > 0.1).all()
    # The same numbers again: A x + b is what the augmentation gives.
    offset = array(quick(function)(*tensors(np.zeros_like(images)))).reshape(n, -1)
    linear = np.einsum("noi,ni->no", matrices, images.reshape(n, -1)) + offset
    np.testing.assert_allclose(
        array(quick(function)(*tensors(images))).reshape(n, -1), linear, atol=1e-4
    )


def gradient_of_penalty(function, images):
    """The gradient of |gradient of function|^2, both with respect to the images."""
    (images,) = tensors(images)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        @tf.function(input_signature=[tf.TensorSpec((None, *images.shape[1:]))])
        def slopes(images):
            with tf.GradientTape() as outer:
                outer.watch(images)
                with tf.GradientTape() as inner:
                    inner.watch(images)
                    value = function(images)
                penalty = tf.reduce_sum(inner.gradient(value, images) ** 2)
            return outer.gradient(penalty, images)

        return array(slopes(images))
    if BACKEND == "jax":
        import jax

        penalty = jax.grad(lambda x: (jax.grad(function)(x) ** 2).sum())
        return array(jax.jit(penalty)(images))
    import torch

    images.requires_grad_()
    (slope,) = torch.autograd.grad(function(images), images, create_graph=True)
    return array(torch.autograd.grad((slope**2).sum(), images)[0])


@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_second_order(name):
    n, shape = 3, (4, 4, 3)
    function = function_of(augment.get(name))
    matrices, images = matrices_of(function, shape, n), pictures(n, shape)
    result = array(quick(function)(*tensors(images))).reshape(n, -1)
    # f = sum(y^3) / 3: gradient g = A' y^2, Hessian A' 2 diag(y) A; the penalty's gradient is 2 H g.
    slope = np.einsum("noi,no->ni", matrices, result**2)
    inner = np.einsum("noi,ni->no", matrices, slope)
    expected = 4 * np.einsum("noi,no->ni", matrices, result * inner)
    got = gradient_of_penalty(lambda x: ops.sum(function(x) ** 3) / 3, images).reshape(n, -1)
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def compiled(function, images, probability, xla):
    """`function(images, probability)` as training calls it, with its gradient of sum(y^2)."""
    images, probability = tensors(images, probability)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        signature = [tf.TensorSpec((None, *images.shape[1:])), tf.TensorSpec(())]

        @tf.function(input_signature=signature, jit_compile=xla)
        def run(images, probability):
            with tf.GradientTape() as tape:
                tape.watch(images)
                result = function(images, probability)
                loss = tf.reduce_sum(result**2)
            return result, tape.gradient(loss, images)

        return map(array, run(images, probability))
    if BACKEND == "jax":
        import jax

        def loss(images, probability):
            result = function(images, probability)
            return (result**2).sum(), result

        slope, result = jax.jit(jax.grad(loss, has_aux=True))(images, probability)
        return array(result), array(slope)
    import torch

    images.requires_grad_()
    result = function(images, probability)
    return array(result.detach()), array(torch.autograd.grad((result**2).sum(), images)[0])


def given_numbers(monkeypatch, n):
    """Random numbers that do not depend on the backend; XLA has a generator of its own, too."""
    rng = np.random.default_rng(0)
    uniforms = rng.uniform(size=(16, n)).astype("float32")
    normals = rng.normal(size=(16, n)).astype("float32")
    for name, numbers in (("uniform", uniforms), ("normal", normals)):
        draw = functools.partial(lambda numbers, shape, **_: tensors(numbers[: shape[0]])[0], numbers)
        monkeypatch.setattr(keras.random, name, draw)


@pytest.mark.parametrize("xla", [False, True] if BACKEND == "tensorflow" else [None])
@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_compiled_is_as_eager(name, xla, monkeypatch):
    augmentation, images = augment.get(name), pictures(5, (8, 6, 3))
    given_numbers(monkeypatch, 5)
    result, slope = compiled(functools.partial(without_seed, augmentation), images, 0.7, xla)
    eager = functools.partial(without_seed, augmentation, probability=0.7)
    np.testing.assert_allclose(result, array(eager(*tensors(images))), atol=1e-4)
    _, (expected,) = gradients(lambda x: ops.sum(eager(x) ** 2), images)
    np.testing.assert_allclose(slope, expected, rtol=1e-3, atol=1e-3)


def without_seed(augmentation, images, probability):
    return augmentation(images, None, probability)


# Adaptation, names, configurations.


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


def test_which_adapts():
    assert augment.ADA().adaptive and not augment.DiffAugment().adaptive
    assert not augment.Augmentation().adaptive


def test_get():
    mine = augment.DiffAugment("cutout")
    assert augment.get(mine) is mine
    assert augment.get(None) is None
    for name, kind in augment.AUGMENTATIONS.items():
        assert type(augment.get(name)) is kind
    with pytest.raises(ValueError, match=r"Received: 'adda'. Known: 'diffaugment', 'ada'"):
        augment.get("adda")
    with pytest.raises(TypeError, match=r"'diffaugment', 'ada'.*Received: 3 \(of type int\)"):
        augment.get(3)


@pytest.mark.parametrize(
    "augmentation",
    [
        augment.DiffAugment(),
        augment.DiffAugment("cutout"),
        augment.ADA(),
        augment.ADA(0.5, 1000, 0.7, ("color", "blit")),
    ],
)
def test_serialization(augmentation):
    config = keras.saving.serialize_keras_object(augmentation)
    assert config["registered_name"] == f"keras_gan_zoo>{type(augmentation).__name__}"
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(augmentation)
    assert vars(again) == vars(augmentation)


def test_parts_by_name():
    expected = ("color", "cutout")
    for policy in (("cutout", "color"), ["color", "cutout"], "cutout, color", {"color", "cutout"}):
        assert augment.DiffAugment(policy).policy == expected
    assert augment.ADA(categories="color,blit").categories == ("blit", "color")


@pytest.mark.parametrize("parts", ["", "colour", (), ["color", 3], None, 3, "color,"])
def test_wrong_parts(parts):
    with pytest.raises(ValueError, match="`policy` must be one or more of 'color', 'translation'"):
        augment.DiffAugment(parts)
    with pytest.raises(ValueError, match="`categories` must be one or more of 'blit', 'geometry'"):
        augment.ADA(categories=parts)


@pytest.mark.parametrize(("name", "value"), [("target", 1.5), ("images", 0), ("maximum", -0.1)])
def test_wrong_arguments(name, value):
    with pytest.raises(ValueError, match=f"`{name}`.*Received: {name}={value}"):
        augment.ADA(**{name: value})


def test_one_of_ones_own():
    class Darker(augment.Augmentation):
        def augment(self, images, seed, probability):
            return images - 0.5

    images = pictures(2, (3, 3, 1))
    close(augment.get(Darker())(*tensors(images), keras.random.SeedGenerator(0)), images - 0.5)
    with pytest.raises(NotImplementedError):
        augment.Augmentation()(*tensors(images), keras.random.SeedGenerator(0))
