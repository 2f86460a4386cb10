"""Arguments of constructors, `compile` and `fit` that Keras would accept or report badly."""

from pathlib import Path

import numpy as np
import pytest
from tools import Linear, fit, images, labels, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo import registry


@pytest.fixture(scope="module")
def model():
    linear = Linear()
    linear.compile()
    return linear


@pytest.mark.parametrize("name", [*registry.MODELS, *registry.STYLE_MODELS])
def test_unknown_argument_of_a_constructor(name):
    classes = {"num_classes": 2} if name == "ConditionalGAN" else {}
    network = {"network": "rgb64"} if name in registry.STYLE_MODELS else {}
    with pytest.raises(TypeError, match=rf"`{name}` has no argument `sed`.*Did you mean `seed`\?"):
        getattr(kgz, name)(sed=8, **classes, **network)


def test_an_unknown_argument_lists_the_known_ones():
    message = (
        r"`DCGAN` has no argument `widht`\. Received: widht=8\. Did you mean `width`\? Known "
        r"arguments: d_bias, d_features, d_norm, d_output, dtype, image_shape, latent_dim, minibatch, "
        r"name, num_classes, pack, seed, upsampling, width\."
    )
    with pytest.raises(TypeError, match=message):
        kgz.DCGAN((8, 8, 1), widht=8)
    with pytest.raises(
        TypeError, match=r"`Linear` has no argument `halvings`\. Received: halvings=2\. K"
    ):
        Linear(halvings=2)
    assert kgz.DCGAN((8, 8, 1), width=4, name="mine", dtype="float32").name == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"optimizer": "adam"}, r"no argument `optimizer`.*pass `d_opt` and `g_opt`.*optimizer='adam'"),
        ({"loss": "hinge"}, r"no argument `loss`\. Pass `losses`.*Received: loss='hinge'"),
        ({"loss_weights": [1]}, r"no argument `loss_weights`\. Pass the weights in `losses`"),
        (
            {"penalty": "r1"},
            r"no argument `penalty`.*Did you mean `penalties`\? Known arguments: augment",
        ),
    ],
)
def test_unknown_argument_of_compile(arguments, message):
    for model in (Linear(), tiny("Pix2Pix")):
        with pytest.raises(TypeError, match=message):
            model.compile(**arguments)
        assert not model.compiled


def test_no_discriminator_updates():
    with pytest.raises(ValueError, match=r"Received: d_steps=0\. Pass for example d_steps=1\."):
        Linear().compile(d_steps=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, r"`batch_size` must be a positive integer\. Received: batch_size=0"),
        ({"epochs": -1}, r"`epochs` must be an integer of 0 or more\. Received: epochs=-1.*epochs=10"),
        ({"epochs": 1.5}, r"Received: epochs=1\.5"),
        ({"class_weight": {0: 1.0}}, r"`class_weight` must be None: .*Received: a dict"),
        ({"sample_weight": np.ones(8)}, r"`sample_weight` must be None: .*Received: a ndarray"),
    ],
)
def test_arguments_of_fit(model, arguments, message):
    with pytest.raises(ValueError, match=message):
        fit(model, images(8), **arguments)
    assert model.steps == 0


@pytest.mark.parametrize("path", ["pictures", Path("pictures"), "digits"])
def test_a_path_instead_of_images(model, path):
    with pytest.raises(
        ValueError, match=r"not a path or a name.*`keras_gan_zoo\.data\.load\(\.\.\., im"
    ):
        fit(model, path)
    pairs = tiny("Pix2Pix")
    pairs.compile()
    with pytest.raises(ValueError, match=r"`keras_gan_zoo\.data\.paired\(\.\.\.\)` or `unpaired"):
        fit(pairs, path)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ((images(8), labels(8)), r"Received: a tuple of 2\. Pass the two arrays as .*`fit\(x, y\)`"),
        (list(images(8)), r"Received: a list of 8\. Pass one array, such as `np\.stack\(images\)`"),
        ({"x": images(8)}, r"or a generator\. Received: an object of type dict\."),
        (5, r"or a generator\. Received: an object of type int\."),
    ],
)
def test_neither_an_array_nor_a_source(model, x, message):
    with pytest.raises(ValueError, match=message):
        fit(model, x)
    assert model.steps == 0
