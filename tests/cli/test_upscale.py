"""Training an SRGAN and enlarging pictures, from the command line."""

import keras
import numpy as np
import pytest
from cli_tools import refused
from PIL import Image

from keras_gan_zoo.cli.main import main


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Folder of pictures of 24x24 pixels, and of a training with random crops."""
    root = tmp_path_factory.mktemp("upscale")
    (root / "pictures").mkdir()
    for index, pixels in enumerate(np.random.default_rng(0).integers(0, 256, (4, 24, 24, 3))):
        Image.fromarray(pixels.astype("uint8")).save(root / "pictures" / f"{index}.png")
    Image.new("L", (30, 17), 99).save(root / "grey.png")
    command = ["train", "SRGAN", "--data", str(root / "pictures"), "--crop", "16", "--batch-size", "2"]
    more = ["--set", "scale=2", "width=2", "blocks=1", "pretrain=1", "--out", str(root / "run")]
    assert main([*command, *more, "--epochs", "1"]) == 0
    assert main([*command, *more, "--epochs", "2", "--resume"]) == 0
    return root


def test_the_trained_model(run):
    model = keras.models.load_model(run / "run/model.keras")
    assert (model.scale, model.image_shape, model.residual, model.steps) == (2, (16, 16, 3), True, 4)


def test_upscale(run, tmp_path, capsys):
    command = ["upscale", "--tile", "12", str(run / "run/model.keras"), str(run / "grey.png")]
    assert main([*command, str(run / "pictures/0.png"), "--out", str(tmp_path / "out")]) == 0
    with Image.open(tmp_path / "out/grey.png") as grey, Image.open(tmp_path / "out/0.png") as square:
        assert grey.size == (60, 34) and square.size == (48, 48)
    one = tmp_path / "one.jpg"
    assert main([*command, "--out", str(one)]) == 0
    assert one.exists()
    capsys.readouterr()
    assert f"{one} exists. Pass --overwrite" in refused(capsys, *command, "--out", str(one))
    assert main([*command, "--out", str(one), "--overwrite"]) == 0


def test_refusals(run, tmp_path, capsys):
    model, picture, out = str(run / "run/model.keras"), str(run / "grey.png"), str(tmp_path / "x.png")
    assert "there is no picture at" in refused(capsys, "upscale", model, "no.png", "--out", out)
    two = [picture, str(run / "pictures/0.png")]
    assert "--out must be a folder" in refused(capsys, "upscale", model, *two, "--out", out)
    assert "have one name" in refused(
        capsys, "upscale", model, picture, picture, "--out", str(tmp_path)
    )
    assert "is one of them" in refused(capsys, "upscale", model, picture, "--out", str(run))
    assert "no model at" in refused(capsys, "upscale", "no.keras", picture, "--out", out)
    train = ["train", "SRGAN", "--data", str(run / "pictures"), "--out", out, "--epochs", "1"]
    assert "--jitter are not for SRGAN" in refused(capsys, *train, "--jitter")
    assert "must be multiples of 4" in refused(capsys, *train, "--crop", "10", "--batch-size", "2")
    assert "--crop is for image-to-image models" in refused(
        capsys, "train", "DCGAN", "--crop", "8", "--out", out
    )
