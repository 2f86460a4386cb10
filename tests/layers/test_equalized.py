import keras
import numpy as np
import pytest
from layer_tools import normal, survives
from second_order_tools import layer_errors
from tools import values

from keras_gan_zoo import backend, layers
from keras_gan_zoo.layers.blur import blur


def test_dense_by_hand():
    layer = layers.EqualizedDense(1, gain=2.0, lr_multiplier=0.5, bias_value=3.0)
    layer.build((None, 4))
    assert values([layer.bias])[0] == 6.0
    layer.set_weights([np.array([[1], [2], [3], [4]], "float32"), np.array([8], "float32")])
    # 2 * 0.5 / sqrt(4) * (1 + 2 + 3 + 4) + 0.5 * 8
    np.testing.assert_allclose(values([layer(np.ones((1, 4), "float32"))])[0], [[9.0]])


@pytest.mark.parametrize("lr_multiplier", [1.0, 0.01])
def test_outputs_have_unit_variance_for_any_lr_multiplier(lr_multiplier):
    keras.utils.set_random_seed(1)
    layer = layers.EqualizedConv2D(64, 3, lr_multiplier=lr_multiplier)
    outputs = values([layer(normal(4, 8, 8, 32))])[0]
    assert outputs[:, 1:-1, 1:-1].std() == pytest.approx(1.0, rel=0.1)
    assert values([layer.kernel])[0].std() == pytest.approx(1 / lr_multiplier, rel=0.02)


def test_convolution_is_that_of_the_scaled_kernel():
    x = normal(2, 6, 4, 3)
    ours = layers.EqualizedConv2D(5, 3, gain=1.5)
    theirs = keras.layers.Conv2D(5, 3, padding="same")
    ours.build(x.shape), theirs.build(x.shape)
    kernel, bias = normal(3, 3, 3, 5), normal(5)
    ours.set_weights([kernel, bias])
    theirs.set_weights([kernel * 1.5 / np.sqrt(27), bias])
    np.testing.assert_allclose(*values([ours(x), theirs(x)]), rtol=1e-5, atol=1e-5)


def test_downsampling_is_a_blur_and_a_convolution():
    x = normal(2, 6, 4, 3)
    layer = layers.EqualizedConv2D(5, 3, downsampling=True, use_bias=False)
    found = values([layer(x)])[0]
    assert found.shape == layer.compute_output_shape(x.shape) == (2, 3, 2, 5)
    # A convolution without padding, stride 1, of the images blurred with two zeros on each side.
    whole = values([backend.conv(blur(x, 2, 2), layer.scaled_kernel(), 1)])[0][:, 1:-1, 1:-1]
    np.testing.assert_allclose(found, whole[:, ::2, ::2], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda **k: layers.EqualizedDense(3, lr_multiplier=0.1, activation="tanh", **k), (2, 4)),
        (
            lambda **k: layers.EqualizedConv2D(3, 3, downsampling=True, activation="tanh", **k),
            (2, 4, 4, 2),
        ),
    ],
)
def test_second_order_and_files(layer, shape, float64, tmp_path):
    survives(layer(), normal(*shape), tmp_path / "model.keras")
    assert layer_errors(layer(dtype="float64"), normal(*shape).astype("float64")) < 1e-6


def test_errors():
    with pytest.raises(ValueError, match=r"`gain` must be a finite number above 0. Received: gain=0"):
        layers.EqualizedDense(3, gain=0)
    with pytest.raises(ValueError, match=r"`downsampling` needs kernel_size=3 and strides=1"):
        layers.EqualizedConv2D(3, 1, downsampling=True)
    with pytest.raises(ValueError, match="even sides"):
        layers.EqualizedConv2D(3, 3, downsampling=True).build((None, 5, 4, 1))


def test_pixel_normalization():
    layer = layers.PixelNormalization(epsilon=0.0)
    x = np.array([[[[3.0, 4.0]]], [[[0.0, -5.0]]]], "float32")
    expected = np.sqrt(2) * np.array([[[[0.6, 0.8]]], [[[0.0, -1.0]]]])
    np.testing.assert_allclose(values([layer(x)])[0], expected, rtol=1e-6)


def test_pixel_normalization_second_order(float64, tmp_path):
    survives(layers.PixelNormalization(), normal(2, 4), tmp_path / "model.keras")
    x = normal(2, 3, 3, 4).astype("float64")
    assert layer_errors(layers.PixelNormalization(dtype="float64"), x) < 1e-6
