"""Keras' own `save("hf://...")` and `load_model("hf://...")`, with a folder in place of the hub."""

import shutil
import sys
import types

import keras
from tools import same, state, tiny

import keras_gan_zoo as kgz


class Hub:
    """The functions of `huggingface_hub` that Keras calls."""

    def __init__(self, folder):
        self.folder = folder

    def create_repo(self, name, exist_ok):
        return types.SimpleNamespace(repo_id=name)

    def upload_folder(self, repo_id, folder_path, commit_message):
        shutil.copytree(folder_path, self.folder / repo_id)

    def snapshot_download(self, repo_id, **versions):
        return str(self.folder / repo_id)


def test_the_hub_holds_the_whole_model(monkeypatch, tmp_path):
    hub = Hub(tmp_path)
    functions = {"HfApi": lambda **names: hub, "snapshot_download": hub.snapshot_download}
    saving_lib = sys.modules[keras.saving.load_model.__module__].saving_lib
    monkeypatch.setattr(saving_lib, "huggingface_hub", types.SimpleNamespace(**functions))
    model = tiny("GAN")
    model.compile(ema=0.9)
    model.optimizer.iterations.assign(5)
    model.save("hf://someone/mine")
    loaded = keras.models.load_model("hf://someone/mine")
    assert type(loaded) is kgz.GAN and loaded.steps == 5
    assert same(state(loaded), state(model))
