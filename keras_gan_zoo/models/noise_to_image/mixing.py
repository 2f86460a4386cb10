"""Class interpolation: conditional generators with mixed label embeddings as inputs."""

import keras
import numpy as np
from keras import ops


class Mixer:
    """Cache of the result of `from_embeddings` for one generator, which Keras then compiles once."""

    def __init__(self):
        self._generator = self._network = None

    def network(self, generator: keras.Model) -> keras.Model:
        """Return `from_embeddings(generator)`."""
        if self._generator is not generator:
            self._generator, self._network = generator, from_embeddings(generator)
        return self._network


def from_embeddings(network: keras.Model) -> keras.Model:
    """Rebuild a generator with label embeddings as inputs in place of labels; weights are shared.

    Args:
        network: functional model from `[latents, labels]` to images.

    Returns:
        A model from `[latents, embedding, ...]` to images, with one embedding input (n, width) for each
        layer that takes the labels.

    Raises:
        ValueError: the labels are also used other than through layers that map them to vectors.
    """
    latents, _ = network.inputs
    try:
        return keras.Model(
            [latents, *(layer.output for layer in _label_layers(network))], network.outputs[0]
        )
    except ValueError as error:
        raise ValueError(
            "Mixing classes needs a generator whose labels go into layers such as "
            f"`keras.layers.Embedding` and nowhere else. Received: {network.name!r} with the layers "
            f"{[layer.name for layer in network.layers]}. Pass classes as integers."
        ) from error


def tables(network: keras.Model, count: int) -> list[np.ndarray]:
    """Embeddings of the labels 0..count - 1 in each layer that takes labels: arrays (count, width)."""
    labels = np.arange(count, dtype="int32")
    return [ops.convert_to_numpy(layer(labels)) for layer in _label_layers(network)]


def _label_layers(network):
    """Layers whose input is the labels of the network."""
    _, labels = network.inputs
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
    return [layer for layer in layers if layer.input is labels]
