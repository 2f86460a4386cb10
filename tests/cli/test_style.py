"""Painting from the command line."""

import numpy as np
import pytest
from cli_tools import refused
from PIL import Image
from style_tools import LAYERS, network, picture

import keras_gan_zoo as kgz
from keras_gan_zoo.cli.main import main
from keras_gan_zoo.plots import grids
from keras_gan_zoo.utils.pixels import to_uint8


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("style")
    for seed, (name, sides) in enumerate({"photo": (24, 40), "one": (16, 16), "two": (30, 20)}.items()):
        grids.save(grids.picture(picture(*sides, seed=seed)), folder / f"{name}.png")
    return folder


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image, "int32")


def style(files, *more, names=("one",)):
    out = files / "out" / "painted.png"
    paths = [str(files / f"{name}.png") for name in ("photo", *names)]
    shared = ["--network", "rgb64", "--size", "32", "--steps", "2", "--levels", "1", "--overwrite"]
    assert main(["style", *paths, "--out", str(out), *shared, *map(str, more)]) == 0
    return pixels(out)


def test_paints_with_everything(files, capsys):
    painted = style(
        files,
        *("--style-weights", 1, 3, "--content-weight", 0.5, "--style-weight", 2),
        *("--variation-weight", 0.1, "--start", "noise", "--seed", 3, "--style-size", 24),
        *("--snapshots", files / "snapshots", "--levels", 2),
        names=("one", "two"),
    )
    assert painted.shape == (19, 32, 3)
    said = capsys.readouterr().out
    assert "variation_loss" in said and said.endswith("painted.png\n")
    names = {path.name for path in (files / "snapshots").iterdir()}
    assert names == {"step_0000001.png", "step_0000002.png", "training.gif"}


def test_the_picture_is_that_of_the_model(files):
    painted = style(files, "--optimizer", "lbfgs", "--preserve-colour", "luminance")
    model = kgz.StyleTransfer("rgb64", preserve_colour="luminance")
    model.compile("lbfgs")
    photo, one = (kgz.data.picture(files / f"{name}.png", 32) for name in ("photo", "one"))
    model.fit(photo, one, epochs=1, steps_per_epoch=2, verbose=0)
    assert abs(painted - to_uint8(model.pictures()[0])).max() <= 1


def test_a_model_paints_in_one_pass(files, tmp_path, capsys):
    small = {"image_shape": (8, 8, 3), "styles": 2, "width": 2, "blocks": 1}
    model = kgz.FastStyleTransfer(**small, network=network(), **LAYERS)
    model.save(tmp_path / "fast.keras")
    out, photo = tmp_path / "out.png", files / "photo.png"
    command = ["style", str(photo), str(tmp_path / "fast.keras"), "--out", str(out), "--size", "30"]
    assert main([*command, "--which", "1"]) == 0
    wanted = model.translate(kgz.data.picture(photo, 30)[None], 1)[0]
    assert abs(pixels(out) - to_uint8(wanted)).max() <= 1
    assert "exists. Pass --overwrite" in refused(capsys, *command)
    assert "from 0 to 1" in refused(capsys, *command, "--which", "2", "--overwrite")
    kgz.StyleTransfer(network(), **LAYERS).save(tmp_path / "slow.keras")
    command[2] = tmp_path / "slow.keras"
    assert "holds a StyleTransfer, not" in refused(capsys, *command, "--overwrite")
    assert "use `keras-gan-zoo style`" in refused(capsys, "generate", tmp_path / "fast.keras")


def test_refuses(files, tmp_path, capsys, monkeypatch):
    photo, one, out = files / "photo.png", files / "one.png", tmp_path / "out.png"
    (tmp_path / "bad.png").write_bytes(b"no picture")
    small = ["--network", "rgb64", "--size", "32", "--steps", "1", "--levels", "1"]

    def said(*arguments):
        return refused(capsys, "style", *small, *arguments)

    assert "there is no picture at" in said(photo, files / "none.png", "--out", out)
    assert "must be a picture file" in said(tmp_path / "bad.png", one, "--out", out)
    assert "must be a picture file" in said(photo, tmp_path / "bad.png", "--out", out)
    assert "--out must end in" in said(photo, one, "--out", tmp_path / "out.txt")
    assert "--out must not be an input file" in said(photo, one, "--out", photo, "--overwrite")
    assert "--style-weights must be one number for each STYLE, 1 in all, and not only 0" in said(
        photo, one, "--out", out, "--style-weights", 0
    )
    (tmp_path / "a.keras").touch()
    assert "or one MODEL.keras" in said(photo, one, tmp_path / "a.keras", "--out", out)
    zero = ["--content-weight", 0, "--style-weight", 0]
    assert "one of --content-weight, --style-weight and --variation-weight must be" in said(
        photo, one, "--out", out, *zero
    )
    assert "The limit is --memory 1e-05: pass pic" in said(photo, one, "--out", out, "--memory", "1e-5")
    assert "--network: invalid choice: 'vgg' (choose from 'vgg19', 'rgb64')" in said(
        photo, one, "--out", out, "--network", "vgg"
    )

    def offline(**arguments):
        raise Exception("URL fetch failure")

    import keras

    monkeypatch.setattr(keras.applications, "VGG19", offline)
    assert "--network rgb64" in refused(capsys, "style", photo, one, "--out", out, status=1)
    assert not out.exists()
