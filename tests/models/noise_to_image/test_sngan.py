import keras
import numpy as np
import pytest
from tools import fit, images, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo import layers
from keras_gan_zoo.backend import keras_private


def of_kind(network, *kinds):
    return [layer for layer in keras_private.flatten_layers(network) if type(layer) in kinds]


@pytest.mark.full_matrix
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 64, 3), (32, 64, 3)])
def test_image_shapes(shape):
    model = kgz.SNGAN(shape, latent_dim=3, width=4)
    assert model.generate(2, seed=0).shape == (2, *shape)
    assert model.discriminator.output_shape == (None, 1)


def test_only_discriminator_weights_are_spectrally_normalized():
    model = kgz.SNGAN((32, 32, 3), width=4)
    normal = (keras.layers.Conv2D, keras.layers.Dense, layers.Conv2D)
    spectral = (layers.SpectralConv2D, layers.SpectralDense)
    assert of_kind(model.discriminator, *normal) == []
    # Four blocks of two convolutions; two of them also have a skip convolution; and the last layer.
    assert len(of_kind(model.discriminator, *spectral)) == 4 * 2 + 2 + 1
    assert of_kind(model.generator, *spectral) == []


def test_widths():
    model = kgz.SNGAN((32, 32, 3), width=4)
    assert {layer.filters for layer in of_kind(model.discriminator, layers.SpectralConv2D)} == {4}
    assert {layer.filters for layer in of_kind(model.generator, layers.Conv2D)} == {8, 3}


def test_discriminator_is_invariant_to_the_scale_of_its_weights():
    model = tiny("SNGAN")
    x = images(4, model.image_shape)
    model.discriminator(x, training=True)
    before = values([model.discriminator(x)])[0]
    for layer in of_kind(model.discriminator, layers.SpectralConv2D):
        layer.kernel.assign(10.0 * layer.kernel)
    np.testing.assert_allclose(values([model.discriminator(x)])[0], before, rtol=1e-4, atol=1e-5)
    assert abs(before).max() > 1e-3


def test_default_training_matches_paper():
    model = kgz.SNGAN((8, 8, 1), width=4)
    model.compile()
    assert type(model.adversarial_loss).__name__ == "Hinge"
    assert model.plan.d_steps == 5
    adam = model.optimizer["g_opt"]
    assert (float(adam.learning_rate), adam.beta_1, adam.beta_2) == (pytest.approx(2e-4), 0.0, 0.9)


def test_attention():
    model = kgz.SNGAN((32, 32, 3), width=8, attention=16)
    for network in (model.generator, model.discriminator):
        (layer,) = of_kind(network, layers.SelfAttention)
        assert layer.input.shape[1:3] == (16, 16)
    model.compile(d_steps=1)
    fit(model, images(8, (32, 32, 3)))
    assert model.from_config(model.get_config()).attention == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"attention": 5}, r"`attention` must be one of None, 8, 16\. Received: attention=5"),
        ({"minibatch": "stddev"}, r"`minibatch` must be None for this model.*MinibatchStdDev"),
        ({"d_norm": "layer"}, r"`d_norm` can be 'none' or 'spectral' here.*d_norm='layer'"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        kgz.SNGAN(**{"image_shape": (32, 32, 3), "width": 4} | arguments)
