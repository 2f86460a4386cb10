"""Detection of layers that a gradient penalty cannot differentiate correctly."""

import keras

from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.layers import normalization

_UNSAFE = (
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
    keras.layers.SpectralNormalization,
)
_SAFE = (
    normalization.BatchNormalization,
    normalization.LayerNormalization,
    normalization.GroupNormalization,
)


def unsafe_second_order_layers(network: keras.layers.Layer) -> list[keras.layers.Layer]:
    """Layers whose second-order gradients are wrong or differ between backends.

    These are Keras' batch, layer and group normalization, whose second-order gradients are wrong on
    TensorFlow, and `keras.layers.SpectralNormalization`, whose gradients are wrong on TensorFlow and
    PyTorch. They are listed on every backend, so that the same code has the same meaning everywhere.
    The layers of the same names in `keras_gan_zoo.layers` are safe.

    Args:
        network: a network or a layer.

    Returns:
        `network` itself and layers inside it, at any depth; empty if a gradient penalty is safe.
    """
    layers = keras_private.flatten_layers(network)
    return [layer for layer in layers if isinstance(layer, _UNSAFE) and not isinstance(layer, _SAFE)]
