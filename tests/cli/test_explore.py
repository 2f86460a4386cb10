"""`keras-gan-zoo explore`, without its page; tests/explorer has the rest."""

import contextlib
import threading

import numpy as np
import pytest
from cli_tools import refused
from tools import tiny

from keras_gan_zoo.cli.main import main
from keras_gan_zoo.explorer import server


@pytest.fixture
def served(monkeypatch):
    """Arguments of `serve`, which serves nothing; Ctrl-C at once."""
    calls = []

    @contextlib.contextmanager
    def serve(model, title, directions, **options):
        calls.append((type(model).__name__, title, list(directions), options))
        yield "http://127.0.0.1:7860/"

    def interrupted(event):
        raise KeyboardInterrupt

    monkeypatch.setattr(server, "check_gradio", lambda: None)
    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.setattr(threading.Event, "wait", interrupted)
    return calls


def test_arguments(served, tmp_path, capsys):
    np.savez(tmp_path / "found.npz", slant=np.ones(100))
    options = ["--directions", str(tmp_path / "found.npz"), "--components", "0", "--port", "8000"]
    assert main(["explore", "gan_mnist_28", *options, "--no-browser"]) == 130
    assert capsys.readouterr() == ("http://127.0.0.1:7860/ (Ctrl-C ends it)\n", "")
    where = {"host": "127.0.0.1", "port": 8000, "browser": False}
    assert served.pop() == ("GAN", "gan_mnist_28", ["slant"], where)

    tiny("Pix2Pix").save(tmp_path / "mine.keras")
    assert main(["explore", str(tmp_path / "mine.keras"), "--host", "0.0.0.0"]) == 130
    assert "warning: everyone who reaches 0.0.0.0 can use" in capsys.readouterr().err
    assert served == [("Pix2Pix", "mine", [], {"host": "0.0.0.0", "port": None, "browser": True})]


def test_wrong_arguments(served, tmp_path, capsys):
    np.savez(tmp_path / "found.npz", slant=np.ones(3))
    explore = ["explore", "gan_mnist_28"]
    message = refused(capsys, *explore, "--directions", tmp_path / "found.npz")
    assert "--directions must hold arrays (100,)" in message and "'slant' of shape (3,)" in message
    message = refused(capsys, *explore, "--directions", tmp_path / "none.npz")
    assert "--directions must be an intact .npz file" in message
    assert "--port: must be an integer in 1..65535" in refused(capsys, *explore, "--port", "70000")
    message = refused(capsys, "explore", "pix2pix_digits_32", "--directions", tmp_path / "found.npz")
    assert "--directions is for models that make images from noise" in message


def test_missing_gradio(monkeypatch, capsys):
    monkeypatch.setattr(server.importlib.util, "find_spec", lambda name: None)
    assert 'pip install "keras-gan-zoo[explore]"' in refused(capsys, "explore", "gan_mnist_28")


def test_loopback():
    assert [server.is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [server.is_loopback(host) for host in ("0.0.0.0", "192.168.1.2", "example")] == [False] * 3
