"""Networks as rows of the documentation."""

import architecture
import keras
import pytest

import keras_gan_zoo as kgz

pytestmark = pytest.mark.full_matrix


def test_rows_of_a_network():
    model = kgz.DCGAN((8, 8, 1), latent_dim=4, width=4, upsampling="resize")
    assert architecture.stages(model.generator) == [
        ((4,), ["input"]),
        ((64,), ["Dense"]),
        ((4, 4, 4), ["Reshape", "BatchNormalization", "ReLU"]),
        ((8, 8, 1), ["UpSampling2D", "Conv2D 3x3"]),
    ]
    drawn = architecture.draw(model.discriminator, "discriminator", (8, 8, 1))
    assert f"Discriminator: {model.discriminator.count_params():,} weights" in drawn
    assert drawn.count("<li>") == 4 and "Conv2D 4x4 stride 2" in drawn


def test_longest_path_through_branches_and_networks():
    """From the larger input, through the network in the network, past the shortcut; no paddings."""
    image, label = keras.Input((16, 16, 2), name="image"), keras.Input((1,), name="label")
    inner = keras.Sequential([keras.Input((16, 16, 2)), keras.layers.Conv2D(2, 1), keras.layers.ReLU()])
    x = keras.layers.Add()([inner(keras.layers.ZeroPadding2D(0)(image)), image])
    outputs = keras.layers.Concatenate()([keras.layers.Flatten()(x), keras.layers.Dense(3)(label)])
    network = keras.Model([image, label], outputs)
    assert architecture.stages(network) == [
        ((16, 16, 2), ["input"]),
        ((16, 16, 2), ["Conv2D 1x1", "ReLU", "Add"]),
        ((512,), ["Flatten"]),
        ((515,), ["Concatenate"]),
    ]


def test_networks_without_values():
    model = architecture.build(kgz.CycleGAN)
    titles = architecture.networks(model)
    assert [title.partition(",")[0] for title in titles] == ["generator", "discriminator"]
    network = architecture.sized(next(iter(titles.values())), (64, 32, 3))
    last = architecture.stages(network)[-1]
    assert last[0] == (64, 32, 3) and last[1][-1] == "Activation"


def test_fold():
    assert architecture.fold(list("abcbcbcd")) == "a · 3x (b · c) · d"
    assert architecture.fold(list("aabb")) == "2x a · 2x b"
    assert architecture.fold(["a", "b"]) == "a · b"
