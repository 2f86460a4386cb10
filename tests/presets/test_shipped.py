"""The presets of the package: complete, small, described, and able to generate."""

import re
import subprocess
import sys

import numpy as np
import pytest
from tools import images

import keras_gan_zoo as kgz
from keras_gan_zoo import registry
from keras_gan_zoo.presets import cards, catalog

STATED = ("data", "licence", "command", "steps", "backend", "versions", "image_shape", "parameters")
TOTAL_BYTES = 20 * 2**20

each_preset = pytest.mark.parametrize("name", catalog.names())


def generated(model):
    """Some images of a model of any kind."""
    if hasattr(model, "latents"):
        return model.generate(8, seed=0)
    shape = model.shapes()[0] if hasattr(model, "shapes") else model.image_shape
    return model.translate(images(2, shape))


@each_preset
def test_files(name):
    folder = catalog.FOLDER / name
    preset = catalog.read(name)
    expected = {catalog.CONFIG, catalog.WEIGHTS, catalog.GRID, catalog.CARD, catalog.PAGE}
    assert {path.name for path in folder.iterdir()} == expected
    assert set(preset.card["files"]) == expected - {catalog.CARD, catalog.PAGE}
    assert cards.size_in_bytes(folder) <= catalog.MAX_BYTES
    assert (folder / catalog.PAGE).read_text(encoding="utf-8") == cards.page(preset.card)


@each_preset
def test_card(name):
    card = catalog.read_card(catalog.FOLDER / name)
    assert card["name"] == name and card["class_name"] == catalog.read(name).class_name
    assert re.fullmatch(rf"{card['class_name'].lower()}_\w+_{card['image_shape'][0]}", name)
    assert [key for key in STATED if not card[key]] == []
    assert card["cpu_minutes"] or card["gpu_minutes"]
    if card["class_name"] not in registry.STYLE_MODELS:
        assert {*card["metrics"]} >= {"values", "floor", "samples", "extractor"}
        assert len(card["metrics"]["extractor"]["sha256"]) == 64
        assert all(value is not None for value in card["metrics"]["values"].values())


@each_preset
def test_images(name):
    model = kgz.from_preset(name)
    result = generated(model)
    assert np.isfinite(result).all() and np.abs(result).max() <= 1.0
    assert result.std() > 0.05
    assert name in type(model).presets


def test_all_together_are_small():
    sizes = [cards.size_in_bytes(catalog.FOLDER / name) for name in catalog.names()]
    assert sum(sizes) <= TOTAL_BYTES


def test_the_import_of_the_package_reads_no_preset():
    code = f"""
import sys
read = []
sys.addaudithook(lambda event, args: read.append(str(args[0])) if event == "open" else None)
import keras_gan_zoo
print([path for path in read if path.startswith({str(catalog.FOLDER)!r})])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
