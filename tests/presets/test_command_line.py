"""The command line with presets: list, use in place of a file, start of a training."""

import shutil

import numpy as np
import pytest
from cli_tools import TINY, refused
from PIL import Image
from tools import tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.cli import shared
from keras_gan_zoo.cli.main import main
from keras_gan_zoo.presets import catalog

CARD = {"data": "digits", "steps": 12}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a preset of a GAN and one of a CycleGAN."""
    folder = tmp_path_factory.mktemp("package")
    tiny("GAN").save_to_preset(folder / "gan_digits_8", CARD)
    tiny("CycleGAN").save_to_preset(folder / "cyclegan_noise_8")
    return folder


@pytest.fixture(autouse=True)
def shipped(folder, monkeypatch, tmp_path):
    monkeypatch.setattr(catalog, "FOLDER", folder)
    monkeypatch.chdir(tmp_path)


def test_presets_are_listed(capsys, monkeypatch, tmp_path):
    assert main(["presets"]) == 0
    heading, *rows = (line.split() for line in capsys.readouterr().out.splitlines())
    assert heading == ["name", "model", "data", "kB", "metric"]
    assert [row[:3] for row in rows] == [
        ["cyclegan_noise_8", "CycleGAN", "-"],
        ["gan_digits_8", "GAN", "digits"],
    ]
    monkeypatch.setattr(catalog, "FOLDER", tmp_path)
    assert main(["presets"]) == 0
    assert "no presets" in capsys.readouterr().out


def test_a_name_or_a_folder_stands_for_a_file(folder):
    for number, model in enumerate(("gan_digits_8", folder / "gan_digits_8")):
        argv = ["generate", str(model), "--n", "4", "--seed", "0", "--out", f"{number}.png"]
        assert main(argv) == 0
    one, two = (np.asarray(Image.open(f"{number}.png")) for number in (0, 1))
    np.testing.assert_array_equal(one, two)
    assert main(["interpolate", "gan_digits_8", "--frames", "2", "--still", "--out", "walk.png"]) == 0
    assert main(["arithmetic", "gan_digits_8", "--plus", "0,1", "--out", "row.png"]) == 0


def test_a_file_comes_before_a_preset(tmp_path, capsys):
    (tmp_path / "gan_digits_8").write_text("no model")
    assert "gan_digits_8 is damaged" in refused(capsys, "generate", "gan_digits_8", status=1)


def test_evaluation_takes_the_steps_of_the_card(folder):
    path = folder / "gan_digits_8"
    assert shared.trained_steps(path, shared.open_model(path)) == 12


def test_translate(tmp_path):
    (tmp_path / "in").mkdir()
    Image.new("L", (8, 8)).save(tmp_path / "in" / "black.png")
    assert main(["translate", "cyclegan_noise_8", "in", "out", "--direction", "b_to_a"]) == 0
    assert (tmp_path / "out" / "black.png").exists()


def test_style(tmp_path):
    model = kgz.FastStyleTransfer((16, 16, 3), width=4, blocks=1, network="rgb64", seed=0)
    model.save_to_preset(tmp_path / "mine")
    Image.new("RGB", (16, 16)).save("photo.png")
    assert main(["style", "photo.png", "mine", "--size", "16", "--out", "styled.png"]) == 0
    with Image.open("styled.png") as styled:
        assert styled.size == (16, 16)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ("generate", "gan_digit_8"),
            "there is no model at gan_digit_8, and no preset of that name. Presets of the package: "
            "cyclegan_noise_8, gan_digits_8. Did you mean 'gan_digits_8'?",
        ),
        (("generate", "cyclegan_noise_8"), "holds a CycleGAN, which makes images from images"),
        (("train", "GAN", "--out", "x", "--from", "gan"), "--from must be the name of a preset"),
        (
            ("train", "DCGAN", "--out", "x", "--from", "gan_digits_8"),
            "of GAN, not of DCGAN: pass `train",
        ),
        (("train", "GAN", "--out", "x", "--from", "gan_digits_8", "--resume"), "leave out one"),
        (("train", "GAN", "--out", "x", "--from", "gan_digits_8", "--set", "latent_dim=3"), "--set"),
    ],
)
def test_refused(argv, message, capsys, tmp_path):
    assert message in refused(capsys, *argv)
    assert not (tmp_path / "x").exists()


def test_a_damaged_preset_is_refused(folder, capsys, tmp_path):
    copy = shutil.copytree(folder / "gan_digits_8", tmp_path / "copy")
    (copy / catalog.CONFIG).write_text("{}")
    assert "the sha256 of config.json" in refused(capsys, "generate", copy, status=1)


def test_training_starts_from_the_generator(folder, tmp_path, capsys, monkeypatch):
    started = {}

    def fit(self, *args, **kwargs):
        started["generator"] = values(self.generator.weights)
        raise KeyboardInterrupt

    monkeypatch.setattr(kgz.GAN, "fit", fit)
    argv = ["train", "gan", *TINY, "--out", "run", "--from", "gan_digits_8"]
    assert main(argv) == 130
    expected = values(kgz.from_preset(folder / "gan_digits_8").generator.weights)
    assert all(map(np.array_equal, started["generator"], expected))
    assert "Generator of gan_digits_8" in (tmp_path / "run" / "training.log").read_text()
    argv[argv.index("8")] = "16"
    assert "has image_shape=(8, 8, 1), the data has (16, 16, 1)" in refused(capsys, *argv)
