"""Comparison of layers with those of Keras, and saving of layers."""

import keras
import numpy as np
from keras import ops
from tools import close, gradients, values


def normal(*shape):
    """Standard normal numbers, reproducible through the fixture `seeded`."""
    return np.random.standard_normal(shape).astype("float32")


def twins(ours, theirs, shape):
    """Give our layer and that of Keras the same random weights."""
    ours.build((None, *shape[1:]))
    theirs.build((None, *shape[1:]))
    weights = [abs(normal(*weight.shape)) + 0.1 for weight in theirs.weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def forward_and_gradients(layer, x, **training):
    """Outputs, gradients of inputs and trainable weights, and non-trainable variables afterwards.

    The loss is a random linear function of the outputs.
    """
    direction = np.random.default_rng(1).standard_normal(layer.compute_output_shape(x.shape))
    direction = ops.convert_to_tensor(direction.astype("float32"))
    trainable = values(layer.trainable_variables)
    fixed = values(layer.non_trainable_variables)

    def loss(x, *weights):
        outputs, _ = layer.stateless_call(list(weights), fixed, x, **training)
        return ops.sum(outputs * direction)

    _, slopes = gradients(loss, x, *trainable)
    outputs = layer(x, **training)
    return values([outputs]), slopes, values(layer.non_trainable_variables)


def assert_equal(ours, theirs, x, **training):
    for mine, keras_ in zip(
        forward_and_gradients(ours, x, **training),
        forward_and_gradients(theirs, x, **training),
        strict=True,
    ):
        if mine or keras_:
            close(mine, keras_, rtol=2e-5, atol=2e-4)


def survives(layer, x, path):
    """Check that a file and `clone_model` restore `layer` after one training call."""
    model = keras.Sequential([keras.Input(x.shape[1:], dtype=x.dtype.name), layer])
    model(x, training=True)
    model.save(path)
    loaded = keras.models.load_model(path)
    assert type(loaded.layers[0]) is type(layer)
    assert loaded.layers[0].get_config() == layer.get_config()
    close(values([loaded(x)]), values([model(x)]), rtol=1e-6, atol=1e-6)
    clone = keras.models.clone_model(model)
    if model.weights:
        clone.set_weights(model.get_weights())
    close(values([clone(x)]), values([model(x)]), rtol=1e-6, atol=1e-6)
