"""Full disks, vanished folders and damaged files: one line, exit status 1, no traceback."""

import contextlib
import os
import resource
import shutil
import zipfile

import keras
import pytest
from cli_tools import TINY, refused
from data_tools import save
from tools import BACKEND

from keras_gan_zoo.cli import progress
from keras_gan_zoo.cli.main import main


@pytest.fixture
def closed_logs(monkeypatch):
    """Close the CSV files of trainings that failed; the callback has no method for an error."""
    loggers, begin = [], keras.callbacks.CSVLogger.on_train_begin

    def on_train_begin(self, logs=None):
        loggers.append(self)
        begin(self, logs)

    monkeypatch.setattr(keras.callbacks.CSVLogger, "on_train_begin", on_train_begin)
    yield
    for logger in loggers:
        logger.csv_file.close()


def failed(capsys, *argv):
    """The error line, after anything else that the command has printed; the exit status must be 1."""
    capsys.readouterr()
    assert main([str(part) for part in argv]) == 1
    err = capsys.readouterr().err
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if not line.endswith(" ...")]
    assert len(lines) == 1 and lines[0].startswith("keras-gan-zoo: error: "), err
    return lines[0]


@contextlib.contextmanager
def full_disk(free):
    """Let writes fail in files of more than `free` bytes; JAX stores no compiled programs."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with contextlib.nullcontext() if BACKEND != "jax" else programs_are_not_stored():
        resource.setrlimit(resource.RLIMIT_FSIZE, (free, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def programs_are_not_stored():
    import jax

    name = "jax_persistent_cache_min_compile_time_secs"
    before = getattr(jax.config, name)
    jax.config.update(name, 1e9)
    try:
        yield
    finally:
        jax.config.update(name, before)


def damaged_model(trained, path):
    """A copy with a changed byte within the weights."""
    content = bytearray((trained / "model.keras").read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def bomb(trained, path):
    """A copy with 100 MB of compressed zeros."""
    shutil.copy(trained / "model.keras", path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("assets/zeros", bytes(10**9 // 2))
    return path


def no_model(trained, path):
    path.write_bytes(b"\x00" * 1000)
    return path


def no_config(trained, path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", "{}")
    return path


DAMAGE = {
    damaged_model: "was not written by `model.save`: Bad CRC-32 for file 'model.weights.h5'",
    bomb: "is damaged or harmful",
    no_model: "is damaged, or was not written by `model.save`: File is not a zip file",
    no_config: "is damaged, or was not written by `model.save`",
}


@pytest.mark.full_matrix
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_models(trained, tmp_path, capsys, damage):
    path = damage(trained, tmp_path / "x\x1b[1m.keras")
    for argv in (
        ("generate", path, "--out", tmp_path / "a.png"),
        ("interpolate", path, "--out", tmp_path / "a.gif"),
        ("evaluate", path, "--data", "digits", "--samples", "8"),
    ):
        text = failed(capsys, *argv)
        assert r"x\x1b[1m.keras " in text and DAMAGE[damage] in text


def test_a_pipe_is_no_model(tmp_path, capsys):
    os.mkfifo(tmp_path / "pipe.keras")
    text = refused(capsys, "generate", tmp_path / "pipe.keras", "--out", tmp_path / "a.png")
    assert "pipe.keras is no regular file" in text


@pytest.mark.parametrize("free", [0, 100])
def test_a_full_disk_while_generating(trained, tmp_path, capsys, free):
    with full_disk(free):
        text = failed(capsys, "generate", trained / "model.keras", "--out", tmp_path / "a.png")
    assert "File too large" in text
    assert not list(tmp_path.iterdir())


@pytest.mark.full_matrix
@pytest.mark.usefixtures("closed_logs")
def test_a_full_disk_while_training(tmp_path, capsys, monkeypatch):
    """The pictures of an epoch fit, its model does not; that of the epoch before is intact."""
    argv = ["train", "GAN", *TINY, "--out", str(tmp_path)]
    assert main([*argv, "--epochs", "1"]) == 0
    before = (tmp_path / "model.keras").read_bytes()
    write = progress.TrainingProgress.on_epoch_begin

    def fill(self, epoch, logs=None):
        write(self, epoch, logs)
        stack.enter_context(full_disk(50_000))

    monkeypatch.setattr(progress.TrainingProgress, "on_epoch_begin", fill)
    with contextlib.ExitStack() as stack:
        text = failed(capsys, *argv, "--epochs", "2", "--resume")
    assert "File too large" in text or "errno = 27" in text
    assert (tmp_path / "model.keras").read_bytes() == before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.full_matrix
@pytest.mark.usefixtures("closed_logs")
@pytest.mark.parametrize("status", [0, 1])
def test_a_folder_that_is_deleted_while_training(tmp_path, capsys, monkeypatch, status):
    """It is created again, unless a file has taken its place."""
    run = tmp_path / "run"
    train_begin = progress.TrainingProgress.on_train_begin

    def delete(self, logs=None):
        train_begin(self, logs)
        shutil.rmtree(run)
        if status:
            run.write_text("mine")

    monkeypatch.setattr(progress.TrainingProgress, "on_train_begin", delete)
    argv = ["train", "GAN", *TINY, "--epochs", "1", "--out", str(run)]
    if status:
        assert str(run) in failed(capsys, *argv)
        assert run.read_text() == "mine"
    else:
        assert main(argv) == 0
        assert (run / "model.keras").exists()


@pytest.mark.full_matrix
@pytest.mark.usefixtures("closed_logs")
def test_a_file_of_prepared_images_that_is_damaged_while_training(tmp_path, capsys, monkeypatch):
    for k in range(8):
        save(tmp_path / "pictures" / f"{k}.png", k)
    argv = ["train", "GAN", "--data", tmp_path / "pictures", "--cache", tmp_path / "cache"]
    argv += ["--batch-size", "4", "--out", tmp_path / "run"]
    train_begin = progress.TrainingProgress.on_train_begin

    def damage(self, logs=None):
        train_begin(self, logs)
        (path,) = (tmp_path / "cache").glob("*/*.npy")
        os.truncate(path, 500)

    monkeypatch.setattr(progress.TrainingProgress, "on_train_begin", damage)
    text = failed(capsys, *argv)
    assert "00000.npy' is damaged" in text and "Delete it: the next run prepares" in text


def test_a_cache_that_cannot_be_written(tmp_path, capsys):
    for k in range(8):
        save(tmp_path / "pictures" / f"{k}.png", k)
    argv = ["train", "GAN", "--data", tmp_path / "pictures", "--cache", tmp_path / "cache"]
    with full_disk(500):
        text = failed(capsys, *argv, "--batch-size", "4", "--out", tmp_path / "run")
    assert "00000.npy' of --cache cannot be written" in text and "it takes 1,568 bytes, with " in text
