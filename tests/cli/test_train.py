"""`train`, called in this process."""

import argparse
import csv
import warnings

import keras
import numpy as np
import pytest
from cli_tools import TINY, refused, train
from PIL import Image

import keras_gan_zoo as kgz
from keras_gan_zoo.cli import method
from keras_gan_zoo.cli import train as train_command
from keras_gan_zoo.cli.main import main


def test_train_leaves_grids_animation_log_and_model(trained):
    names = {path.name for path in trained.iterdir()}
    assert names == {
        *("epoch_00001.png", "epoch_00002.png", "training.gif"),
        *("log.csv", "training.log", "model.keras", "checkpoints"),
        *("report.html", "report.jsonl", "neighbours.png"),
    }
    with open(trained / "log.csv") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert all(np.isfinite(float(row["d_loss"])) for row in rows)
    model = keras.models.load_model(trained / "model.keras")
    assert model.steps == 4 and model.image_shape == (8, 8, 1) and model.plan.ema == 0.9


def test_unwritable_out_is_found_before_training(capsys, tmp_path):
    (tmp_path / "file").touch()
    argv = ["train", "GAN", *TINY, "--out", tmp_path / "file" / "run"]
    assert "--out must be a folder that can be written to" in refused(capsys, *argv)


def test_settings_reach_the_model(tmp_path):
    assert train(tmp_path, "--epochs", "1", "--set", "dropout=0.25", "latent_dim=7") == 0
    model = keras.models.load_model(tmp_path / "model.keras")
    assert (model.dropout, model.latent_dim) == (0.25, 7)


def test_training_is_smoothed_and_watched(tmp_path, capsys, monkeypatch):
    knobs = {}
    monkeypatch.setattr(kgz.GAN, "set_knob", lambda model, name, value: knobs.update({name: value}))
    argv = ["train", "GAN", "--samples", "64", "--batch-size", "32", "--epochs", "1"]
    argv += ["--label-smoothing", "0.8", "--instance-noise", "0.2"]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    assert (knobs["real_label"], knobs["instance_noise"]) == (0.8, 0.2)
    assert "val_diversity" in (tmp_path / "log.csv").read_text().splitlines()[0]


def test_warnings_of_a_training_are_one_line(tmp_path, capsys, monkeypatch):
    def fit(model, *arguments, **named):
        warnings.warn("the samples are alike", kgz.callbacks.TrainingWarning, stacklevel=1)

    monkeypatch.setattr(kgz.GAN, "fit", fit)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert train(tmp_path, "--epochs", "1") == 0
    assert "keras-gan-zoo: warning: the samples are alike\n" in capsys.readouterr().err


def test_remedies_are_compiled_in(tmp_path):
    more = ["--penalties", "r1=5", "gradient_penalty", "--augment", "ada", "--epochs", "1"]
    assert train(tmp_path / "run", "--recipe", "small_data", *more) == 0
    model = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert [(p.name, p.weight) for p in model.plan.penalties] == [
        ("r1_penalty", 5.0),
        ("gradient_penalty", 10.0),
    ]
    assert model.plan.augmentation.adaptive and model.plan.ema == 0.999
    with open(tmp_path / "run" / "log.csv") as file:
        (row,) = csv.DictReader(file)
    assert {"r1_penalty", "gradient_penalty", "augment_probability"} <= row.keys()


def test_no_penalties_of_a_model_that_has_some(tmp_path):
    command = ["train", "WGANGP", *TINY, "--out", str(tmp_path), "--epochs", "1", "--set", "width=4"]
    assert main([*command, "--penalties", "none", "--d-steps", "1"]) == 0
    assert keras.models.load_model(tmp_path / "model.keras").plan.penalties == ()


def train_classes(folder, model, *more):
    argv = ["train", model, *TINY, "--samples", "60", "--batch-size", "30", "--epochs", "1"]
    return [*argv, "--out", str(folder), "--set", "width=4", *more]


