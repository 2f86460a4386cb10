"""Class weights in place of labels."""

import zipfile

import h5py
import keras
import numpy as np
import pytest
from tools import tiny

from keras_gan_zoo.backend.keras_private import flatten_layers
from keras_gan_zoo.models.noise_to_image import mixing


def conditional(kind):
    return tiny(kind, num_classes=3)


def embedding(network):
    """The layer of a network or of its mapping whose weights have a row for each class."""
    layers = [each for each in flatten_layers(network) if not isinstance(each, keras.Model)]
    return next(each for each in layers if each.weights and each.weights[0].shape[0] == 3)


@pytest.mark.parametrize(
    ("kind", "atol"), [("ConditionalGAN", 1e-6), ("R3GAN", 1e-6), ("StyleGAN2", 2e-6)]
)
def test_class_weights_mix_embeddings(kind, atol):
    model = conditional(kind)
    latents = model.latents(4, seed=0)
    weights = np.array([[1, 0, 0], [0, 0, 1], [0.25, 0.75, 0], [0.5, 0.75, -0.25]], "float32")
    mixed = model.generate(latents=latents, labels=weights)
    classes = model.generate(latents=latents[:2], labels=[0, 2])
    np.testing.assert_allclose(mixed[:2], classes, atol=atol)
    # If all classes have the mixed embedding, every label gives the mixed image.
    table = embedding(model.generator).weights[0]
    rows = keras.ops.convert_to_numpy(table)
    for row in (2, 3):
        table.assign(np.tile(weights[row] @ rows, (3, 1)))
        expected = model.generate(latents=latents[row : row + 1], labels=1)
        np.testing.assert_allclose(mixed[row : row + 1], expected, atol=1e-5)


def test_mixing_uses_current_weights_and_the_moving_average():
    model = conditional("ConditionalGAN")
    latents, weights = model.latents(2, seed=0), np.full((2, 3), 1 / 3, "float32")
    before = model.generate(latents=latents, labels=weights)
    embedding(model.generator).set_weights([np.ones((3, 50), "float32")])
    changed = model.generate(latents=latents, labels=weights)
    assert abs(changed - before).max() > 1e-4
    np.testing.assert_allclose(changed, model.generate(latents=latents, labels=0), atol=1e-6)
    model.compile(ema=0.9)
    embedding(model.ema_generator).set_weights([np.zeros((3, 50), "float32")])
    averaged = model.generate(latents=latents, labels=weights)
    assert abs(averaged - changed).max() > 1e-4
    np.testing.assert_allclose(averaged, model.generate(latents=latents, labels=0), atol=1e-6)


def test_mixing_does_not_change_saved_files(tmp_path):
    model = conditional("ConditionalGAN")
    weights = np.full((2, 3), 1 / 3, "float32")
    mixed = model.generate(latents=model.latents(2, seed=0), labels=weights)
    model.compile(ema=0.9)
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        names = set(h5py.File(archive.open("model.weights.h5")))
    assert {n for n in names if n.endswith("generator")} == {"generator", "ema_generator"}
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        loaded.generate(latents=model.latents(2, seed=0), labels=weights), mixed, atol=1e-6
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.full((2, 3), 0.5), r"each row the sum 1\. Received: shape \(2, 3\), sums 1\.5\.\.1\.5"),
        (np.full((3, 3), 1 / 3), r"shape \(2, 3\), and each row the sum 1\. Received: shape \(3, 3\)"),
        (np.full((2, 3), np.nan), r"sums nan\.\.nan"),
        (np.full((2, 4), 0.25), r"Labels must be integers in 0\.\.2"),
        (np.eye(3, dtype="int32")[:2], r"np\.argmax\(labels, axis=1\)"),
    ],
)
def test_invalid_class_weights(weights, message):
    with pytest.raises(ValueError, match=message):
        conditional("ConditionalGAN").generate(2, labels=weights)


def test_labels_without_embeddings_cannot_be_mixed():
    latents, labels = keras.Input((4,)), keras.Input((), dtype="int32")
    scale = keras.ops.cast(keras.ops.reshape(labels, (-1, 1)), "float32")
    numbers = keras.Model([latents, labels], latents * scale)
    vectors = keras.layers.Embedding(3, 4)(labels)
    both = keras.Model([latents, labels], latents * scale + vectors)
    for network in (numbers, both):
        with pytest.raises(ValueError, match=r"such as `keras\.layers\.Embedding` and nowhere else"):
            mixing.from_embeddings(network)
