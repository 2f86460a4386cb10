"""`train --resume`."""

import csv

import keras
import numpy as np
import pytest
from cli_tools import TINY, refused, train


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
    assert "--resume to continue" in refused(capsys, "train", "GAN", *TINY, "--out", trained)
    assert (trained / "model.keras").read_bytes() == before


def test_overwrite_starts_anew(tmp_path):
    assert train(tmp_path, "--epochs", "2") == 0
    assert train(tmp_path, "--epochs", "1", "--overwrite") == 0
    assert keras.models.load_model(tmp_path / "model.keras").steps == 2
    assert [path.name for path in tmp_path.glob("epoch_*")] == ["epoch_00001.png"]


def test_resume_needs_the_run_and_its_data(trained, capsys, tmp_path):
    argv = ["train", "GAN", "--resume", "--out"]
    assert "there is no model" in refused(capsys, *argv, tmp_path)
    other = ["--samples", "64", "--image-size", "8"]
    assert "another --batch-size" in refused(capsys, *argv, trained, *other, "--batch-size", "10")
    assert "the data has (28, 28, 1)" in refused(capsys, *argv, trained, "--samples", "64")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--set", "dropout=0.1"], "--set dropout=0.1 contradicts {}, which has dropout=0.3. Leave it"),
        (["--seed", "3"], "--seed 3 contradicts {}, which was started with --seed 0. Leave it out"),
        (["--losses", "hinge"], "--losses hinge contradicts {}, which was started with --losses non_s"),
        (["--ema", "0.99"], "--ema 0.99 contradicts {}, which was started with --ema 0.9. Leave it"),
        (
            ["--d-steps", "2"],
            "--d-steps 2 contradicts {}, which was started with --d-steps 1. Leave it",
        ),
        (["--augment", "ada"], "--augment ada contradicts {}, which was started with no --augment"),
        (
            ["--penalties", "r1=3"],
            "--penalties R1(gamma=3.0,every=1) contradicts {}, which was started",
        ),
        (["--penalties", "r1=3"], "which was started with --penalties none. Leave it out"),
        (["--updates", "simultaneous"], "was started with --updates alternating"),
        (["--recipe", "conditional"], "--recipe conditional (--losses hinge) contradicts {}, which"),
    ],
)
def test_other_settings_than_the_run_has_are_refused(more, message, trained, capsys):
    before = (trained / "model.keras").read_bytes()
    error = refused(capsys, "train", "GAN", *TINY, "--resume", "--out", trained, *more)
    assert message.format(trained / "model.keras") in error
    assert (trained / "model.keras").read_bytes() == before


def test_the_same_command_with_resume_goes_on(tmp_path, capsys):
    command = ["--set", "latent_dim=3", "dropout=0.1", "--recipe", "small_data", "--losses", "hinge"]
    command += ["--penalties", "r1=3", "r2", "--updates", "simultaneous", "--seed", "4"]
    assert train(tmp_path, *command, "--epochs", "1") == 0
    assert train(tmp_path, *command, "--epochs", "2", "--resume") == 0
    assert keras.models.load_model(tmp_path / "model.keras").steps == 4


def test_the_seed_of_a_run_is_resumed(tmp_path):
    straight, stopped = tmp_path / "straight", tmp_path / "stopped"
    assert train(straight, "--epochs", "2", "--seed", "5") == 0
    assert train(stopped, "--epochs", "1", "--seed", "5") == 0
    assert train(stopped, "--epochs", "2", "--resume") == 0
    one, two = (keras.models.load_model(folder / "model.keras") for folder in (straight, stopped))
    for left, right in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)


def test_the_model_of_another_class_is_refused(trained, capsys):
    error = refused(capsys, "train", "WGANGP", *TINY, "--resume", "--out", trained)
    assert f"{trained / 'model.keras'} holds a GAN, not a WGANGP: pass `train GAN` to continue" in error


def test_a_finished_run_says_so(trained, capsys):
    files = {path: path.read_bytes() for path in trained.iterdir()}
    for epochs in ("1", "2"):
        capsys.readouterr()
        assert train(trained, "--epochs", epochs, "--resume") == 0
        out, err = capsys.readouterr()
        assert err == "" and out == (
            f"{trained / 'model.keras'} is finished: it was trained for 2 epochs, --epochs {epochs} "
            "asks for no more. To continue its training, pass a larger number, such as --epochs 4.\n"
        )
    assert files == {path: path.read_bytes() for path in trained.iterdir()}