def test_a_conditional_model_gets_the_labels_and_classes_of_the_data(tmp_path, capsys):
    argv = train_classes(tmp_path, "ConditionalGAN", "conditioning=auxiliary")
    assert main(argv) == 0
    model = keras.models.load_model(tmp_path / "model.keras")
    assert model.num_classes == 10 and model.steps == 2
    assert main([*argv[: argv.index("--set")], "--epochs", "2", "--resume"]) == 0
    pictures = {}
    for name, more in {"all": [], "2": ["--label", "2"], "3": ["--label", "3"]}.items():
        out = tmp_path / f"{name}.png"
        generate = ["generate", str(tmp_path / "model.keras"), "--n", "20", "--seed", "0", *more]
        assert main([*generate, "--out", str(out)]) == 0
        pictures[name] = np.asarray(Image.open(out))
    assert pictures["all"].shape == (10 * 18 + 2, 2 * 18 + 2)  # a row for each class
    assert pictures["2"].shape == (4 * 18 + 2, 5 * 18 + 2)
    assert (pictures["2"] != pictures["3"]).any()
    error = refused(capsys, "generate", tmp_path / "model.keras", "--label", "10", "--out", out)
    assert "Labels must be integers in 0..9" in error


def test_a_model_that_may_have_classes_has_them_if_it_is_told(tmp_path):
    assert main(train_classes(tmp_path, "R3GAN", "num_classes=12")) == 0
    assert keras.models.load_model(tmp_path / "model.keras").num_classes == 12


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["num_classes=3"], "digits has 10 classes, the model 3; pass --set num_classes=10"),
        (["attributes=3"], "the command line trains on classes; a model with attributes needs"),
        (
            ["conditioning=both"],
            "--set conditioning must be one of 'concat', 'projection', 'auxiliary'",
        ),
    ],
)
def test_classes_that_do_not_fit_the_data(more, message, tmp_path, capsys):
    assert message in refused(capsys, *train_classes(tmp_path, "ConditionalGAN", *more))


def test_data_without_labels(tmp_path, capsys, trained):
    path = tmp_path / "images.npz"
    np.savez(path, x_train=np.zeros((60, 8, 8), "uint8"))
    argv = train_classes(tmp_path / "run", "ConditionalGAN")
    assert f"ConditionalGAN needs labels, which {path} does not have" in refused(
        capsys, *argv, "--data", path
    )
    np.savez(path, x_train=np.zeros((60, 8, 8), "uint8"), y_train=np.arange(60) % 10 - 3)
    error = refused(capsys, *argv, "--data", path)
    assert f"labels must be integers in 0..num_classes-1; in {path}, 'y_train' has values" in error
    error = refused(capsys, "generate", trained / "model.keras", "--label", "1", "--out", "x.png")
    assert "--label must be left out: GAN is not conditional" in error


PAPER = "the method of the model's paper"
RATES = "{}_opt=Adam(learning_rate=0.0032,beta_1=0.5,beta_2=0.999)"
ROBUST = f"upsampling='resize', width=4, {RATES.format('d')}, {RATES.format('g')}"


@pytest.mark.full_matrix
@pytest.mark.parametrize(
    ("model", "samples", "more", "line", "augments", "ema"),
    [
        ("GAN", 64, [], f"Recipe paper, the default of GAN: {PAPER}", False, None),
        ("DCGAN", 64, [], f"{ROBUST}, augment='diffaugment', ema=0.999", True, 0.999),
        ("DCGAN", 1000, ["--ema", "0.9"], f"for at least 1,000 images: {ROBUST}\n", False, 0.9),
        (
            "SNGAN",
            1000,
            [],
            "SNGAN for at least 1,000 images: width=4, d_opt=Adam(learning_rate=0.0064,",
            False,
            0.999,
        ),
        (
            "DCGAN",
            64,
            ["--set", "width=4", "d_features=rgb64"],
            "Recipe projected, by --set d_features: upsampling='resize', width=4, d_opt=Adam(",
            True,
            0.999,
        ),
        ("DCGAN", 64, ["--recipe", "paper"], f"Recipe paper, by --recipe: {PAPER}", False, None),
    ],
)
def test_the_recipe_follows_from_model_and_data(
    tmp_path, capsys, model, samples, more, line, augments, ema
):
    argv = ["train", model, "--samples", str(samples), "--batch-size", "64", "--image-size", "8"]
    width = [] if model == "GAN" else ["--set", "width=4"]
    assert main([*argv, "--epochs", "1", "--out", str(tmp_path), *width, *more]) == 0
    assert line in capsys.readouterr().out
    plan = keras.models.load_model(tmp_path / "model.keras").plan
    assert (plan.augmentation is not None, plan.ema) == (augments, ema)


