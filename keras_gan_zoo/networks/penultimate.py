"""Penultimate activations of a discriminator."""

import keras


def of(network: keras.Model, user: str):
    """Inputs of the last dense layer of a network, a Keras tensor (n, features).

    Args:
        network: a discriminator, `Sequential` or functional.
        user: the caller that needs the activations, for the error message.

    Raises:
        ValueError: the network has no dense layer.
    """
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    if not dense:
        raise ValueError(
            f"{user} needs a discriminator with a `keras.layers.Dense`, whose inputs it uses. "
            f"Received: layers {[layer.name for layer in network.layers]}."
        )
    return dense[-1].input
