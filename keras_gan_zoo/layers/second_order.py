"""Which layers a gradient penalty cannot go through."""

import keras

from keras_gan_zoo.layers import normalization

_UNFIT = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
    keras.layers.SpectralNormalization,
)
_FIT = (
    normalization.BatchNormalization,
    normalization.LayerNormalization,
    normalization.GroupNormalization,
)


def unsafe_second_order_layers(network: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layers of `network`, itself and nested ones, whose gradients of gradients are wrong or differ
    between backends; empty if a gradient penalty can be taken.

    These are Keras' batch, layer and group normalization, whose second-order gradients are wrong on
    TensorFlow, and its `SpectralNormalization`, whose gradients are wrong on TensorFlow and PyTorch.
    They are listed on every backend, because the same code must mean the same everywhere. The layers
    of the same names in `keras_gan_zoo.layers` are fit.
    """
    layers = network._flatten_layers()
    return [layer for layer in layers if isinstance(layer, _UNFIT) and not isinstance(layer, _FIT)]