@pytest.mark.full_matrix
def test_a_progressive_gan_grows(tmp_path, capsys):
    size = ["--samples", "16", "--image-size", "16", "--set", "width=4", "latent_dim=4"]
    argv = ["train", "ProgressiveGAN", *size, "--out", str(tmp_path), "--growth", "16"]
    assert main([*argv, "--epochs", "1"]) == 0
    levels = [keras.models.load_model(tmp_path / "model.keras").level]
    assert main([*argv, "--epochs", "3", "--resume"]) == 0
    levels.append(keras.models.load_model(tmp_path / "model.keras").level)
    assert levels == [0, 1]
    error = refused(capsys, "train", "GAN", *TINY, "--out", tmp_path / "other", "--growth", "16")
    assert "--growth is for ProgressiveGAN. Received: MODEL GAN" in error


@pytest.mark.full_matrix
def test_a_progressive_gan_is_fully_grown_in_a_default_training(tmp_path):
    for size, levels in ((16, 2), (64, 4)):
        model = kgz.ProgressiveGAN.for_size(size, 1, width=4, latent_dim=4)
        model.compile()
        dataset = kgz.data.load("digits", samples=32, image_size=size, batch_size=16)
        arguments = argparse.Namespace(
            on_nan="stop", preset=None, growth=None, label_smoothing=None, instance_noise=None, every=1
        )
        growth = method.callbacks(kgz, model, dataset, arguments)[1]
        growth.prepare_data(model, dataset, None, None)
        last = growth.phases[-1]
        assert (last.level, last.is_fading) == (levels, False)
        assert last.step == pytest.approx(method.GROWTH_STEPS, rel=0.01)


def test_nan_ends_a_training_and_keeps_the_file(tmp_path, capsys, monkeypatch):
    assert train(tmp_path, "--epochs", "1") == 0
    before = (tmp_path / "model.keras").read_bytes()

    def poison(model, x, y):
        weight = model.generator.trainable_variables[0]
        weight.assign(np.full(weight.shape, np.nan))
        return x

    monkeypatch.setattr(kgz.GAN, "evaluation_data", poison)
    capsys.readouterr()
    assert train(tmp_path, "--epochs", "2", "--resume") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("keras-gan-zoo: error: Step 3: NaN or infinity in the weights of the gener")
    assert "model.keras holds the last full epoch" in line and "--on-nan rewind" in line
    assert line in (tmp_path / "training.log").read_text()
    assert (tmp_path / "model.keras").read_bytes() == before
    assert "Stopped: Step 3: NaN or infinity in" in (tmp_path / "report.html").read_text()


@pytest.mark.full_matrix
def test_epochs_follow_from_the_number_of_images(tmp_path, capsys, monkeypatch):
    """64 images in batches of 32 make 2 steps per epoch."""
    monkeypatch.setattr(train_command, "DEFAULT_STEPS", 15)
    monkeypatch.setattr(train_command, "STEPS_BETWEEN_FILES", 5)
    assert train(tmp_path) == 0
    said = capsys.readouterr().out
    assert "epochs 1 to 9 (18 steps)" in said
    lines = [line.partition(",")[0] for line in said.splitlines() if line.startswith("Epoch ")]
    assert lines == ["Epoch 3/9", "Epoch 6/9", "Epoch 9/9"]
    grids = sorted(path.name for path in tmp_path.glob("epoch_*.png"))
    assert grids == ["epoch_00003.png", "epoch_00006.png", "epoch_00009.png"]
    assert keras.models.load_model(tmp_path / "model.keras").steps == 18
    checkpoints = [path.name[:11] for path in sorted((tmp_path / "checkpoints").glob("*.keras"))]
    assert checkpoints == ["epoch_00003", "epoch_00006", "epoch_00009"]
    assert train(tmp_path, "--resume") == 0
    assert "model.keras is finished: it was trained for 9 epochs" in capsys.readouterr().out
