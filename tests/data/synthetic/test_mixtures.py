import numpy as np
import pytest

from keras_gan_zoo.data import (
    digits,
    gaussian_grid,
    gaussian_ring,
    grid_centres,
    ring_centres,
    stacked_digits,
)


def test_centres_of_the_ring():
    half = 0.5**0.5
    expected = [(1, 0), (half, half), (0, 1), (-half, half), (-1, 0), (-half, -half), (0, -1)]
    np.testing.assert_allclose(ring_centres()[:7], expected, atol=1e-15)
    np.testing.assert_allclose(ring_centres(2, radius=3), [(3, 0), (-3, 0)], atol=1e-15)
    assert ring_centres().shape == (8, 2) and ring_centres().dtype == np.float64


def test_centres_of_the_grid():
    sides = (-4, -2, 0, 2, 4)
    np.testing.assert_array_equal(grid_centres(), [(x, y) for x in sides for y in sides])
    np.testing.assert_array_equal(
        grid_centres(4, spacing=1.0), [(-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)]
    )
    np.testing.assert_array_equal(grid_centres(1), [(0, 0)])


@pytest.mark.parametrize(
    ("draw", "centres", "sigma"),
    [(gaussian_ring, ring_centres(), 0.01), (gaussian_grid, grid_centres(), 0.05)],
)
def test_points_lie_around_the_centre_that_their_label_names(draw, centres, sigma):
    points, labels = draw(20_000)
    assert (points.shape, points.dtype) == ((20_000, 2), np.float32)
    assert (labels.shape, labels.dtype) == ((20_000,), np.int32)
    noise = (points - centres[labels]) / sigma
    assert noise.std() == pytest.approx(1, abs=0.02)
    assert abs(noise.mean()) < 0.02 and abs(np.corrcoef(noise.T)[0, 1]) < 0.05
    share = np.bincount(labels, minlength=len(centres)) * len(centres) / len(labels)
    assert len(share) == len(centres) and share.min() > 0.8 and share.max() < 1.2


@pytest.mark.parametrize("draw", [gaussian_ring, gaussian_grid, stacked_digits])
def test_the_seed_decides(draw):
    for one, again in zip(draw(50, seed=3), draw(50, seed=3), strict=True):
        np.testing.assert_array_equal(one, again)
    assert not np.array_equal(draw(50, seed=3)[0], draw(50, seed=4)[0])


def test_other_mixtures():
    points, labels = gaussian_ring(500, modes=3, radius=10.0, sigma=0.5)
    assert set(labels) == {0, 1, 2}
    assert np.linalg.norm(points, axis=1).mean() == pytest.approx(10, abs=0.2)
    points, labels = gaussian_grid(500, modes=9, spacing=1.0, sigma=1e-6)
    assert set(labels) == set(range(9)) and set(np.rint(points).ravel()) == {-1, 0, 1}


def test_a_stack_holds_the_digits_that_its_label_names():
    images = np.arange(10, dtype="uint8")[:, None, None] + np.zeros((2, 3), "uint8")
    stacks, labels = stacked_digits(3000, 1, images, np.arange(10))
    assert (stacks.shape, stacks.dtype) == ((3000, 2, 3, 3), np.uint8)
    assert (labels.shape, labels.dtype) == ((3000,), np.int32)
    np.testing.assert_array_equal(stacks[:, 1, 2] @ [100, 10, 1], labels)
    assert (stacks == stacks[:, :1, :1]).all()
    assert len(np.unique(labels)) > 900 and labels.max() > 990 and labels.min() < 10


def test_a_last_axis_of_one_channel_is_fine():
    images, labels = digits(20)
    stacks, names = stacked_digits(5, 0, images, labels)
    again, same = stacked_digits(5, 0, images[..., 0], labels.astype("uint8"))
    np.testing.assert_array_equal(stacks, again)
    np.testing.assert_array_equal(names, same)


def test_digits_that_are_drawn_on_the_spot():
    stacks, labels = stacked_digits(40)
    assert stacks.shape == (40, 28, 28, 3) and stacks.dtype == np.uint8
    pictures, shown = digits(120)
    known = {image.tobytes(): label for image, label in zip(pictures, shown, strict=True)}
    for stack, label in zip(stacks, labels, strict=True):
        red, green, blue = (known[stack[..., channel].tobytes()] for channel in range(3))
        assert label == 100 * red + 10 * green + blue


@pytest.mark.parametrize(
    ("draw", "arguments", "message"),
    [
        (gaussian_ring, {"n": 0}, "`n` must be a positive integer. Received: n=0"),
        (gaussian_ring, {"n": 1, "seed": -1}, "`seed` must be an integer of 0 or more"),
        (gaussian_ring, {"n": 1, "modes": 2.5}, "`modes` must be a positive integer"),
        (
            gaussian_ring,
            {"n": 1, "radius": 0},
            "`radius` must be a positive number. Received: radius=0",
        ),
        (gaussian_ring, {"n": 1, "sigma": -0.1}, "`sigma` must be a positive number"),
        (gaussian_ring, {"n": 1, "sigma": float("nan")}, "`sigma` must be a positive number"),
        (
            gaussian_grid,
            {"n": 1, "modes": 24},
            "must be a square number. Received: modes=24. Pass 16 or 25",
        ),
        (gaussian_grid, {"n": 1, "spacing": "2"}, "`spacing` must be a positive number"),
        (stacked_digits, {"n": 0}, "`n` must be a positive integer"),
        (stacked_digits, {"n": 1, "seed": None}, "`seed` must be an integer of 0 or more"),
    ],
)
def test_wrong_numbers(draw, arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(**arguments)


IMAGES, LABELS = np.zeros((3, 4, 4), "uint8"), np.array([0, 1, 9])


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES, None, "must come together. Received: labels=None"),
        (None, LABELS, "must come together. Received: images=None"),
        (
            IMAGES / 255.0,
            LABELS,
            r"must be uint8 of shape .* Received: float64 of shape \(3, 4, 4\)",
        ),
        (np.zeros((3, 4, 4, 3), "uint8"), LABELS, r"Received: uint8 of shape \(3, 4, 4, 3\)"),
        (IMAGES[:0], LABELS[:0], r"Received: uint8 of shape \(0, 4, 4\)"),
        (IMAGES, LABELS[:2], r"of shape \(3,\) as there are 3 images. Received: int64 of shape \(2,\)"),
        (IMAGES, LABELS + 1, r"must be integers in 0..9, .* in 1..10"),
        (IMAGES, LABELS - 1, r"must be integers in 0..9, .* in -1..8"),
        (IMAGES, LABELS / 1.0, "must be integers in 0..9, .* Received: float64"),
    ],
)
def test_wrong_digits(images, labels, message):
    with pytest.raises(ValueError, match=message):
        stacked_digits(2, 0, images, labels)
