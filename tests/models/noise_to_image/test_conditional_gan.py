import keras
import numpy as np
import pytest
from conditional_tools import attributes, conditional, with_attributes
from tools import all_moved, fit, frozen, images, labels, mark_others, same, state, values

import keras_gan_zoo as kgz
from keras_gan_zoo import layers
from keras_gan_zoo.models.noise_to_image.conditional_gan import CONDITIONING

each_conditioning = pytest.mark.parametrize("conditioning", CONDITIONING)


def predict(network, x, y):
    return values([network([x, y])])[0]


def cross_entropy(logits, classes):
    logits = logits - logits.max(1, keepdims=True)
    likelihood = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return -np.log(likelihood[np.arange(len(classes)), classes]).mean()


@pytest.mark.full_matrix
@each_conditioning
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 48, 3)])
def test_image_shapes(shape, conditioning):
    model = kgz.ConditionalGAN(shape, 10, conditioning=conditioning, latent_dim=3, width=2)
    assert model.generate(2, seed=0).shape == (2, *shape)
    assert model.discriminator.output_shape == (None, 1)
    assert model.num_classes == 10


@each_conditioning
@pytest.mark.parametrize("new", [conditional, with_attributes])
def test_training_changes_all_weights(new, conditioning):
    model = new(conditioning)
    model.compile()
    before = values(model.discriminator_variables()), values(model.generator_variables())
    y = labels() if new is conditional else attributes()
    history = fit(model, y=y)
    assert np.isfinite(history["d_loss"] + history["g_loss"]).all()
    assert ("d_class_loss" in history) == (conditioning == "auxiliary")
    assert all_moved(values(model.discriminator_variables()), before[0])
    assert all_moved(values(model.generator_variables()), before[1])
    count = len(model.discriminator_variables()) + len(model.generator_variables())
    assert count == len(model.trainable_variables)


def test_labels_change_images_and_logits():
    latents = np.random.default_rng(0).standard_normal((6, 4)).astype("float32")
    model, x = conditional(), images(3)
    turns = model.generate(latents=latents)
    np.testing.assert_array_equal(turns, model.generate(latents=latents, labels=[0, 1, 2, 0, 1, 2]))
    zeros, twos = (model.generate(latents=latents, labels=label) for label in (0, 2))
    assert abs(zeros - twos).max() > 1e-3
    for conditioning in ("concat", "projection"):
        network = conditional(conditioning).discriminator
        zeros, twos = (predict(network, x, np.full(3, label, "int32")) for label in (0, 2))
        assert abs(zeros - twos).max() > 1e-7
    assert len(conditional("auxiliary").discriminator.inputs) == 1


def test_concat_adds_a_label_channel():
    model = conditional()
    kernel = next(layer for layer in model.discriminator.layers if isinstance(layer, layers.Conv2D))
    assert kernel.kernel.shape[2] == 2
    # The additional channel depends on the class only.
    concatenate = next(
        layer for layer in model.discriminator.layers if isinstance(layer, keras.layers.Concatenate)
    )
    inputs = keras.Model(model.discriminator.inputs, concatenate.output)
    x, y = images(4), np.array([0, 1, 0, 1], "int32")
    channels = values([inputs([x, y])])[0]
    np.testing.assert_array_equal(channels[..., :1], x)
    np.testing.assert_array_equal(channels[0, ..., 1], channels[2, ..., 1])
    assert abs(channels[0, ..., 1] - channels[1, ..., 1]).max() > 0.1


def test_projection_matches_manual_computation():
    model = conditional("projection")
    dense = [layer for layer in model.discriminator.layers if isinstance(layer, keras.layers.Dense)]
    embedding = next(
        layer for layer in model.discriminator.layers if isinstance(layer, keras.layers.Embedding)
    )
    network = keras.Model(model.discriminator.inputs, dense[-1].input)
    x, y = images(5), np.array([0, 1, 2, 2, 1], "int32")
    features = predict(network, x, y)
    weights, table = values([dense[-1].kernel, embedding.embeddings])
    expected = features @ weights[:, 0] + (features * table[y]).sum(1)
    np.testing.assert_allclose(predict(model.discriminator, x, y)[:, 0], expected, rtol=1e-4, atol=1e-7)
    convolutions = [layer for layer in model.discriminator.layers if isinstance(layer, layers.Conv2D)]
    assert features.shape == (5, convolutions[-1].filters)


@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
def test_classification_losses_match_manual_computation(updates):
    model = conditional("auxiliary")
    losses = {"adversarial": "hinge", "classification": 0.5}
    frozen(model, losses=losses, updates=updates)
    model.head.set_weights([np.zeros((64, 3)), np.log([[0.5, 0.25, 0.25]])[0]])
    history = fit(model, images(6), y=np.array([0, 0, 0, 1, 2, 1]), batch_size=6)
    expected = -(3 * np.log(0.5) + 3 * np.log(0.25)) / 6
    assert history["g_class_loss"] == pytest.approx([0.5 * expected], rel=1e-5)
    assert history["d_class_loss"] == pytest.approx([2 * 0.5 * expected], rel=1e-5)


