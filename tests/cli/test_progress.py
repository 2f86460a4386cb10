"""The progress of a whole training on a terminal, in a pipe and in the log file."""

import io
import re
import sys

from cli_tools import train
from tools import Linear, images

from keras_gan_zoo.cli import progress
from keras_gan_zoo.cli.progress import TrainingProgress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def fit(path, **arguments):
    model = Linear()
    model.compile()
    callback = TrainingProgress(path, 3, 0, 2)
    model.fit(images(), batch_size=8, epochs=2, verbose=0, callbacks=[callback], **arguments)


LINE = r"Epoch {}/2, {}% done, 0:00:\d\d elapsed, 0:00:\d\d left - d_loss: [\d.e+-]+ - .*g_loss: .*"


def test_lines_in_a_pipe_and_in_the_log(tmp_path, capsys):
    fit(tmp_path / "training.log")
    first, second = capsys.readouterr().out.splitlines()
    assert re.fullmatch(LINE.format(1, 50), first) and re.fullmatch(LINE.format(2, 100), second)
    assert ", 0:00:00 left" in second
    log = (tmp_path / "training.log").read_text().splitlines()
    assert [line[20:] for line in log] == [first, second]
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", line) for line in log)


def test_one_bar_for_all_epochs_on_a_terminal(tmp_path, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    fit(tmp_path / "training.log")
    text = re.sub(r"\x1b\[\d*m", "", terminal.getvalue())
    assert re.search(r"\b[1-5]/6 ━.* \d+s ", text) and re.search(r"\b6/6 ━+ .*\n", text)
    assert "3/3" not in text  # no bars for single epochs
    assert len(re.findall(r"\r\x1b\[K?Epoch [12]/2", text.replace("\x1b[K", "\x1b["))) == 2


def test_long_epochs_have_a_line_a_minute(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(progress, "_MINUTE", -1.0)
    fit(tmp_path / "training.log")
    out = capsys.readouterr().out
    assert "Epoch 1/2, step 2/3, 33% done" in out and "Epoch 2/2, step 3/3, 100% done" in out


def test_time_left(monkeypatch, tmp_path, capsys):
    clock = iter(range(0, 10_000, 100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: 0.0)
    callback = TrainingProgress(tmp_path / "training.log", 10, 5, 9)  # resumed: 40 steps
    callback.on_train_begin()
    for epoch in (5, 6):
        callback.on_epoch_begin(epoch)
        for batch in range(10):
            now = float(next(clock))
            monkeypatch.setattr(progress.time, "monotonic", lambda now=now: now)
            callback.on_train_batch_end(batch)
        callback.on_epoch_end(epoch, {"d_loss": 0.5})
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "Epoch 7/9, 50% done, 0:31:40 elapsed, 0:33:20 left - d_loss: 0.5"


def test_the_log_of_a_run(tmp_path, capsys):
    assert train(tmp_path, "--epochs", "1", "--snapshot-every", "2") == 0
    first, recipe = capsys.readouterr().out.splitlines()[:2]
    assert first == (
        "Training GAN on digits: 64 images of 8x8x1, 2 steps of 32 per epoch, epochs 1 to 1 (2 steps), "
        f"backend {sys.modules['keras'].backend.backend()}. Image grids, model.keras, log.csv and "
        f"training.log go to {tmp_path}"
    )
    assert recipe == "Recipe paper, the default of GAN: the method of the model's paper"
    assert train(tmp_path, "--epochs", "2", "--resume") == 0
    log = (tmp_path / "training.log").read_text().splitlines()
    assert [line[20:].split(",")[0] for line in log if "Epoch" in line] == ["Epoch 1/1", "Epoch 2/2"]
    assert log[0].endswith(first) and "epochs 2 to 2 (2 steps)" in log[3]
    assert train(tmp_path, "--epochs", "1", "--overwrite") == 0
    assert len((tmp_path / "training.log").read_text().splitlines()) == 3
