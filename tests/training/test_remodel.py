"""The arguments `d_norm`, `minibatch` and `pack` of all noise-to-image models."""

import keras
import numpy as np
import pytest
from tools import fit, images, mark_others, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo import layers
from keras_gan_zoo.training import remodel

SHAPE = (16, 16, 1)


def kinds(network):
    return [type(layer) for layer in network.layers]


@pytest.mark.parametrize("norm", mark_others(["batch", "layer", "instance", "group"], ["layer"]))
def test_normalization_is_replaced(norm):
    model = tiny("DCGAN", image_shape=SHAPE, width=8, d_norm=norm) if norm != "group" else None
    if norm == "group":  # Keras' default of 32 groups
        model = kgz.DCGAN(SHAPE, width=16, d_norm=norm)
    plain = kinds(kgz.DCGAN(SHAPE).discriminator)
    kind = remodel.NORMS[norm]
    expected = [kind if found is layers.BatchNormalization else found for found in plain]
    assert kinds(model.discriminator) == expected
    model.compile()
    assert np.isfinite(fit(model, images(8, SHAPE))["d_loss"]).all()
    assert layers.BatchNormalization in kinds(model.generator)


@pytest.mark.parametrize("name", mark_others(["GAN", "DCGAN"], ["DCGAN"]))
def test_spectral_normalization(name):
    model = tiny(name, d_norm="spectral")
    found = [layer for layer in model.discriminator.layers if layer.weights]
    assert {type(layer) for layer in found} <= {layers.SpectralDense, layers.SpectralConv2D}
    assert found and all(layer.use_bias for layer in found)
    model.compile(losses="hinge", penalties=["r1"])
    u = values([found[0].u])[0]
    fit(model)
    assert not np.allclose(u, values([found[0].u])[0])


@pytest.mark.parametrize("name", ["StyleGAN2", "MSGGAN", "ProgressiveGAN"])
def test_equalized_layers_are_not_normalized(name):
    with pytest.raises(ValueError, match=r"`d_norm` must be None or 'none' here: 'discriminator' has"):
        tiny(name, d_norm="spectral")


@pytest.mark.parametrize("norm", ["none", "spectral", "layer", "instance"])
@pytest.mark.parametrize("conditioning", ["concat", "projection"])
def test_discriminators_with_labels(norm, conditioning):
    model = kgz.ConditionalGAN((16, 16, 1), 3, width=4, conditioning=conditioning, d_norm=norm)
    found = kinds(model.discriminator)
    assert keras.layers.BatchNormalization not in found and layers.BatchNormalization not in found
    scores = model.discriminator([images(4, (16, 16, 1)), np.array([0, 1, 2, 0])])
    assert scores.shape == (4, 1)


def test_layers_without_normalization_have_biases():
    found = tiny("DCGAN", image_shape=SHAPE, d_norm="none").discriminator.layers
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in found)
    assert all(layer.use_bias for layer in found if isinstance(layer, keras.layers.Conv2D))


def test_the_same_seed_makes_the_same_network():
    one, two, other = (
        values(tiny("DCGAN", d_norm="spectral", seed=seed).discriminator.weights) for seed in (1, 1, 2)
    )
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    assert not np.array_equal(one[0], other[0])


@pytest.mark.parametrize("name", mark_others(["GAN", "DCGAN"], ["DCGAN"]))
@pytest.mark.parametrize("minibatch", remodel.MINIBATCH)
def test_minibatch(name, minibatch):
    model = tiny(name, minibatch=minibatch)
    assert kinds(model.discriminator).count(remodel.MINIBATCH[minibatch]) == 1
    model.compile()
    fit(model)
    # The logits of an image depend on the rest of the batch.
    x = images(4)
    alone = values([model.discriminator(np.repeat(x[:1], 4, axis=0))])[0][0]
    assert abs(alone - values([model.discriminator(x)])[0][0]).max() > 1e-6
    again = model.from_config(model.get_config())
    assert again.minibatch == minibatch


def test_a_dense_network_has_no_normalization_to_replace():
    with pytest.raises(ValueError, match=r"`d_norm` can be 'none' or 'spectral' here.*'layer'"):
        tiny("GAN", d_norm="layer")
    with pytest.raises(ValueError, match=r"`d_norm` must be one of None, 'batch', .*d_norm='sn'"):
        tiny("GAN", d_norm="sn")
    with pytest.raises(ValueError, match=r"`minibatch` must be one of None, 'stddev'.*'std'"):
        tiny("GAN", minibatch="std")


def test_packing_by_hand():
    model = tiny("GAN", image_shape=(2, 3, 2), pack=2)
    x = np.arange(4 * 12).reshape(4, 2, 3, 2).astype("float32")
    packed = values([model.pack_views(keras.ops.convert_to_tensor(x))])[0]
    assert packed.shape == (2, 2, 3, 4) and model.view_shape == (2, 3, 4)
    np.testing.assert_array_equal(packed[1], np.concatenate([x[2], x[3]], axis=-1))


@pytest.mark.parametrize("name", mark_others(["GAN", "DCGAN", "SNGAN", "WGANGP"], ["DCGAN"]))
def test_packed_models_train(name):
    model = tiny(name, pack=2)
    model.compile(penalties=["r1"], d_steps=1)
    history = fit(model, images(16, model.image_shape))
    assert np.isfinite(history["r1_penalty"]).all()
    assert model.generate(3, seed=0).shape == (3, *model.image_shape)
    assert model.from_config(model.get_config()).pack == 2


@pytest.mark.parametrize(("n", "batch_size"), [(9, 3), (10, 8), (11, 4)])
def test_batches_that_cannot_be_packed(n, batch_size):
    model = tiny("GAN", pack=4)
    model.compile()
    with pytest.raises(ValueError, match=r"multiples of the model's pack=4\. Received: batches of"):
        fit(model, images(n), batch_size=batch_size)


def test_packing_and_classes_exclude_each_other():
    with pytest.raises(ValueError, match=r"`num_classes` must be None: GAN has no conditional form"):
        tiny("GAN", num_classes=3)
