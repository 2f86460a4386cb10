"""Between two classes: conditional generators that are given mixed embeddings, not a label."""

import keras
import numpy as np
from keras import ops


class Mixer:
    """Keeps the network of `from_embeddings` for the last generator, so that it is compiled once."""

    def __init__(self):
        self._generator = self._network = None

    def network(self, generator: keras.Model) -> keras.Model:
        """Return `from_embeddings(generator)`."""
        if self._generator is not generator:
            self._generator, self._network = generator, from_embeddings(generator)
        return self._network


def from_embeddings(network: keras.Model) -> keras.Model:
    """The network from [latents, embedding, ...] to images, with the same weights.

    Args:
        network: a functional model from [latents, labels] to images.

    Raises:
        ValueError: the labels go elsewhere than into layers that make vectors of them.
    """
    latents, _ = network.inputs
    try:
        return keras.Model(
            [latents, *(layer.output for layer in _readers(network))], network.outputs[0]
        )
    except ValueError as error:
        raise ValueError(
            "Classes can be mixed where the generator's labels go into layers such as "
            f"`keras.layers.Embedding` and nowhere else. Received: {network.name!r} with the layers "
            f"{[layer.name for layer in network.layers]}. Pass classes as integers."
        ) from error


def tables(network: keras.Model, count: int) -> list[np.ndarray]:
    """What each of those layers makes of the labels 0..count - 1: arrays (count, width)."""
    labels = np.arange(count, dtype="int32")
    return [ops.convert_to_numpy(layer(labels)) for layer in _readers(network)]


def _readers(network):
    """Layers whose input is the labels."""
    _, labels = network.inputs
    layers = [layer for layer in network.layers if not isinstance(layer, keras.layers.InputLayer)]
    return [layer for layer in layers if layer.input is labels]
