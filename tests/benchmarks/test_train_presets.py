"""`train_presets.py` has the command of every preset of the package."""

import sys
from pathlib import Path

import pytest

from keras_gan_zoo.presets import catalog

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import train_presets

pytestmark = pytest.mark.full_matrix  # nothing in it depends on the backend


def test_commands_are_those_of_the_cards():
    commands = {name: catalog.read(name).card["command"] for name in catalog.names()}
    assert commands == {name: preset.command(name) for name, preset in train_presets.PRESETS.items()}
