"""The options that the examples share, and one example as a user runs it."""

import importlib.util
import os
import pathlib
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"
DOC = "Title of the example.\n\nMore."


@pytest.fixture
def parse(monkeypatch):
    spec = importlib.util.spec_from_file_location("_common", EXAMPLES / "_common.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def parse(*argv, **arguments):
        monkeypatch.setattr(sys, "argv", ["example.py", *argv])
        return module.parse_options(DOC, **{"smoke": {"epochs": 1}, "out": "runs/x"} | arguments)

    return parse


def test_options(parse):
    options = {"epochs": 5, "rate": 0.5, "image_size": None, "kind": ("a", "b"), "to": None}
    parsed = parse("--image-size", "8", "--kind", "b", "--to", "there", **options)
    assert vars(parsed) == {
        **{"epochs": 5, "rate": 0.5, "image_size": 8, "kind": "b", "to": "there"},
        **{"out": pathlib.Path("runs/x"), "smoke": False},
    }
    assert parse("--smoke", "--epochs", "9", **options).epochs == 1


def test_positional(parse, capsys):
    positional = {"photo": "a photo", "styles*": "pictures"}
    parsed = parse("a.png", "b.png", "c.png", positional=positional)
    assert (parsed.photo, parsed.styles) == ("a.png", ["b.png", "c.png"])
    assert parse("--smoke", positional=positional).smoke
    with pytest.raises(SystemExit):
        parse("a.png", positional=positional)
    assert "pass photo and styles, or --smoke" in capsys.readouterr().err


def test_help(parse, capsys):
    with pytest.raises(SystemExit):
        parse("--help", epochs=5, help={"rate": "a rate"}, rate=0.1)
    out = capsys.readouterr().out
    assert "Title of the example." in out and "More." not in out
    assert "passes over the data" in out and "a rate" in out


@pytest.mark.full_matrix
def test_an_example_runs_from_any_folder(tmp_path):
    command = [sys.executable, str(EXAMPLES / "gan_mnist.py"), "--smoke"]
    path = os.pathsep.join([str(EXAMPLES.parent), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.endswith("Image grids and model: runs/gan_mnist\n")
    assert (tmp_path / "runs" / "gan_mnist" / "model.keras").exists()
