import keras
import numpy as np
import pytest
from latent_tools import loud
from tools import SHAPE, tiny

from keras_gan_zoo import latent
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

# Three numbers of a latent make features; the first the most of them, the fourth none.
KERNEL = np.array([[4, 0, 0, 0, 0], [0, 2, 0, 0, 0], [0, 0, 0.5, 0.5, 0], [0, 0, 0, 0, 0]], "float32")


class Known(NoiseToImage):
    def __init__(self, **arguments):
        super().__init__(image_shape=SHAPE, latent_dim=4, seed=0, **arguments)
        self.make_networks()
        self.generator.get_layer("first").set_weights([KERNEL])

    def make_generator(self):
        layers = [
            keras.Input((4,)),
            keras.layers.Dense(5, use_bias=False, name="first"),
            keras.layers.ReLU(name="second"),
            keras.layers.Dense(64, activation="tanh"),
            keras.layers.Reshape(SHAPE),
        ]
        return keras.Sequential(layers)

    def make_discriminator(self):
        return keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(1)])


def test_of_a_linear_layer_they_are_its_singular_vectors():
    found = latent.principal_directions(Known(), components=3, samples=4000, seed=0)
    np.testing.assert_allclose(found.vectors, np.eye(4)[:3], atol=0.1)
    np.testing.assert_allclose(found.variance, np.array([16, 4, 0.5]) / 20.5, atol=0.02)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1.0, rtol=1e-6)
    named = latent.principal_directions(Known(), "first", components=3, samples=4000, seed=0)
    np.testing.assert_array_equal(named.vectors, found.vectors)
    again = latent.principal_directions(Known(), components=3, samples=4000, seed=0, batch_size=7)
    np.testing.assert_allclose(again.vectors, found.vectors, atol=1e-4)
    assert latent.principal_directions(Known(), samples=50).vectors.shape == (4, 4)
    later = latent.principal_directions(Known(), "second", components=2, samples=4000, seed=0)
    np.testing.assert_allclose(later.vectors, np.eye(4)[:2], atol=0.1)
    assert abs(later.variance - found.variance[:2]).max() > 1e-3


def test_of_latents_of_ones_own():
    z = np.random.default_rng(0).standard_normal((500, 4)) * [1.0, 5.0, 0.1, 2.0] + 3.0
    found = latent.principal_directions(Known(), "latents", components=2, latents=z)
    np.testing.assert_allclose(found.vectors, [[0, 1, 0, 0], [0, 0, 0, 1]], atol=0.05)
    np.testing.assert_allclose(found.variance, np.array([25, 4]) / 30.01, atol=0.03)


def test_what_classes_do_does_not_count():
    model = loud(tiny("ConditionalGAN"), 3.0)
    found = latent.principal_directions(model, components=4, samples=300, seed=0)
    network = model.generator
    layer = next(layer for layer in network.layers if isinstance(layer, keras.layers.Embedding))
    layer.set_weights([100 * layer.get_weights()[0]])
    again = latent.principal_directions(model, components=4, samples=300, seed=0)
    np.testing.assert_allclose(again.vectors, found.vectors, atol=1e-2)
    np.testing.assert_allclose(again.variance.sum(), 1.0, atol=1e-3)


def test_of_styles():
    """The first layer of StyleGAN2's generator is a network."""
    model = tiny("StyleGAN2")
    found = latent.principal_directions(model, components=4, samples=200, seed=0)
    np.testing.assert_allclose(found.variance.sum(), 1.0, atol=1e-3)
    styles = [model.styles(latents=3 * vector[None])[0, 0] for vector in found.vectors]
    moved = np.linalg.norm(np.stack(styles) - model.styles(latents=np.zeros((1, 4)))[0, 0], axis=1)
    assert moved[0] > moved[-1] > 0


def test_wrong_arguments():
    with pytest.raises(
        ValueError, match="`layer` must be one of None, 'latents', 'first', 'second', 'd"
    ):
        latent.principal_directions(Known(), "third")
    with pytest.raises(ValueError, match=r"`components` must be 4 at most.*Received: components=10"):
        latent.principal_directions(Known(), components=10)
    with pytest.raises(ValueError, match=r"`components` must be 2 at most, .* and 3 samples"):
        latent.principal_directions(Known(), components=3, latents=np.zeros((3, 4)))
