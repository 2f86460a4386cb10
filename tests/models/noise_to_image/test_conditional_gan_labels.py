"""ConditionalGAN: validation of labels and attributes, grids."""

import numpy as np
import pytest
from conditional_tools import attributes, conditional, with_attributes
from tools import fit, labels


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, r"trains on images and labels\. Received: images only"),
        (labels() - 1, r"Labels must be integers in 0\.\.2.*in -1\.\.1"),
        (labels() + 1, r"Labels must be integers in 0\.\.2.*in 1\.\.3"),
        (labels().astype("float32"), r"Labels must be integers in 0\.\.2.*float32"),
        (labels()[:23], r"as many labels as images\. Received: 23 labels and 24 images"),
        (labels()[:0], r"Labels must be integers.*shape \(0,\)"),
        (np.eye(3, dtype="int32")[labels()], r"Labels must be integers.*np\.argmax\(labels, axis=1\)"),
    ],
)
def test_invalid_labels(y, message):
    model = conditional()
    model.compile()
    with pytest.raises(ValueError, match=message):
        fit(model, y=y)


def with_nan():
    y = attributes()
    y[7, 1] = np.nan
    return y


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (None, "trains on images and labels"),
        (with_nan(), r"Attributes must be finite.*for image 7\. Remove the image"),
        (attributes()[:, :1], r"numbers of shape \(n, 2\)\. Received: float32 of shape \(24, 1\)"),
        (labels(), r"numbers of shape \(n, 2\).*int32 of shape \(24,\).*with `num_classes`"),
        (attributes()[1:], r"Received: 23 labels and 24 images"),
        (2 * attributes() - 1, r"must be in \[0, 1\] for an auxiliary classifier\. Received: -1\.\.1"),
    ],
)
def test_invalid_attributes(y, message):
    model = with_attributes("auxiliary")
    model.compile()
    with pytest.raises(ValueError, match=message):
        fit(model, y=y)


def test_attributes_outside_0_1():
    model = with_attributes("projection")
    model.compile()
    history = fit(model, y=5 * attributes() - 1)
    assert np.isfinite(history["d_loss"]).all()
    assert abs(
        model.generate(2, labels=[-1, 4], seed=0) - model.generate(2, labels=[4, 4], seed=0)
    ).any()
    assert fit(model, y=attributes().astype("bool"))


@pytest.mark.parametrize(
    ("new", "given", "message"),
    [
        (conditional, 3, r"integers in 0\.\.2.*in 3\.\.3"),
        (conditional, [0, 1], r"one for each of the 5 images\. Received: shape \(2,\)"),
        (conditional, 0.5, r"integers in 0\.\.2.*float64"),
        (with_attributes, None, r"`labels` must be given to a model with attributes: vectors of 2"),
        (with_attributes, [0.0, np.nan], "Attributes must be finite"),
        (with_attributes, [1.0, 0.0, 0.0], r"numbers of shape \(n, 2\).*shape \(1, 3\)"),
        (with_attributes, np.zeros((4, 2)), r"one for each of the 5 images\. Received: shape \(4, 2\)"),
    ],
)
def test_invalid_labels_of_generate(new, given, message):
    with pytest.raises(ValueError, match=message):
        new().generate(5, labels=given)


def test_grid_has_a_row_per_class():
    model = conditional()
    grid, columns = model.generate_grid(13, seed=4)
    assert grid.shape == (12, 8, 8, 1) and columns == 4
    latents = model.latents(4, seed=4)
    for row in range(3):
        expected = model.generate(latents=latents, labels=row)
        np.testing.assert_allclose(grid[4 * row : 4 * row + 4], expected, atol=1e-6)
    assert model.generate_grid(2)[0].shape == (2, 8, 8, 1)
    chosen, columns = model.generate_grid(6, labels=[2, 0], seed=4)
    assert columns == 3
    np.testing.assert_allclose(chosen[3:6], grid[:3], atol=1e-6)


def test_grid_has_a_row_per_attribute():
    model = with_attributes()
    grid, columns = model.generate_grid(6, seed=4)
    assert columns == 3
    np.testing.assert_allclose(grid[3:], model.generate(3, labels=[0, 1], seed=4), atol=1e-6)
    both, _ = model.generate_grid(3, labels=[[1, 1]], seed=4)
    np.testing.assert_allclose(both, model.generate(3, labels=[1, 1], seed=4), atol=1e-6)
