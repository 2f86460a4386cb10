"""Training on pairs and translating folders, from the command line."""

import keras
import numpy as np
import pytest
from cli_tools import refused
from PIL import Image

from keras_gan_zoo.cli.main import main

NAMES = ["one.png", "two.jpg", "deep/three.png", "four.bmp"]


def write(folder, names, seed=0):
    rng = np.random.default_rng(seed)
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (32, 40, 3)).astype("uint8")).save(folder / name)
    return folder


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture, "int32")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("translate")
    return write(root / "a", NAMES), write(root / "b", [*NAMES[:2], "five.png"], seed=1)


@pytest.fixture(scope="module")
def cyclegan(folders, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "cycle"
    a, b = map(str, folders)
    command = ["train", "CycleGAN", "--data", a, "--to", b, "--image-size", "8", "--out", str(out)]
    assert main([*command, "--epochs", "1", "--set", "width=2", "blocks=1"]) == 0
    first = keras.models.load_model(out / "model.keras")
    assert main([*command, "--epochs", "2", "--resume"]) == 0
    return out, first


def test_train_on_two_folders_and_go_on(cyclegan):
    out, first = cyclegan
    assert type(first).__name__ == "CycleGAN" and first.image_shape == (8, 8, 3)
    assert first.steps == 4  # one at a time, as many as the larger folder has
    assert keras.models.load_model(out / "model.keras").steps == 8
    grid = pixels(out / "epoch_00001.png")
    assert grid.shape[1] == 6 * (16 + 2) + 2  # A, to B, back; B, to A, back


def test_train_pix2pix_to_colour(folders, tmp_path):
    command = ["train", "Pix2Pix", "--data", str(folders[0]), "--make", "grey", "--image-size", "8"]
    more = ["--epochs", "1", "--set", "width=2", "--out", str(tmp_path / "run"), "--flip", "--jitter"]
    assert main([*command, *more]) == 0
    model = keras.models.load_model(tmp_path / "run/model.keras")
    assert (model.input_channels, model.image_shape, model.steps) == (1, (8, 8, 3), 4)
    arguments = [str(tmp_path / "run/model.keras"), str(folders[0]), str(tmp_path / "out")]
    assert main(["translate", *arguments]) == 0
    assert pixels(tmp_path / "out/one.png").shape == (8, 8, 3)


@pytest.mark.parametrize(("model", "settings"), [("Pix2Pix", []), ("CycleGAN", ["blocks=1"])])
def test_train_on_crops_and_translate_whole_pictures(model, settings, folders, tmp_path):
    a, b = str(folders[0]), str(folders[1])
    sources = ["--data", a, "--make", "grey"] if model == "Pix2Pix" else ["--data", a, "--to", b]
    more = ["--image-size", "16x24", "--crop", "8", "--epochs", "1", "--batch-size", "3"]
    out = tmp_path / "run"
    assert (
        main(["train", model, *sources, *more, "--out", str(out), "--set", "width=2", *settings]) == 0
    )
    assert keras.models.load_model(out / "model.keras").image_shape == (8, 8, 3)
    whole = ["translate", str(out / "model.keras"), a, str(tmp_path / "out"), "--image-size", "16x24"]
    assert main(whole) == 0
    assert pixels(tmp_path / "out/one.png").shape == (16, 24, 3)


def test_train_pix2pix_the_other_way(folders, tmp_path):
    command = ["train", "Pix2Pix", "--data", str(folders[0]), "--make", "grey", "--image-size", "8"]
    more = ["--epochs", "1", "--set", "width=2", "--out", str(tmp_path), "--direction", "b_to_a"]
    assert main([*command, *more]) == 0
    model = keras.models.load_model(tmp_path / "model.keras")
    assert (model.input_channels, model.image_shape) == (3, (8, 8, 1))


def test_translate_keeps_names_and_goes_on_after_a_corrupt_file(cyclegan, tmp_path, capsys):
    source = write(tmp_path / "in", NAMES)
    (source / "bad.png").write_bytes(b"no picture")
    (source / "notes.txt").write_text("no picture either")
    before = {path: path.read_bytes() for path in source.rglob("*.*")}
    model = str(cyclegan[0] / "model.keras")
    assert main(["translate", model, str(source), str(tmp_path / "out"), "--batch-size", "2"]) == 0
    out, err = capsys.readouterr()
    assert "4 pictures, 1 skipped" in out and "bad.png" in err
    made = {str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.*")}
    assert made == set(NAMES)
    assert before == {path: path.read_bytes() for path in source.rglob("*.*")}
    with Image.open(source / "one.png") as picture:
        small = np.asarray(picture.resize((8, 8), Image.Resampling.BICUBIC), "float32")
    wanted = keras.models.load_model(model).translate(small[None] / 127.5 - 1)[0]
    assert np.abs(pixels(tmp_path / "out/one.png") - (wanted + 1) * 127.5).max() <= 1


def test_translate_the_other_way_and_at_another_size(cyclegan, folders, tmp_path):
    model, source = str(cyclegan[0] / "model.keras"), str(folders[0])
    for direction in ("a_to_b", "b_to_a"):
        more = ["--direction", direction, "--image-size", "16x24"]
        assert main(["translate", model, source, str(tmp_path / direction), *more]) == 0
    there, back = (pixels(tmp_path / name / "one.png") for name in ("a_to_b", "b_to_a"))
    assert there.shape == (16, 24, 3) and np.abs(there - back).max() > 0


def test_translate_refuses(cyclegan, folders, tmp_path, capsys):
    model, source = cyclegan[0] / "model.keras", folders[0]
    before = {path: path.read_bytes() for path in source.rglob("*.*")}
    assert "OUT_DIR must not be where" in refused(capsys, "translate", model, source, source)
    link = tmp_path / "link"
    link.symlink_to(source)
    assert "OUT_DIR must not be where" in refused(capsys, "translate", model, source, link)
    out = tmp_path / "out"
    assert "IN_DIR must be a folder" in refused(capsys, "translate", model, source / "no", out)
    (tmp_path / "empty").mkdir()
    assert "No images in the folder" in refused(capsys, "translate", model, tmp_path / "empty", out)
    wrong = refused(capsys, "translate", model, source, out, "--direction", "back")
    assert "--direction must be one of 'a_to_b', 'b_to_a'" in wrong
    sizes = refused(capsys, "translate", model, source, out, "--image-size", "9")
    assert "must be multiples of 4" in sizes
    assert "use `keras-gan-zoo translate`" in refused(capsys, "generate", model)
    assert before == {path: path.read_bytes() for path in source.rglob("*.*")}


def test_train_refuses(folders, tmp_path, capsys):
    a, b = folders
    shared = ["--image-size", "8", "--out", tmp_path / "run"]
    said = refused(capsys, "train", "GAN", "--data", a, "--to", b, *shared)
    assert "--to and --make are for image-to-image models. Received: MODEL GAN" in said
    said = refused(capsys, "train", "CycleGAN", "--data", a, "--to", b, "--make", "grey", *shared)
    assert "--make is for Pix2Pix" in said
    said = refused(capsys, "train", "Pix2Pix", "--data", a, "--to", b, *shared)
    assert "five" in said and "four" in said
    said = refused(capsys, "train", "CycleGAN", "--data", a, "--to", b, "--crop", "12", *shared)
    assert "--crop" in said and "of at most (8, 8)" in said
    said = refused(
        capsys, "train", "CycleGAN", "--data", a, "--to", b, "--direction", "b_to_a", *shared
    )
    assert "--direction is for Pix2Pix" in said
