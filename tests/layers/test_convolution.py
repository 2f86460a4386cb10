import keras
import numpy as np
import pytest
from layer_tools import assert_equal, normal, twins
from second_order_tools import layer_errors
from tools import values

from keras_gan_zoo import layers


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel_size": 4, "strides": 2},
        {"kernel_size": 2, "strides": 2, "use_bias": False},
        {"kernel_size": 3, "strides": 1, "activation": "tanh"},
        {"kernel_size": (6, 4), "strides": 2},
        {"kernel_size": 5, "strides": 3},
        {"kernel_size": 3, "strides": 2, "padding": "valid"},
        {"kernel_size": (4, 2), "strides": 2, "padding": "valid"},
    ],
)
def test_conv_transpose_equals_that_of_keras(arguments):
    x = normal(2, 4, 5, 3)
    theirs = keras.layers.Conv2DTranspose(6, **{"padding": "same"} | arguments)
    assert_equal(*twins(layers.Conv2DTranspose(6, **arguments), theirs, x.shape), x)


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((2, 8, 6, 3), {"kernel_size": 4, "strides": 2}),
        ((2, 8, 6, 5), {"kernel_size": 4, "strides": 2, "use_bias": False}),
        ((2, 9, 12, 2), {"kernel_size": (5, 3), "strides": 3, "activation": "tanh"}),
        ((2, 7, 5, 1), {"kernel_size": 4, "strides": 2}),
        ((2, 5, 5, 3), {"kernel_size": 3}),
        ((2, 6, 5, 4), {"kernel_size": 3, "groups": 2}),
        ((2, 8, 8, 3), {"kernel_size": 4, "strides": 2, "groups": 3, "activation": "tanh"}),
        ((12, 32, 32, 1), {"kernel_size": 2, "strides": 2}),  # many positions
        ((2, 7, 6, 3), {"kernel_size": 3, "padding": "valid"}),
        ((2, 7, 6, 4), {"kernel_size": 3, "strides": 2, "padding": "valid", "groups": 2}),
    ],
)
def test_conv_equals_that_of_keras(shape, arguments):
    x = normal(*shape)
    theirs = keras.layers.Conv2D(6, **{"padding": "same"} | arguments)
    assert_equal(*twins(layers.Conv2D(6, **arguments), theirs, x.shape), x)


def test_conv_transpose_by_hand():
    layer = layers.Conv2DTranspose(1, 2, 2, use_bias=False)
    layer.build((None, 1, 2, 1))
    layer.set_weights([np.array([[1, 2], [3, 4]], "float32").reshape(2, 2, 1, 1)])
    outputs = values([layer(np.array([10, 100], "float32").reshape(1, 1, 2, 1))])[0]
    np.testing.assert_array_equal(outputs[0, :, :, 0], [[10, 20, 100, 200], [30, 40, 300, 400]])


def test_grouped_conv_by_hand():
    layer = layers.Conv2D(4, 1, groups=2, use_bias=False)
    layer.build((None, 1, 1, 4))
    layer.set_weights([np.array([[1, 2, 3, 4], [5, 6, 7, 8]], "float32").reshape(1, 1, 2, 4)])
    outputs = values([layer(np.array([1, 10, 100, 1000], "float32").reshape(1, 1, 1, 4))])[0]
    np.testing.assert_array_equal(outputs.reshape(-1), [51, 62, 7300, 8400])


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("Conv2D", {}),
        ("Conv2D", {"padding": "valid"}),
        ("Conv2D", {"groups": 2}),
        ("Conv2DTranspose", {}),
        ("Conv2DTranspose", {"padding": "valid"}),
    ],
)
def test_conv_second_order(kind, arguments, float64):
    layer = getattr(layers, kind)(4, 4, 2, activation="tanh", dtype="float64", **arguments)
    assert layer_errors(layer, normal(2, 4, 4, 2).astype("float64")) < 1e-5


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel_size": 3, "strides": 2},
        {"kernel_size": 2, "strides": 4},
        {"kernel_size": 4, "strides": (2, 1)},
        {"kernel_size": 2, "strides": 3, "padding": "valid"},
        {"kernel_size": 4, "strides": 2, "data_format": "channels_first"},
        {"kernel_size": 3, "strides": 1, "dilation_rate": 2},
        {"kernel_size": 4, "strides": 2, "output_padding": 1},
    ],
)
def test_conv_transpose_refuses(arguments):
    with pytest.raises(ValueError, match=r"such as kernel_size=4, strides=2\. Received: kernel_size="):
        layers.Conv2DTranspose(3, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"strides": (2, 1)},
        {"data_format": "channels_first"},
        {"dilation_rate": 2},
    ],
)
def test_conv_refuses(arguments):
    with pytest.raises(ValueError, match=r"no dilation\. Received: strides="):
        layers.Conv2D(3, 3, **arguments)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Conv2D(3, (6, 4), 2, use_bias=False, activation="tanh", name="down"),
        lambda: layers.Conv2D(6, 3, groups=3, name="grouped"),
        lambda: layers.Conv2DTranspose(3, (6, 4), 2, use_bias=False, activation="tanh", name="up"),
    ],
)
def test_serialization(layer):
    layer = layer()
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"] == f"keras_gan_zoo>{type(layer).__name__}"
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is type(layer)
    assert restored.get_config() == layer.get_config()
