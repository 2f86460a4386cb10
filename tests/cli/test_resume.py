"""`train --resume`."""

import csv
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from cli_tools import TINY, refused, train
from tools import BACKEND, same

import keras_gan_zoo as kgz
from keras_gan_zoo.cli.main import main
from keras_gan_zoo.utils import checkpoint_files, locks

LAST = "checkpoints/epoch_00002_step_0000000.keras"


def contents(folder):
    """The bytes of all files but the lock, which names its last holder."""
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file() and p.name != ".lock"}


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
    out = capsys.readouterr().out
    assert "epoch_00001_step_0000000.keras holds its state. To continue: keras-gan-zoo train GAN" in out
    assert (tmp_path / "training.gif").exists()
    page = (tmp_path / "report.html").read_text()
    assert "1 of 3 epochs" in page and "Stopped; " in page and '"reload":null' in page
    assert keras.models.load_model(tmp_path / "model.keras").steps == 2
    monkeypatch.setattr(ImageSnapshots, "snapshot", snapshot)
    assert train(tmp_path, "--epochs", "3", "--resume") == 0
    assert keras.models.load_model(tmp_path / "model.keras").steps == 6
    page = (tmp_path / "report.html").read_text()
    assert "3 of 3 epochs" in page and '"epochs":[1,2,3]' in page


def weights(folder):
    return keras.models.load_model(folder / "model.keras").get_weights()


def run(argv):
    """Run a command; on TensorFlow without the settings of these tests, which change its bits."""
    if BACKEND != "tensorflow":
        return main(argv)
    command = [sys.executable, "-m", "keras_gan_zoo", *argv]
    return subprocess.run(command, stdout=subprocess.DEVNULL).returncode


