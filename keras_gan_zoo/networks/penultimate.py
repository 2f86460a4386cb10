"""What a discriminator knows of an image, just before it says how real it is."""

import keras


def of(network: keras.Model, user: str):
    """What goes into the last dense layer of a network, (n, features).

    Args:
        network: a discriminator, `Sequential` or functional.
        user: who needs the features, for the message.

    Raises:
        ValueError: there is no dense layer.
    """
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    if not dense:
        raise ValueError(
            f"{user} needs a discriminator with a `keras.layers.Dense`, whose inputs are the features. "
            f"Received: layers {[layer.name for layer in network.layers]}."
        )
    return dense[-1].input
