"""What tests of metrics share."""

import keras
from keras import layers
from tools import SHAPE


def network(shape=SHAPE, width=6):
    """A small classifier with features; always the same."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input(shape)
    features = layers.Dense(width)(layers.Flatten()(inputs))
    return keras.Model(inputs, {"features": features, "logits": layers.Dense(4)(features)}, name="net")
