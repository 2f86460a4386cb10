"""Walks and sums from the command line."""

import keras
import numpy as np
import pytest
from cli_tools import refused
from latent_tools import loud
from PIL import Image
from tools import tiny

from keras_gan_zoo.cli.main import main
from keras_gan_zoo.plots import grids
from keras_gan_zoo.utils.pixels import to_uint8


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("latent")
    paths = {}
    for kind in ("GAN", "ConditionalGAN", "Pix2Pix"):
        paths[kind] = folder / f"{kind}.keras"
        model = tiny(kind, seed=1)
        (model if kind == "Pix2Pix" else loud(model)).save(paths[kind])
    return paths


def run(*argv):
    assert main([str(part) for part in argv]) == 0


def frames(path):
    with Image.open(path) as animation:
        found = []
        for index in range(animation.n_frames):
            animation.seek(index)
            found.append(np.asarray(animation.convert("L"), "int32"))
        return np.stack(found), animation.info.get("duration")


def test_a_walk_as_a_loop(saved, tmp_path, capsys):
    out = tmp_path / "new" / "walk.png"
    run("interpolate", saved["GAN"], "--frames", 12, "--stops", 3, "--loop", "--seed", 5, "--out", out)
    assert capsys.readouterr().out.strip() == str(out)
    found, duration = frames(out)
    assert found.shape == (12, 8 * 2 + 4, 8 * 2 + 4) and duration == 40
    model = keras.models.load_model(saved["GAN"])
    for frame, image in zip((0, 4, 8), model.generate(3, seed=5), strict=True):
        np.testing.assert_array_equal(found[frame], np.asarray(grids.grid(image[None])))
    assert (np.diff(found, axis=0) != 0).any((1, 2)).all()


def test_walks_side_by_side_and_as_rows(saved, tmp_path):
    walk = ["interpolate", saved["GAN"], "--frames", 4, "--walks", 2, "--seed", 5, "--scale", 1]
    run(*walk, "--out", tmp_path / "walk.webp", "--fps", 10)
    found, duration = frames(tmp_path / "walk.webp")
    assert found.shape == (4, 12, 22) and duration == 100
    run(*walk, "--out", tmp_path / "rows.png", "--still")
    rows = frames(tmp_path / "rows.png")[0]
    assert rows.shape == (1, 2 * 10 + 2, 4 * 10 + 2)
    # Both show the first frame of the first walk, one of them through the losses of WebP.
    assert abs(rows[0, 2:10, 2:10] - found[0, 2:10, 2:10]).max() < 40


def test_stops_by_seed(saved, tmp_path):
    out = tmp_path / "rows.png"
    run("interpolate", saved["GAN"], "--seeds", "7,3", "--frames", 3, "--still", "--out", out)
    model = keras.models.load_model(saved["GAN"])
    ends = np.concatenate([model.generate(1, seed=seed) for seed in (7, 3)])
    found = frames(out)[0][0]
    np.testing.assert_array_equal(found[2:18, 2:18], np.asarray(grids.grid(ends[:1]))[2:18, 2:18])
    np.testing.assert_array_equal(found[2:18, -18:-2], np.asarray(grids.grid(ends[1:]))[2:18, 2:18])


def test_a_walk_between_classes(saved, tmp_path):
    path, out = saved["ConditionalGAN"], tmp_path / "rows.png"
    walk = ["interpolate", path, "--frames", 3, "--still", "--seed", 2, "--scale", 1, "--out", out]
    run(*walk, "--hold", "--labels", "2,0")
    model = keras.models.load_model(path)
    ends = model.generate(labels=[2, 0], latents=np.tile(model.latents(1, seed=2), (2, 1)))
    found = frames(out)[0][0]
    for image, left in zip(ends, (2, 22), strict=True):
        np.testing.assert_array_equal(found[2:10, left : left + 8], to_uint8(image)[..., 0])
    run(*walk, "--labels", "1", "--stops", "2")
    ends = model.generate(labels=1, latents=model.latents(2, seed=2))
    np.testing.assert_array_equal(frames(out)[0][0][2:10, 22:30], to_uint8(ends[1])[..., 0])


def test_arithmetic(saved, tmp_path, capsys):
    out = tmp_path / "row.png"
    run("arithmetic", saved["GAN"], "--plus", "0/2,1", "--minus", "3", "--seed", 4, "--out", out)
    assert capsys.readouterr().out.strip() == str(out)
    model = keras.models.load_model(saved["GAN"])
    z = model.latents(4, seed=4)
    terms = [(z[0] + z[2]) / 2, z[1], z[3]]
    latents = np.stack([*terms, terms[0] + terms[1] - terms[2]])
    expected = grids.equation(model.generate(latents=latents), " +-=")
    with Image.open(out) as picture:
        assert picture.size == expected.size == (4 * 20 + 3 * 10, 20)
        np.testing.assert_array_equal(np.asarray(picture), np.asarray(expected))
    run("arithmetic", saved["GAN"], "--plus", "0,1", "--normalize", "--out", tmp_path / "other.png")
    run("arithmetic", saved["ConditionalGAN"], "--plus", "0", "--label", "2", "--out", out)


@pytest.mark.parametrize(
    ("command", "more", "message"),
    [
        ("interpolate", ["--out", "walk.jpg"], "--out must end in .gif, .webp, .png, .mp4"),
        ("interpolate", ["--out", "walk.gif", "--still"], "--out must end in .png, .jpg, .jpeg, .webp"),
        ("interpolate", ["--frames", "1"], "--frames: must be 2 or more. Received: 1"),
        ("interpolate", ["--seeds", "1,x"], "integers of 0 or more with commas between. Received: 1,x"),
        ("interpolate", ["--seeds", "1,2", "--walks", "2"], "--seeds names the stops of one walk"),
        ("interpolate", ["--labels", "0,1"], "--labels must be left out: GAN is not conditional"),
        ("interpolate", ["--labels", "0,1", "--stops", "3"], "--labels must name 3 classes"),
        ("interpolate", ["--hold"], "--hold is for models with classes"),
        ("arithmetic", [], "--plus"),
        ("arithmetic", ["--plus", "1,-2"], "integers of 0 or more"),
        (
            "arithmetic",
            ["--plus", "1", "--out", "row.gif"],
            "--out must end in .png, .jpg, .jpeg, .webp",
        ),
        ("arithmetic", ["--plus", "1", "--label", "0"], "--label must be left out: GAN is not"),
    ],
)
def test_wrong_arguments(command, more, message, saved, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, command, saved["GAN"], *more)
    assert not list(tmp_path.iterdir())


def test_wrong_models(saved, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in (["interpolate"], ["arithmetic", "--plus", "1"]):
        assert "there is no model at x.keras" in refused(capsys, *command, "x.keras")
        assert "holds a Pix2Pix, which makes no images from noise" in refused(
            capsys, *command, saved["Pix2Pix"]
        )
    labels = refused(capsys, "interpolate", saved["ConditionalGAN"], "--labels", "0,3")
    assert "Labels must be integers in 0..2" in labels
