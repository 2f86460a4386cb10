"""ADA: distributions of its transformations, two-sided; tolerances are about four standard errors."""

import math

import keras
import numpy as np
import pytest
from augment_tools import array, augmented, function_of, tensors

from keras_gan_zoo import augment
from keras_gan_zoo.augment import ada


def test_distribution_of_blit():
    # The positions of three pixels determine the flip, the quarter turns and the translation.
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
    # A quarter turn in either direction moves the right neighbour above or below: half of 0.6.
    assert (right[:, 0] != 0).mean() == pytest.approx(0.3, abs=0.035)
    # Only 180 degrees, in 0.15 of all images, move the lower neighbour above.
    assert (below[:, 0] == -1).mean() == pytest.approx(0.15, abs=0.03)
    centres = corner + (right + below) / 2 - 7.5
    unmoved = (centres == 0).all(axis=1).mean()
    # round(U(-2, 2)) is 0 in 1/4, so both are in 1/16 of the 0.6 that are translated.
    assert unmoved == pytest.approx(0.4 + 0.6 / 16, abs=0.035)
    assert centres.min() == -2 and centres.max() == 2
    assert np.abs(centres.mean(axis=0)).max() < 0.07


def moves_of(probability, monkeypatch, n=2000):
    """Linear parts (n, 2, 2) and translations (n, 2) of the matrices passed to `sample`."""
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
    """Matrices (n, 3, 3) and offsets (n, 3) of the color transformation of each image."""
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
