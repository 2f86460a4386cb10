"""The search for inputs of fixed networks by gradient descent."""

import keras
import numpy as np
import pytest
from keras import ops

from keras_gan_zoo.training.latent_search import LatentSearch


@pytest.fixture(scope="module")
def network():
    layer = keras.layers.Dense(3, use_bias=False)
    network = keras.Sequential([keras.Input((2,)), layer])
    layer.set_weights([np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0]])])
    return network


def make_search(network, rows=4, steps=200, learning_rate=0.2, prior=0.0):
    def objective(latents, constants):
        outputs = network(latents, training=False)
        losses = ops.mean(ops.square(outputs - constants["targets"]), 1)
        return losses, losses + prior * ops.mean(ops.square(latents), 1)

    constants = {"targets": ((rows, 3), "float32")}
    return LatentSearch(objective, [network], (rows, 2), constants, steps, learning_rate)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype("float32")


def predict(network, latents):
    return ops.convert_to_numpy(network(latents))


def test_finds_the_inputs_of_outputs_and_leaves_the_network(network):
    search, before = make_search(network), network.get_weights()
    for seed in (0, 1):  # a second batch, with the same compiled step
        expected = normal(4, 2, seed=seed)
        constants = {"targets": predict(network, expected)}
        latents, losses = search.run(np.zeros((4, 2)), constants)
        np.testing.assert_allclose(latents, expected, atol=1e-2)
        assert losses.shape == (4,) and losses.max() < 1e-4
    np.testing.assert_array_equal(network.get_weights(), before)


def test_batches_are_independent(network):
    search, starts = make_search(network, steps=5), normal(4, 2, seed=3)
    constants = {"targets": normal(4, 3)}
    first, losses = search.run(starts, constants)
    search.run(-starts, {"targets": normal(4, 3, seed=1)})
    again, losses_again = search.run(starts, constants)
    np.testing.assert_array_equal(again, first)
    np.testing.assert_array_equal(losses_again, losses)


def test_rows_are_independent(network):
    targets, starts = normal(4, 3), normal(4, 2, seed=3)
    whole, _ = make_search(network, steps=5).run(starts, {"targets": targets})
    part, _ = make_search(network, rows=1, steps=5).run(starts[2:3], {"targets": targets[2:3]})
    np.testing.assert_allclose(part, whole[2:3], atol=1e-6)


def test_reported_losses_are_those_before_the_last_update_without_the_prior(network):
    targets, starts = normal(4, 3), normal(4, 2, seed=3)
    search = make_search(network, steps=1, learning_rate=0.1, prior=1e3)
    latents, losses = search.run(starts, {"targets": targets})
    np.testing.assert_allclose(losses, np.square(predict(network, starts) - targets).mean(1), rtol=1e-5)
    # The first step of Adam is the learning rate, here against the gradient of the prior.
    np.testing.assert_allclose(latents, starts - 0.1 * np.sign(starts), atol=1e-4)