def test_ctrl_c_stops_after_the_step_and_the_printed_command_goes_on(tmp_path):
    command = [sys.executable, "-m", "keras_gan_zoo", "train", "GAN", "--samples", "64", "--batch-size"]
    command += ["4", "--image-size", "8", "--epochs", "9999", "--snapshot-every", "9999"]
    command += ["--out", str(tmp_path / "stopped")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("Epoch 1/"):
                break
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    (last,) = [line for line in said.splitlines() if line.startswith("Stopped; ")]
    start, argv = last.removeprefix("Stopped; ").split(" holds its state. To continue: ")
    start, argv = checkpoint_files.read(Path(start)), shlex.split(argv)[1:]
    epochs = str(start["epoch"] + 1)
    argv[argv.index("9999")] = epochs
    assert run(argv) == 0
    straight = [*argv[: argv.index("--out")], "--out", str(tmp_path / "straight")]
    assert run(straight) == 0
    assert same(weights(tmp_path / "stopped"), weights(tmp_path / "straight"))
    with open(tmp_path / "stopped" / "log.csv") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == list(map(str, range(int(epochs))))


@pytest.mark.skipif(BACKEND != "torch", reason="torchrun starts trainings on PyTorch")
def test_sigterm_to_torchrun(tmp_path):
    """It passes the signal to its workers, and kills those that do not end in 30 seconds."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=1"]
    command += ["-m", "keras_gan_zoo", "train", "GAN", "--samples", "64", "--batch-size", "4"]
    command += ["--image-size", "8", "--epochs", "9999", "--snapshot-every", "9999"]
    command += ["--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        for line in parent.stdout:
            if line.startswith("Epoch 1/"):
                break
        parent.send_signal(signal.SIGTERM)
        said, _ = parent.communicate(timeout=60)
    assert "Stopped; " in said and "To continue: keras-gan-zoo train GAN" in said
    newest = checkpoint_files.newest(tmp_path / "checkpoints")
    assert str(newest) in said


@pytest.mark.full_matrix
def test_sigterm_in_the_middle_of_an_epoch(tmp_path, monkeypatch):
    between_steps = kgz.callbacks.Checkpoint.between_steps

    def terminate(self, batch, logs=None):
        between_steps(self, batch)
        signal.raise_signal(signal.SIGTERM)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr(kgz.callbacks.Checkpoint, "between_steps", terminate)
        assert train(tmp_path / "stopped", "--epochs", "2") == 143
    assert signal.getsignal(signal.SIGTERM) is before
    assert not (tmp_path / "stopped" / "model.keras").exists()
    names = [path.name for path in (tmp_path / "stopped" / "checkpoints").glob("*.keras")]
    assert names == ["epoch_00000_step_0000001.keras"]
    assert train(tmp_path / "stopped", "--epochs", "2", "--resume") == 0
    assert train(tmp_path / "straight", "--epochs", "2") == 0
    assert same(weights(tmp_path / "stopped"), weights(tmp_path / "straight"))


@pytest.mark.full_matrix
def test_a_second_signal_leaves_at_once():
    code = """
import os, signal
from keras_gan_zoo.cli import stopping
with stopping.on_signal(lambda: print("stop", flush=True)):
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    print("went on")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "stop\n" and "once more to leave at once" in done.stderr
    assert done.returncode == -signal.SIGTERM


@pytest.mark.full_matrix
def test_checkpoints_of_some_steps(tmp_path):
    assert train(tmp_path, "--epochs", "2", "--checkpoint-every", "3") == 0
    names = sorted(path.name for path in (tmp_path / "checkpoints").glob("*.keras"))
    assert names == ["epoch_00001_step_0000001.keras", "epoch_00002_step_0000000.keras"]


@pytest.mark.full_matrix
def test_a_damaged_checkpoint_is_named_and_the_one_before_taken(tmp_path, capsys):
    assert train(tmp_path, "--epochs", "2") == 0
    before = weights(tmp_path)
    with open(tmp_path / LAST, "r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    assert train(tmp_path, "--epochs", "2", "--resume") == 0
    assert f"warning: The checkpoint {tmp_path / LAST} is damaged" in capsys.readouterr().err
    assert same(weights(tmp_path), before)
    with open(tmp_path / "log.csv") as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["0", "1"]


@pytest.mark.full_matrix
def test_a_training_of_release_0_1_goes_on(tmp_path):
    straight, old = tmp_path / "straight", tmp_path / "old"
    assert train(straight, "--epochs", "2") == 0
    assert train(old, "--epochs", "1") == 0
    shutil.rmtree(old / "checkpoints")  # there were none
    assert train(old, "--epochs", "2", "--resume") == 0
    assert same(weights(old), weights(straight))


@pytest.mark.full_matrix
def test_nan_does_not_reach_the_model_file(tmp_path, capsys, monkeypatch):
    assert train(tmp_path, "--epochs", "1") == 0
    before = (tmp_path / "model.keras").read_bytes()
    monkeypatch.setattr(kgz.GAN, "non_finite", lambda model: "generator/kernel")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert train(tmp_path, "--epochs", "2", "--resume") == 0
    assert "no checkpoint is written, as generator/kernel contains NaN" in capsys.readouterr().err
    assert (tmp_path / "model.keras").read_bytes() == before


@pytest.mark.full_matrix
def test_a_full_disk_is_one_line(tmp_path, capsys, monkeypatch):
    def full(path, state):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint_files, "complete", full)
    assert train(tmp_path, "--epochs", "2") == 1
    err = capsys.readouterr().err
    assert err.startswith("keras-gan-zoo: error: The checkpoint ") and err.count("\n") == 1
    assert "could not be written: No space left on device." in err


@pytest.mark.full_matrix
def test_two_trainings_in_one_folder(tmp_path, capsys):
    (tmp_path / "checkpoints").mkdir()
    with locks.exclusive(tmp_path / "checkpoints" / ".lock", "--out"):
        error = refused(capsys, "train", "GAN", *TINY, "--out", tmp_path)
    assert f"which is in use by process {os.getpid()} on " in error


def test_a_run_is_not_overwritten_unasked(trained, capsys):
    before = (trained / "model.keras").read_bytes()
    assert "--resume to continue" in refused(capsys, "train", "GAN", *TINY, "--out", trained)
    assert (trained / "model.keras").read_bytes() == before


@pytest.mark.full_matrix
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
    assert message.format(trained / LAST) in error
    assert (trained / "model.keras").read_bytes() == before


@pytest.mark.full_matrix
def test_the_same_command_with_resume_goes_on(tmp_path, capsys):
    command = ["--set", "latent_dim=3", "dropout=0.1", "--recipe", "small_data", "--losses", "hinge"]
    command += ["--penalties", "r1=3", "r2", "--updates", "simultaneous", "--seed", "4"]
    assert train(tmp_path, *command, "--epochs", "1") == 0
    assert train(tmp_path, *command, "--epochs", "2", "--resume") == 0
    assert keras.models.load_model(tmp_path / "model.keras").steps == 4


@pytest.mark.full_matrix
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
    assert f"{trained / LAST} holds a GAN, not a WGANGP: pass `train GAN` to continue" in error


def test_a_finished_run_says_so(trained, capsys):
    files = contents(trained)
    for epochs in ("1", "2"):
        capsys.readouterr()
        assert train(trained, "--epochs", epochs, "--resume") == 0
        out, err = capsys.readouterr()
        assert err == "" and out == (
            f"{trained / 'model.keras'} is finished: it was trained for 2 epochs, --epochs {epochs} "
            "asks for no more. To continue its training, pass a larger number, such as --epochs 4.\n"
        )
    assert files == contents(trained)