def test_attribute_losses_match_manual_computation():
    model = frozen(with_attributes("auxiliary"))
    model.head.set_weights([np.zeros((64, 2)), np.log([1.0, 3.0])])
    y = np.array([[0, 1], [1, 0], [0.5, 1.0]])
    history = fit(model, images(3), y=y, batch_size=3)
    # The classifier's probabilities are 1/2 and 3/4.
    expected = -(3 * np.log(0.5) + 2 * np.log(0.75) + np.log(0.25)) / 6
    assert history["g_class_loss"] == pytest.approx([expected], rel=1e-5)
    assert history["d_class_loss"] == pytest.approx([2 * expected], rel=1e-5)


def test_classifier_learns_from_real_images():
    model = conditional("auxiliary")
    sgd = keras.optimizers.SGD
    model.compile(keras.optimizers.Adam(1e-2), sgd(0.0), losses={"adversarial": "hinge"})
    x = np.stack([np.full((8, 8, 1), value, "float32") for value in (-1, 0, 1)] * 8)
    before = fit(model, x, y=labels())["d_class_loss"][0]
    after = fit(model, x, y=labels(), epochs=20)["d_class_loss"][-1]
    # The fakes do not depend on the class yet: their part of the loss stays at log(3).
    assert before > 1.9 and after < np.log(3) + 0.6


def test_evaluate_reports_classifier_loss():
    model = frozen(conditional("auxiliary"))
    logs = model.evaluate(images(8), labels(8), batch_size=8, verbose=0, return_dict=True)
    features = model.discriminator.layers[-1].input
    network = keras.Model(model.discriminator.inputs, model.head(features))
    real = cross_entropy(network.predict(images(8), verbose=0), labels(8))
    assert logs["d_class_loss"] == pytest.approx(real + logs["g_class_loss"], rel=1e-4)


@each_conditioning
def test_training_resumes_exactly(conditioning, tmp_path):
    model = with_attributes(conditioning)
    model.compile(ema=0.9, losses={"adversarial": "hinge"})
    fit(model, y=attributes())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert (loaded.attributes, loaded.num_classes, loaded.conditioning) == (2, None, conditioning)
    for one in (model, loaded):
        fit(one, y=attributes())
    assert same(state(loaded), state(model))
    arguments = {"n": 3, "seed": 0, "labels": [1.0, 0.0]}
    np.testing.assert_array_equal(loaded.generate(**arguments), model.generate(**arguments))


@each_conditioning
@pytest.mark.parametrize(
    "arguments", mark_others([{}, {"d_norm": "spectral"}, {"d_norm": "none"}], [{}])
)
def test_stabilizers(arguments, conditioning):
    model = conditional(conditioning, **arguments)
    model.compile(
        losses={"adversarial": "relativistic", "feature_matching": 1.0},
        penalties=["r1", "gradient_penalty"],
        augment="diffaugment",
        d_steps=2,
        ema=0.9,
    )
    callbacks = [kgz.callbacks.InstanceNoise(0.1), kgz.callbacks.DiscriminatorSkip(0.1)]
    for updates in ({}, {"updates": "simultaneous"}):
        if updates:
            model.compile(penalties=["r1"], augment="ada", **updates)
        history = fit(model, callbacks=callbacks)
        assert all(np.isfinite(value).all() for value in history.values())
    if arguments.get("d_norm") == "spectral" and conditioning != "auxiliary":
        kinds = {type(layer) for layer in model.discriminator.layers}
        assert layers.SpectralEmbedding in kinds and keras.layers.Embedding not in kinds


def test_pack_and_minibatch_with_labels():
    with pytest.raises(ValueError, match="`pack` must be 1 with `num_classes`"):
        conditional(pack=2)
    with pytest.raises(ValueError, match="`pack` must be 1 with `num_classes` or `attributes`"):
        with_attributes(pack=2)
    with pytest.raises(ValueError, match="`minibatch` must be None for this model"):
        conditional(minibatch="stddev")
    model = conditional("auxiliary", minibatch="stddev")
    model.compile()
    assert np.isfinite(fit(model)["d_class_loss"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"attributes": 2},
            "One of the arguments `num_classes` and `attributes` must be given, the other",
        ),
        (
            {"num_classes": None},
            "must be given, the other None. Received: num_classes=None, attributes",
        ),
        ({"num_classes": 0}, "`num_classes` must be a positive integer"),
        ({"num_classes": None, "attributes": 0}, "`attributes` must be a positive integer"),
        ({"conditioning": "film"}, "`conditioning` must be one of 'concat', 'projection', 'auxiliary'"),
        ({"width": 0}, "`width` must be a positive integer"),
        ({"image_shape": (30, 30, 1)}, "same power of two times a base"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        conditional(**arguments)


def test_invalid_classification_weights():
    with pytest.raises(ValueError, match=r"`losses` must be a dict with the terms.*'classification'"):
        conditional("auxiliary").compile(losses={"adversarial": "hinge", "information": 1.0})
    with pytest.raises(ValueError, match=r"losses\['classification'\]. must be a finite number of 0"):
        conditional("auxiliary").compile(losses={"adversarial": "hinge", "classification": -1.0})
    with pytest.raises(ValueError, match="`losses` must be a dict with the terms"):
        conditional("concat").compile(losses={"adversarial": "hinge", "classification": 1.0})
