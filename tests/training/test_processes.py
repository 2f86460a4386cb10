"""One training of several processes, through the command line."""

import os
import signal
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest
from tools import BACKEND, values

import keras_gan_zoo as kgz
from keras_gan_zoo.data.arrays import Share
from keras_gan_zoo.training import feeding
from keras_gan_zoo.utils import checkpoint_files

only_jax = pytest.mark.skipif(BACKEND != "jax", reason="of the JAX backend")
not_tensorflow = pytest.mark.skipif(BACKEND == "tensorflow", reason="JAX and PyTorch have processes")
ARGV = ["train", "GAN", "--samples", "64", "--image-size", "8", "--set", "width=4", "latent_dim=4"]
ARGV += ["--batch-size", "8", "--ema", "0.9", "--snapshot-every", "9999"]


def start(count, *argv):
    """Start the processes of one training."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    shared = {"JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}
    rank = "RANK" if BACKEND == "torch" else "KERAS_DISTRIBUTION_PROCESS_ID"
    if BACKEND == "torch":  # what torchrun sets
        shared |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": str(count)}
    else:
        shared["KERAS_DISTRIBUTION_JOB_ADDRESSES"] = f"127.0.0.1:{port},127.0.0.1"
        shared["KERAS_DISTRIBUTION_NUM_PROCESSES"] = str(count)
    if count == 1:
        shared = {}
    return [
        subprocess.Popen(
            [sys.executable, "-m", "keras_gan_zoo", *ARGV, *argv, "--distribute", "data"],
            env={**os.environ, "KERAS_BACKEND": BACKEND, **shared}
            | ({rank: str(number)} if count > 1 else {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]


def finish(processes):
    """Wait for all; return what each printed and its exit status."""
    said = [process.communicate(timeout=240) for process in processes]
    statuses = [process.returncode for process in processes]
    return [out for out, _ in said], [error for _, error in said], statuses


@only_jax
def test_two_processes_train_what_one_does(tmp_path):
    said, errors, statuses = finish(start(2, "--epochs", "2", "--out", str(tmp_path / "two")))
    assert statuses == [0, 0], errors
    assert "Epoch 2/2" in said[0]
    assert [line for line in said[1].splitlines() if "[Gloo]" not in line] == []
    files = {"model.keras", "log.csv", "training.log", "checkpoints"}
    assert {path.name for path in (tmp_path / "two").iterdir()} >= files
    _, errors, statuses = finish(start(1, "--epochs", "2", "--out", str(tmp_path / "one")))
    assert statuses == [0], errors
    models = [keras.models.load_model(tmp_path / name / "model.keras") for name in ("one", "two")]
    assert models[0].steps == models[1].steps == 16
    for one, two in zip(*(values(model.variables) for model in models), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=2e-6)
    one, two = (model.generate(4, seed=0) for model in models)
    np.testing.assert_allclose(one, two, rtol=0, atol=2e-6)


@not_tensorflow
def test_a_signal_to_one_process_stops_all_and_one_process_goes_on(tmp_path):
    processes = start(2, "--epochs", "9999", "--out", str(tmp_path))
    for line in processes[0].stdout:
        if line.startswith("Epoch 1/"):
            break
    processes[1].send_signal(signal.SIGTERM)
    said, errors, statuses = finish(processes)
    assert "Stopped; " in said[0], errors
    assert statuses[1] == 143 and statuses[0] in (130, 143)
    newest = checkpoint_files.newest(tmp_path / "checkpoints")
    assert f"{newest} holds its state" in said[0]
    epochs = checkpoint_files.read(newest)["epoch"] + 1
    _, errors, statuses = finish(start(1, "--epochs", str(epochs), "--out", str(tmp_path), "--resume"))
    assert statuses == [0], errors
    assert keras.models.load_model(tmp_path / "model.keras").steps == 8 * epochs


@not_tensorflow
def test_after_a_process_was_killed_the_other_ends_and_training_resumes(tmp_path):
    argv = ["--out", str(tmp_path), "--checkpoint-every", "4"]
    processes = start(2, "--epochs", "9999", *argv)
    for line in processes[0].stdout:
        if line.startswith("Epoch 2/"):
            break
    processes[1].kill()
    _, errors, statuses = finish(processes)
    assert statuses == [1, -signal.SIGKILL]
    assert "error: Another process of this training has ended or cannot be reached" in errors[0]
    assert "Traceback" not in errors[0]
    epochs = checkpoint_files.read(checkpoint_files.newest(tmp_path / "checkpoints"))["epoch"] + 1
    _, errors, statuses = finish(start(2, "--epochs", str(epochs), *argv, "--resume"))
    assert statuses == [0, 0], errors
    assert keras.models.load_model(tmp_path / "model.keras").steps == 8 * epochs


def test_shares_of_a_batch():
    images, labels = np.arange(24).reshape(12, 2, 1, 1).astype("uint8"), np.arange(12)
    dataset = kgz.data.ImageDataset(images, labels, 4, seed=3)
    shares = [Share(dataset, process, 2) for process in range(2)]
    for index in range(3):
        whole, parts = dataset[index], [share[index] for share in shares]
        for number, array in enumerate(whole):
            joined = np.concatenate([part[number] for part in parts])
            np.testing.assert_array_equal(joined, array)
    assert [share.num_batches for share in shares] == [3, 3]
    with pytest.raises(ValueError, match="`batch_size` must be a multiple of the 3 processes"):
        Share(dataset, 0, 3)[0]


def test_processes_without_a_distribution_are_refused(monkeypatch):
    monkeypatch.setattr(feeding.backend, "process", lambda: (0, 2))
    with pytest.raises(ValueError, match=r"in 2 processes needs `keras\.distribution\.set_d"):
        feeding.feed(kgz.data.ImageDataset(np.zeros((4, 2, 2, 1), "uint8"), batch_size=4))
