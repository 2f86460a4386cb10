"""The presets of the package: complete, small, described, and able to generate."""

import argparse
import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import keras_gan_zoo as kgz
from keras_gan_zoo import registry
from keras_gan_zoo.presets import cards, catalog

STATED = ("data", "licence", "command", "steps", "backend", "versions", "image_shape", "parameters")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
TOTAL_BYTES = 20 * 2**20

each_preset = pytest.mark.parametrize("name", catalog.names())


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
    """They equal those of the machine and of the backend that wrote the preset."""
    make_preset = runpy.run_path(BENCHMARKS / "make_preset.py")
    model = kgz.from_preset(name)
    expected = json.loads(make_preset["EXAMPLES"].read_text())[name]
    np.testing.assert_allclose(make_preset["example"](model), expected, rtol=0, atol=1e-4)
    assert name in type(model).presets


@pytest.mark.full_matrix
@pytest.mark.parametrize("name", ["dcgan_digits_28", "pix2pix_digits_32"])
def test_metrics_are_those_of_the_card(name):
    """One model from noise and one from images, on the data that the package draws."""
    make_preset = runpy.run_path(BENCHMARKS / "make_preset.py")
    model, card = kgz.from_preset(name), catalog.read_card(catalog.FOLDER / name)["metrics"]
    data = argparse.Namespace(data="digits", split="train", make="edges", to=None)
    dataset = make_preset["data_for"](model, data)
    found = make_preset["metrics_of"](model, dataset, "kernel", 1000)
    key = next(key for key in found["values"] if not key.endswith("_error"))
    error = found["values"][f"{key}_error"]
    assert found["values"][key] == pytest.approx(card["values"][key], abs=3 * error)
    assert card["values"][key] > card["floor"][key]


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
