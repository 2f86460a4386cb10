"""`keras-gan-zoo export`."""

import numpy as np
import pytest
from cli_tools import refused
from tools import BACKEND, tiny

from keras_gan_zoo.cli.main import main
from keras_gan_zoo.export import formats, model, runtimes

TO = {"tensorflow": "litert", "jax": "saved_model", "torch": "torch"}[BACKEND]
SUFFIX = formats.FORMATS[TO].suffix or f"_{TO}"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_export_of_a_preset_and_of_a_file(folder, capsys):
    if not formats.is_installed(formats.FORMATS[TO].runtime):
        pytest.skip(f"{formats.FORMATS[TO].runtime} is not installed")
    assert main(["export", "gan_mnist_28", "--to", TO]) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert line.startswith(f"gan_mnist_28{SUFFIX}: differs from the model by at most ")
    assert 0 <= float(line.split(" at most ")[1].split()[0]) < 1e-5

    cyclegan = tiny("CycleGAN")
    cyclegan.save("cyclegan.keras")
    out = folder / "to" / f"lemons{formats.FORMATS[TO].suffix}"
    options = ["--direction", "b_to_a", "--image-size", "8x12", "--uint8", "--out", str(out)]
    assert main(["export", "cyclegan.keras", "--to", TO, *options]) == 0
    assert " grey levels in " in capsys.readouterr().out
    x = np.random.default_rng(0).uniform(-1, 1, (1, 8, 12, 1)).astype("float32")
    given = runtimes.run(out, TO, {"images": x})
    wanted = (cyclegan.translate(x, "b_to_a") + 1) * 127.5
    assert given.dtype == np.uint8 and np.abs(given - wanted).max() <= 1


def test_weights(capsys):
    assert main(["export", "gan_mnist_28", "--to", "weights"]) == 0
    name = "gan_mnist_28.weights.h5"
    assert capsys.readouterr().out == f"{name}: differs from the model by at most 0\n"
    assert "Pass --overwrite" in refused(capsys, "export", "gan_mnist_28", "--to", "weights")
    assert main(["export", "gan_mnist_28", "--to", "weights", "--overwrite"]) == 0


def test_wrong_arguments(folder, capsys, monkeypatch):
    export = ["export", "gan_mnist_28", "--to", TO]
    assert "invalid choice: 'tflite'" in refused(capsys, "export", "gan_mnist_28", "--to", "tflite")
    assert "--direction must be left out" in refused(capsys, *export, "--direction", "a_to_b")
    message = refused(capsys, *export, "--image-size", "large")
    assert "--image-size: must be N or HxW" in message and "or any" in message
    message = refused(capsys, "export", "gan_mnist_28", "--to", "onnx", "--out", "digits.tflite")
    assert "--out must end in .onnx with --to onnx. Received: --out digits.tflite" in message
    (format, backend), reason = next(pair for pair in formats.REASONS.items() if pair[0][1] == BACKEND)
    message = refused(capsys, "export", "gan_mnist_28", "--to", format)
    assert f"--to must not be '{format}' on the backend {backend}: {reason}" in message
    monkeypatch.setattr(formats, "is_installed", lambda module: False)
    message = refused(capsys, "export", "gan_mnist_28", "--to", "onnx")
    assert "needs" in message and "pip install" in message and "keras-gan-zoo[onnx" in message
    assert list(folder.iterdir()) == []


def test_failures_are_one_line(folder, capsys, monkeypatch):
    def fail(*_):
        raise RuntimeError("Keras cannot\nexport this network")

    monkeypatch.setattr(model.writers, "write", fail)
    message = refused(capsys, "export", "gan_mnist_28", "--to", TO, status=1)
    assert message == "keras-gan-zoo: error: Keras cannot export this network\n"
    assert list(folder.iterdir()) == []
