import keras
import pytest

from keras_gan_zoo import layers

OURS = ["BatchNormalization", "LayerNormalization", "GroupNormalization"]


def network(*middle):
    return keras.Sequential(
        [keras.Input((4, 4, 8)), keras.layers.Conv2D(8, 3), *middle, keras.layers.LeakyReLU(0.2)]
    )


def arguments(kind):
    return {"groups": 2} if kind == "GroupNormalization" else {}


@pytest.mark.parametrize("kind", OURS)
def test_layers_of_keras_are_unsafe(kind):
    layer = getattr(keras.layers, kind)(**arguments(kind))
    assert layers.unsafe_second_order_layers(network(layer)) == [layer]
    assert layers.unsafe_second_order_layers(layer) == [layer]


def test_the_wrapper_of_keras_is_unsafe():
    layer = keras.layers.SpectralNormalization(keras.layers.Conv2D(8, 1))
    assert layers.unsafe_second_order_layers(network(layer)) == [layer]


@pytest.mark.parametrize("kind", [*OURS, "InstanceNormalization", "SelfAttention", "MinibatchStdDev"])
def test_layers_of_this_package_are_safe(kind):
    assert layers.unsafe_second_order_layers(network(getattr(layers, kind)(**arguments(kind)))) == []


def test_other_correct_layers_are_safe():
    middle = keras.layers.RMSNormalization(), keras.layers.UnitNormalization()
    assert layers.unsafe_second_order_layers(network(*middle)) == []


def test_finds_nested_layers_once_and_in_order():
    first, second = keras.layers.LayerNormalization(), keras.layers.BatchNormalization()

    class Block(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.inner = keras.Sequential([keras.layers.ReLU(), second])

        def call(self, inputs):
            return self.inner(inputs)

    nested = keras.Sequential([keras.Input((2, 2, 8)), Block()])
    outer = network(first, nested, layers.BatchNormalization())
    assert layers.unsafe_second_order_layers(outer) == [first, second]
