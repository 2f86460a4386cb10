"""examples/experiment_trackers.py, as a user runs it; what the trackers stored is read back."""

import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[2]


def run(tracker, folder):
    command = [sys.executable, str(ROOT / "examples" / "experiment_trackers.py"), "--smoke"]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path, "GIT_PYTHON_REFRESH": "quiet"}
    command += ["--tracker", tracker, "--out", str(folder)]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, timeout=300)


@pytest.mark.full_matrix
def test_tensorboard(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run("tensorboard", tmp_path)
    events = EventAccumulator(str(tmp_path / "train"), size_guidance={"tensors": 0}).Reload()
    assert [event.step for event in events.Tensors("epoch_g_loss")] == [0, 1]
    events = EventAccumulator(str(tmp_path / "images"), size_guidance={"tensors": 0}).Reload()
    pictures = [event.tensor_proto.string_val[2] for event in events.Tensors("samples")]
    assert [picture[:4] for picture in pictures] == [b"\x89PNG"] * 2


@pytest.mark.full_matrix
def test_wandb(tmp_path):
    pytest.importorskip("wandb")
    run("wandb", tmp_path)
    (stored,) = tmp_path.glob("wandb/offline-run-*/*.wandb")
    content = stored.read_bytes()
    assert all(name in content for name in (b"epoch/g_loss", b"epoch/learning_rate", b"samples"))
    assert len(list(tmp_path.glob("wandb/offline-run-*/files/media/images/samples_*.png"))) == 2


@pytest.mark.full_matrix
def test_mlflow(tmp_path):
    pytest.importorskip("mlflow")
    run("mlflow", tmp_path)
    with contextlib.closing(sqlite3.connect(tmp_path / "mlflow.db")) as database:
        steps = database.execute("SELECT step FROM metrics WHERE key = 'g_loss' ORDER BY step")
        assert steps.fetchall() == [(0,), (1,)]
    pictures = tmp_path.glob("artifacts/*/artifacts/*.png")
    assert sorted(path.name for path in pictures) == ["epoch_00001.png", "epoch_00002.png"]
