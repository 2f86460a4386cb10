"""The command line, called in this process."""

import csv

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan_zoo import registry
from keras_gan_zoo.cli import main

TINY = ["--samples", "64", "--batch-size", "32", "--image-size", "8"]


def train(folder, *more):
    return main(["train", "GAN", *TINY, "--out", str(folder), *more])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "run"
    assert train(folder, "--epochs", "2", "--ema", "0.9") == 0
    return folder


def refused(capsys, *argv):
    """What the command line says to wrong arguments: one line, status 2."""
    capsys.readouterr()
    assert main([str(part) for part in argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("keras-gan-zoo: error: ") and err.count("\n") == 1
    return err


def test_list_names_every_model_with_its_paper(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(registry.MODELS)
    assert all("arXiv" in line for line in lines)


def test_train_leaves_grids_animation_log_and_model(trained):
    names = {path.name for path in trained.iterdir()}
    assert names == {"epoch_00001.png", "epoch_00002.png", "training.gif", "log.csv", "model.keras"}
    with open(trained / "log.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert all(np.isfinite(float(row["d_loss"])) for row in rows)
    model = keras.models.load_model(trained / "model.keras")
    assert model.steps == 4 and model.image_shape == (8, 8, 1) and model.ema == 0.9


def test_generate_writes_a_grid_that_a_seed_repeats(trained, tmp_path, capsys):
    model = trained / "model.keras"
    for name in ("one.png", "two.png"):
        path = tmp_path / "new" / name
        assert main(["generate", str(model), "--n", "6", "--seed", "3", "--out", str(path)]) == 0
        assert capsys.readouterr().out.strip() == str(path)
    one, two = (np.asarray(Image.open(tmp_path / "new" / name)) for name in ("one.png", "two.png"))
    assert one.shape == (2 * 18 + 2, 3 * 18 + 2)
    np.testing.assert_array_equal(one, two)


def test_resume_goes_on_as_if_never_stopped(trained, tmp_path):
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    assert train(straight, "--epochs", "2") == 0
    assert train(stopped, "--epochs", "1") == 0
    assert train(stopped, "--epochs", "2", "--resume") == 0
    one, two = (keras.models.load_model(folder / "model.keras") for folder in (straight, stopped))
    assert one.steps == two.steps == 4
    for left, right in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    with open(stopped / "log.csv") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1"]


def test_ctrl_c_keeps_the_last_full_epoch(tmp_path, capsys, monkeypatch):
    from keras_gan_zoo.callbacks import ImageSnapshots

    snapshot = ImageSnapshots.snapshot

    def interrupt(self, name):
        snapshot(self, name)
        if name == "epoch_00002.png":
            raise KeyboardInterrupt

    monkeypatch.setattr(ImageSnapshots, "snapshot", interrupt)
    assert train(tmp_path, "--epochs", "3") == 130
    assert "model.keras holds the last full epoch" in capsys.readouterr().out
    assert (tmp_path / "training.gif").exists()
    assert keras.models.load_model(tmp_path / "model.keras").steps == 2
    monkeypatch.setattr(ImageSnapshots, "snapshot", snapshot)
    assert train(tmp_path, "--epochs", "3", "--resume") == 0
    assert keras.models.load_model(tmp_path / "model.keras").steps == 6


def test_a_run_is_not_overwritten_unasked(trained, capsys):
    before = (trained / "model.keras").read_bytes()
    assert "--resume to go on" in refused(capsys, "train", "GAN", *TINY, "--out", trained)
    assert (trained / "model.keras").read_bytes() == before


def test_overwrite_starts_anew(tmp_path):
    assert train(tmp_path, "--epochs", "2") == 0
    assert train(tmp_path, "--epochs", "1", "--overwrite") == 0
    assert keras.models.load_model(tmp_path / "model.keras").steps == 2
    assert [path.name for path in tmp_path.glob("epoch_*")] == ["epoch_00001.png"]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "COMMAND"),
        (("train", "Gann", "--out", "x"), "MODEL must be one of GAN, DCGAN. Received: Gann"),
        (("train", "GAN"), "--out"),
        (("train", "GAN", "--out", "x", "--epochs", "0"), "positive integer. Received: 0"),
        (("train", "GAN", "--out", "x", "--image-size", "8x"), "positive integer"),
        (("train", "GAN", "--out", "x", "--backend", "theano"), "theano"),
        (("generate", "nothing.keras"), "there is no model at nothing.keras"),
        (("generate", "nothing.keras", "--out", "grid.txt"), "--out must end in .png"),
    ],
)
def test_wrong_arguments_are_one_line(argv, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *argv)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--data", "nowhere"), 'one of "digits", "mnist"'),
        (("--set", "widht=3"), "--set takes dropout, latent_dim for GAN. Received: widht=3"),
        (("--losses", "hinges"), "Known: 'non_saturating', 'minimax'"),
        (("--ema", "1.5"), "`ema` must be None or a number in (0, 1)"),
        (("--batch-size", "65"), "batch_size=65 with 64 images"),
    ],
)
def test_what_the_library_refuses_is_one_line(more, message, capsys, tmp_path):
    argv = ["train", "GAN", *TINY, "--out", tmp_path / "run", *more]
    assert message in refused(capsys, *argv)


def test_unwritable_out_is_found_before_training(capsys, tmp_path):
    (tmp_path / "file").touch()
    argv = ["train", "GAN", *TINY, "--out", tmp_path / "file" / "run"]
    assert "`--out` must be a folder that can be written to" in refused(capsys, *argv)


def test_resume_needs_the_run_and_its_data(trained, capsys, tmp_path):
    argv = ["train", "GAN", "--resume", "--out"]
    assert "there is no model" in refused(capsys, *argv, tmp_path)
    assert "--set has no effect" in refused(capsys, *argv, trained, "--set", "dropout=0.1")
    other = ["--samples", "64", "--image-size", "8"]
    assert "another --batch-size" in refused(capsys, *argv, trained, *other, "--batch-size", "10")
    assert "the data has (28, 28, 1)" in refused(capsys, *argv, trained, "--samples", "64")


def test_a_truncated_model_is_called_damaged(trained, capsys, tmp_path):
    broken = tmp_path / "broken.keras"
    broken.write_bytes((trained / "model.keras").read_bytes()[:-500])
    assert f"{broken} is damaged" in refused(capsys, "generate", broken, "--out", tmp_path / "g.png")


def test_settings_reach_the_model(tmp_path):
    assert train(tmp_path, "--epochs", "1", "--set", "dropout=0.25", "latent_dim=7") == 0
    model = keras.models.load_model(tmp_path / "model.keras")
    assert (model.dropout, model.latent_dim) == (0.25, 7)
