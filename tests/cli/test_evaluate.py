"""The commands `evaluate` and `compare`, called in this process."""

import json
import re

import keras
import numpy as np
import pytest
from cli_tools import refused, train

from keras_gan_zoo.cli.main import main

REAL = ["--data", "digits", "--image-size", "8", "--samples", "40"]


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    """A file with a network from images to 16 features."""
    path = tmp_path_factory.mktemp("extractor") / "means.keras"
    layers = [keras.Input((8, 8, 1)), keras.layers.AveragePooling2D(2), keras.layers.Flatten()]
    keras.Sequential(layers).save(path)
    return path


@pytest.fixture
def measure(extractor, tmp_path, monkeypatch):
    """The arguments of a quick measurement; features are kept in a folder of the test's own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return [*REAL, "--extractor", str(extractor)]


def refused_late(capsys, *argv):
    """What the command line says last, where it has told what it was doing."""
    capsys.readouterr()
    assert main([str(part) for part in argv]) == 2
    out, err = capsys.readouterr()
    *progress, last = err.splitlines()
    assert out == "" and all(line.endswith(" ...") for line in progress)
    assert last.startswith("keras-gan-zoo: error: ")
    return last


def test_evaluate_prints_a_table_and_writes_json(trained, measure, tmp_path, capsys):
    path = tmp_path / "new" / "figures.json"
    assert main(["evaluate", str(trained / "model.keras"), *measure, "--json", str(path)]) == 0
    out, err = capsys.readouterr()
    found = json.loads(path.read_text())
    digest = found["extractor"]["sha256"]
    lines = out.splitlines()
    assert lines[0] == (
        f"40 generated and 40 real images of digits (train); extractor means:{digest[:8]}"
    )
    rows = {line.split()[0]: re.split("  +", line.strip())[1:] for line in lines[2:9] if line}
    assert rows.pop("value") == ["floor"]
    assert list(rows) == ["frechet_means", "kernel_means", "precision", "recall", "density", "coverage"]
    for name, cells in rows.items():
        for text, figures in zip(cells, (found["values"], found["floor"]), strict=True):
            number, _, error = text.partition(" +/- ")
            assert number == f"{figures[name]:.4g}"
            assert error == (f"{figures[f'{name}_error']:.2g}" if name.startswith("kernel") else "")
    assert found["values"]["frechet_means"] > found["floor"]["frechet_means"] > 0
    assert found["values"]["kernel_means_error"] > 0
    assert found["samples"] == {"real": 40, "fake": 40, "floor": 40}
    about = {"class": "GAN", "steps": 4, "data": "digits", "split": "train", "seed": 0}
    assert about.items() <= found.items()
    assert f"Generating and measuring 40 images of {trained / 'model.keras'} ..." in err.splitlines()
    assert lines[-1] == f"Written: {path}"


def test_evaluate_measures_what_the_library_measures(trained, measure, extractor, tmp_path):
    import keras_gan_zoo as kgz

    path = tmp_path / "a.json"
    chosen = ["--metrics", "kernel, frechet", "--seed", "3", "--split", "test", "--json", str(path)]
    for _ in range(2):  # the second time with kept features
        assert main(["evaluate", str(trained / "model.keras"), *measure, *chosen]) == 0
        found = json.loads(path.read_text())
        real = kgz.data.load("digits", 8, batch_size=1, samples=80, split="test").images
        network = keras.models.load_model(extractor, compile=False)
        network = kgz.metrics.Extractor(network, "means")
        reference = kgz.metrics.Reference(real, "frechet,kernel", 40, network, seed=3)
        fakes = keras.models.load_model(trained / "model.keras").generate(40, seed=3)
        expected = reference.measure(fakes)
        for name in ("frechet_means", "kernel_means"):
            assert found["values"][name] == pytest.approx(expected[name], rel=1e-5)
            assert found["floor"][name] == pytest.approx(reference.floor[name], rel=1e-5)


def test_evaluate_writes_beside_the_model(trained, measure, tmp_path, capsys):
    model = tmp_path / "model.keras"
    model.write_bytes((trained / "model.keras").read_bytes())
    assert main(["evaluate", str(model), *measure, "--metrics", "prdc"]) == 0
    assert set(json.loads((tmp_path / "evaluation.json").read_text())["values"]) == {
        "precision",
        "recall",
        "density",
        "coverage",
    }


def test_memorization_looks_for_copies_in_all_images(trained, measure, tmp_path, capsys):
    path = tmp_path / "real.npz"
    np.savez(path, x_train=np.random.default_rng(0).integers(0, 256, (100, 8, 8), "uint8"))
    options = ["--data", str(path), *measure[4:], "--metrics", "memorization"]
    argv = ["evaluate", str(trained / "model.keras"), *options, "--json", str(tmp_path / "a.json")]
    assert main(argv) == 0
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["samples"] == {"real": 40, "fake": 40, "floor": 40, "training": 60}
    assert found["values"].keys() == found["floor"].keys() == {"copied", "authenticity", "c_t"}
    assert found["values"]["copied"] == 0
    assert "copies looked for in 60; extractor means:" in capsys.readouterr().out


def test_fewer_images_than_usual_are_all_taken(trained, measure, tmp_path, capsys):
    path = tmp_path / "real.npz"
    np.savez(path, x_train=np.random.default_rng(0).integers(0, 256, (50, 8, 8), "uint8"))
    sizes = ["--data", str(path), "--extractor", measure[-1], "--json", str(tmp_path / "a.json")]
    assert main(["evaluate", str(trained / "model.keras"), *sizes]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["samples"] == {
        "real": 50,
        "fake": 50,
        "floor": 25,
    }
    assert "floor from 25" in capsys.readouterr().out


def test_compare_has_a_column_for_each_model(trained, measure, tmp_path, capsys):
    other = tmp_path / "other" / "model.keras"
    assert train(other.parent, "--epochs", "1", "--set", "latent_dim=3") == 0
    capsys.readouterr()
    paths = [str(trained / "model.keras"), str(other)]
    assert main(["compare", *paths, *measure, "--json", str(tmp_path / "a.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = json.loads((tmp_path / "a.json").read_text())["models"]
    assert [model["model"] for model in found] == paths
    assert found[0]["floor"] == found[1]["floor"]
    assert lines[2].split() == ["run/model.keras", "other/model.keras", "floor"]
    (row,) = (line for line in lines if line.startswith("frechet_means"))
    one, two = (model["values"]["frechet_means"] for model in found)
    cells = [f"{value:.4g}" + (" *" if value == min(one, two) else "") for value in (one, two)]
    assert row.split() == [
        "frechet_means",
        *" ".join(cells).split(),
        f"{found[0]['floor']['frechet_means']:.4g}",
    ]
    assert "*: the best" in lines[-3]
    assert not (other.parent / "evaluation.json").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("evaluate", "a.keras"), "--data"),
        (("evaluate", "a.keras", "--data", "digits"), "there is no model at a.keras"),
        (
            ("evaluate", "a.keras", *REAL, "--metrics", "frechet,kerne"),
            "prdc, inception_score, ms_ssim",
        ),
        (("evaluate", "a.keras", *REAL, "--network", "fid=a.pth"), "inception_2015=SOURCE, dinov2=SO"),
        (("compare", "a.keras", "b.keras", *REAL, "--network", "clip"), "clip=SOURCE. Received: clip"),
        (("evaluate", "a.keras", *REAL, "--metrics", ""), "with commas between. Received: "),
        (("evaluate", "a.keras", *REAL, "--samples", "0"), "positive integer. Received: 0"),
        (("evaluate", "a.keras", *REAL, "--extractor", "vgg"), "grey28, rgb64, inception_v3, inc"),
        (("compare", "a.keras", *REAL), "compare needs two models or more"),
        (("compare", "a.keras", "x/../a.keras", *REAL), "compare got a model twice"),
        (("compare", "a.keras", "b.keras", *REAL), "there is no model at a.keras"),
    ],
)
def test_wrong_measurements_are_one_line(argv, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *argv)


def test_measurements_need_a_place_for_the_json(trained, measure, tmp_path, capsys):
    (tmp_path / "file").touch()
    argv = ["evaluate", trained / "model.keras", *measure, "--json"]
    assert "--json must be a file" in refused(capsys, *argv, tmp_path)
    message = "--json must be a folder that can be written to"
    assert message in refused(capsys, *argv, tmp_path / "file" / "a.json")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--data", "nowhere"), "one of digits, mnist, fashion_mnist, cifar10, tfds:NAME"),
        (("--split", "valid"), "valid"),
        (("--image-size", "12"), "the data has (12, 12, 1). Pass --image-size 8 --channels 1"),
        (("--channels", "3"), "the data has (8, 8, 3). Pass --image-size 8 --channels 1"),
        (("--samples", "16"), "more samples than feature dimensions"),
        (("--metrics", "inception_score"), "logits"),
        (("--metrics", "fid", "--network", "inception_2015=nowhere.pth"), "Received: nowhere.pth"),
        (("--extractor", "grey28"), "Images must fit the extractor 'grey28'"),
    ],
)
def test_what_a_measurement_refuses_is_one_line(more, message, trained, measure, capsys):
    argv = ["evaluate", trained / "model.keras", *measure, *more]
    assert message in refused_late(capsys, *argv)
    assert not (trained / "evaluation.json").exists()


def test_a_broken_model_is_named(trained, measure, tmp_path, capsys):
    model = keras.models.load_model(trained / "model.keras")
    model.generator.set_weights([weight * np.nan for weight in model.generator.get_weights()])
    model.ema_generator.set_weights(model.generator.get_weights())
    broken = tmp_path / "broken.keras"
    model.save(broken)
    said = refused_late(capsys, "compare", trained / "model.keras", broken, *measure)
    assert f"{broken}: Argument" in said and "must be finite" in said


def test_a_model_of_another_kind_is_refused(extractor, measure, capsys):
    assert "which is not of this library" in refused(capsys, "evaluate", extractor, *measure)
