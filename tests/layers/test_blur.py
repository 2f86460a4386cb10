import numpy as np
import pytest
from layer_tools import normal, survives
from second_order_tools import layer_errors
from tools import values

from keras_gan_zoo import layers
from keras_gan_zoo.layers.blur import blur

FILTER = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def filtered(image, before, after):
    """Filter a zero-padded image (h, w), by definition."""
    image = np.pad(image, (before, after))
    h, w = image.shape
    return np.array(
        [[np.sum(FILTER * image[y : y + 4, x : x + 4]) for x in range(w - 3)] for y in range(h - 3)]
    )


def test_blur_by_its_definition():
    images = normal(2, 4, 6, 3)
    found = values([blur(images, 2, 3, gain=2.0)])[0]
    assert found.shape == (2, 4 + 5 - 3, 6 + 5 - 3, 3)
    np.testing.assert_allclose(found[1, :, :, 2], 2 * filtered(images[1, :, :, 2], 2, 3), atol=1e-6)


def test_downsampling_takes_every_second_pixel():
    images = normal(2, 4, 6, 3)
    found = values([layers.BlurDownsampling2D()(images)])[0]
    expected = filtered(images[0, :, :, 1], 1, 1)[::2, ::2]
    assert found.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(found[0, :, :, 1], expected, atol=1e-6)


def test_upsampling_filters_pixels_between_zeros():
    images = normal(2, 4, 6, 3)
    sparse = np.zeros((8, 12))
    sparse[::2, ::2] = images[0, :, :, 1]
    found = values([layers.BlurUpsampling2D()(images)])[0]
    expected = 4 * filtered(np.pad(sparse, ((1, 0), (1, 0))), 1, 1)
    assert found.shape == (2, 8, 12, 3)
    np.testing.assert_allclose(found[0, :, :, 1], expected, atol=1e-6)


def test_a_constant_image_stays_constant_inside():
    flat = np.full((1, 6, 6, 1), 3.0, "float32")
    np.testing.assert_allclose(values([layers.BlurDownsampling2D()(flat)])[0][0, 1, 1], 3.0)
    np.testing.assert_allclose(values([layers.BlurUpsampling2D()(flat)])[0][0, 2, 2], 3.0)
    # Pixels outside the image are 0.
    assert values([layers.BlurDownsampling2D()(flat)])[0][0, 0, 1, 0] == 3 * 7 / 8


@pytest.mark.parametrize("layer", [layers.BlurUpsampling2D, layers.BlurDownsampling2D])
def test_second_order_and_files(layer, float64, tmp_path):
    # The layers are linear, so only the square of their inputs has a second-order gradient.
    survives(layer(), normal(2, 4, 6, 3), tmp_path / "model.keras")

    class Squared(layer):
        def call(self, inputs):
            return super().call(inputs) ** 3

    assert layer_errors(Squared(dtype="float64"), normal(2, 4, 4, 2).astype("float64")) < 1e-6


@pytest.mark.parametrize("shape", [(None, 5, 4, 1), (None, 4, 5, 1), (None, None, 4, 1), (None, 4)])
def test_sides_that_cannot_be_halved(shape):
    with pytest.raises(ValueError, match=r"Inputs must (have even|be \(batch, height).*Received"):
        layers.BlurDownsampling2D().build(shape)
