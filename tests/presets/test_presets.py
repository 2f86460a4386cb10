"""Presets in a temporary folder: what they hold, and what is refused."""

import json
import shutil

import h5py
import keras
import numpy as np
import pytest
from damage_tools import flips
from tools import BACKEND, each_model, fit, images, outputs, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.presets import cards, catalog, weights

FACTS = {"data": "noise", "licence": "none", "command": "train", "cpu_minutes": 1.5}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of a preset; tests that change it make a copy."""
    folder = tmp_path_factory.mktemp("presets") / "dcgan_noise_8"
    tiny("DCGAN").save_to_preset(folder, FACTS)
    return folder


@pytest.fixture
def copied(made, tmp_path):
    return shutil.copytree(made, tmp_path / made.name)


@pytest.fixture
def shipped(made, monkeypatch):
    """The name of `made`, as if it were a preset of the package."""
    monkeypatch.setattr(catalog, "FOLDER", made.parent)
    return made.name


def test_large_networks_are_rounded_to_eight_significant_bits(tmp_path):
    network = keras.Sequential([keras.Input((950,)), keras.layers.Dense(950)])
    weights.save(network, tmp_path / "preset.weights.h5")
    kernel = network.get_weights()[0]
    network.load_weights(tmp_path / "preset.weights.h5")
    rounded = network.get_weights()[0]
    normal = np.abs(kernel) > 2.0**-14
    assert (
        2.0**-9.1
        < np.max(np.abs(rounded - kernel)[normal] / np.abs(kernel)[normal])
        <= 2.0**-8 + 2.0**-11
    )
    assert not np.any(rounded.astype("float16").view("uint16") & 7)


def half(arrays):
    return [array.astype("float16").astype("float32") for array in arrays]


@each_model("DCGAN", "CycleGAN")
def test_a_preset_holds_the_generator_in_half_precision(name, tmp_path):
    model = tiny(name, seed=3)
    model.save_to_preset(tmp_path / "first")
    loaded = kgz.from_preset(tmp_path / "first", seed=4)
    assert type(loaded) is type(model) and not loaded.compiled
    assert loaded.get_config() == model.get_config() | {"seed": 4}
    for ours, theirs in zip(
        half(values(model.generator.weights)), values(loaded.generator.weights), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    fresh = tiny(name, seed=4)
    for ours, theirs in zip(
        values(fresh.discriminator.weights), values(loaded.discriminator.weights), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_allclose(outputs(loaded), outputs(model), atol=0.02)
    loaded.save_to_preset(tmp_path / "second")
    again = kgz.from_preset(tmp_path / "second")
    np.testing.assert_array_equal(outputs(again), outputs(loaded))


def test_style_models(tmp_path):
    model = kgz.FastStyleTransfer((16, 16, 3), width=4, blocks=1, network="rgb64", seed=0)
    model.save_to_preset(tmp_path, grid=(images(4, (16, 16, 3)), 2))
    loaded = kgz.FastStyleTransfer.from_preset(tmp_path)
    photos = images(1, (16, 16, 3), seed=1)
    np.testing.assert_allclose(loaded.translate(photos), model.translate(photos), atol=0.02)
    assert json.loads((tmp_path / "config.json").read_text())["config"]["network"] == "rgb64"
    assert (tmp_path / "grid.png").exists()
    with pytest.raises(ValueError, match="StyleTransfer has no network that a preset could hold"):
        kgz.StyleTransfer("rgb64").save_to_preset(tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_the_moving_average_is_saved_and_trains_on(tmp_path):
    model = tiny("DCGAN")
    model.compile(ema=0.5)
    fit(model)
    model.save_to_preset(tmp_path)
    loaded = kgz.from_preset(tmp_path)
    average = half(values(model.ema_generator.weights))
    assert all(map(np.array_equal, average, values(loaded.generator.weights)))
    assert not all(map(np.array_equal, average, half(values(model.generator.weights))))
    card = catalog.read_card(tmp_path)
    assert (card["steps"], card["average"], card["backend"]) == (3, True, BACKEND)
    loaded.compile()
    losses = fit(loaded)
    assert np.isfinite([*losses.values()]).all() and loaded.steps == 3
    assert not all(map(np.array_equal, average, values(loaded.generator.weights)))


def test_a_model_that_is_not_fully_grown_is_refused(tmp_path):
    model = tiny("ProgressiveGAN")
    model.grow(0)
    with pytest.raises(ValueError, match="not fully grown"):
        model.save_to_preset(tmp_path)
    assert not list(tmp_path.iterdir())


def test_large_values_keep_their_precision_and_nan_is_refused(tmp_path):
    model = tiny("GAN")
    weights = model.generator.get_weights()
    weights[0][:] = 1e6
    model.generator.set_weights(weights)
    model.save_to_preset(tmp_path)
    assert (kgz.from_preset(tmp_path).generator.get_weights()[0] == 1e6).all()
    weights[0][0, 0] = np.nan
    model.generator.set_weights(weights)
    with pytest.raises(ValueError, match="must be finite"):
        model.save_to_preset(tmp_path)


def test_a_damaged_file_is_refused(copied):
    kgz.from_preset(copied)
    path = copied / catalog.WEIGHTS
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(OSError, match=r"damaged: the sha256 of model\.weights\.h5 is .*, not "):
        kgz.from_preset(copied)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(OSError, match=r"sha256 of model\.weights\.h5"):
        kgz.from_preset(copied)
    path.unlink()
    with pytest.raises(OSError, match=r"damaged: model\.weights\.h5 is missing"):
        kgz.from_preset(copied)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"class_name": "DCGAN", "summary": "", "files": []}']
)
def test_a_damaged_card_is_refused(copied, text):
    (copied / catalog.CARD).write_text(text)
    with pytest.raises(OSError, match=r"damaged: card\.json cannot be read\. Write or copy it again"):
        kgz.from_preset(copied)


@pytest.mark.parametrize("name", [catalog.CARD, catalog.CONFIG, catalog.WEIGHTS, catalog.GRID])
def test_every_flipped_bit_is_noticed_or_harmless(copied, name):
    card = catalog.read_card(copied)
    noticed = 0
    for position in flips(copied / name):
        try:
            assert catalog.read(copied).card == card, position
        except OSError as error:
            assert f"{copied} is damaged: " in str(error)
            noticed += 1
    assert noticed >= (15 if name == catalog.CARD else 30)  # spaces between words of the card


def test_weights_that_ask_for_much_memory_are_refused(copied):
    """Also if the card was written for them."""
    with h5py.File(copied / catalog.WEIGHTS, "r+") as file:
        file.create_dataset("zeros", (10**9,), "f4")  # without stored values
    cards.write(copied, catalog.read_card(copied))
    with pytest.raises(ValueError, match=r"model.weights.h5 is damaged or harmful: .* asks for 4,0"):
        kgz.from_preset(copied)


def test_a_card_without_hashes_is_refused(copied):
    card = catalog.read_card(copied) | {"files": {}}
    (copied / catalog.CARD).write_text(json.dumps(card))
    with pytest.raises(OSError, match=r"damaged: card\.json differs from its checksum"):
        kgz.from_preset(copied)
    del card["sha256"]  # as before 0.2
    (copied / catalog.CARD).write_text(json.dumps(card))
    with pytest.raises(OSError, match=r"config\.json is missing"):
        kgz.from_preset(copied)


def test_another_class_is_refused(made):
    rule = r"must name a preset of GAN\. Received: .*, a DCGAN\. Call `keras_gan_zoo.DCGAN.from_preset`"
    with pytest.raises(ValueError, match=rule):
        kgz.GAN.from_preset(made)
    with pytest.raises(ValueError, match="must name a preset of WGANGP"):
        kgz.WGANGP.from_preset(made)  # a subclass of DCGAN
    with pytest.raises(ValueError, match="must name a preset of ImageToImage"):
        kgz.ImageToImage.from_preset(made)
    assert type(kgz.NoiseToImage.from_preset(made)) is kgz.DCGAN


def test_names(shipped):
    assert kgz.presets.names() == [shipped]
    summary = {shipped: "DCGAN for images of 8x8x1, trained on noise"}
    assert kgz.DCGAN.presets == kgz.NoiseToImage.presets == summary
    assert kgz.GAN.presets == kgz.WGANGP.presets == kgz.FastStyleTransfer.presets == {}
    assert type(kgz.from_preset(shipped)) is kgz.DCGAN
    with pytest.raises(
        ValueError,
        match=r"Argument `preset` must be the name of a preset.* Received: preset='dcgan_nose_8'\. "
        r"Presets of the package: dcgan_noise_8\. Did you mean 'dcgan_noise_8'\?",
    ):
        kgz.from_preset("dcgan_nose_8")


def test_without_presets(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    assert kgz.presets.names() == [] and kgz.DCGAN.presets == {}
    with pytest.raises(ValueError, match="This version of the package has no presets"):
        kgz.from_preset("dcgan_digits_28")


class Mine(kgz.DCGAN):
    """A model of a user."""


def test_models_of_the_user(tmp_path):
    Mine((8, 8, 1), 4, width=4).save_to_preset(tmp_path)
    assert type(Mine.from_preset(tmp_path)) is Mine
    with pytest.raises(ValueError, match="holds a Mine, which is not of this package"):
        kgz.from_preset(tmp_path)


def test_cards_take_known_facts_only(tmp_path):
    with pytest.raises(ValueError, match=r"keys of data, licence, .*\. Received: \['license'\]"):
        tiny("GAN").save_to_preset(tmp_path, {"license": "CC0"})


def test_the_page_says_what_the_card_says(made):
    page = (made / catalog.PAGE).read_text()
    for text in (
        "# dcgan_noise_8",
        "![Images of dcgan_noise_8](grid.png)",
        "| data | noise |",
        "1.5 CPU",
    ):
        assert text in page
    assert catalog.read_card(made)["files"][catalog.WEIGHTS]["sha256"] in page
