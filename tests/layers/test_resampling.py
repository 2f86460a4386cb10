import numpy as np
import pytest
from layer_tools import survives
from tools import values

from keras_gan_zoo import layers


def image(*rows):
    return np.array(rows, "float32")[None, :, :, None]


def test_upsampling_by_hand():
    result = values([layers.BilinearUpsampling2D()(image([0, 8]))])[0]
    np.testing.assert_array_equal(result[0, :, :, 0], [[0, 4, 8, 8]] * 2)


def test_downsampling_by_hand():
    result = values([layers.BilinearDownsampling2D()(image([0, 4, 8, 16], [0, 4, 8, 16]))])[0]
    np.testing.assert_array_equal(result[0, :, :, 0], [[1, 9]])


def test_expansion_and_projection_by_hand():
    expand, project = layers.BasisExpansion((1, 2)), layers.BasisProjection()
    expand.build((None, 2))
    expand.set_weights([np.array([[[1, 2], [3, 4]]], "float32")])
    pictures = values([expand(np.array([[10, 100]], "float32"))])[0]
    np.testing.assert_array_equal(pictures, [[[[10, 200], [30, 400]]]])
    project.build((None, 1, 2, 2))
    project.set_weights([np.array([[[1, 2], [3, 4]]], "float32")])
    np.testing.assert_array_equal(values([project(pictures)])[0], [[10 + 90, 400 + 1600]])


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.BilinearUpsampling2D, (2, 4, 6, 3)),
        (layers.BilinearDownsampling2D, (2, 4, 6, 3)),
        (lambda **kwargs: layers.BasisExpansion((2, 3), **kwargs), (2, 5)),
        (layers.BasisProjection, (2, 4, 6, 3)),
    ],
)
def test_files(layer, shape, tmp_path):
    x = np.random.default_rng(0).standard_normal(shape).astype("float32")
    survives(layer(), x, tmp_path / "model.keras")
