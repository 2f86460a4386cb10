"""The command line, called in this process."""

import numpy as np
import pytest
from cli_tools import refused
from PIL import Image

from keras_gan_zoo import registry
from keras_gan_zoo.cli.main import main


def test_list_names_every_model_with_its_paper(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*registry.MODELS, *registry.STYLE_MODELS]
    assert all("arXiv" in line for line in lines)


def test_generate_writes_a_grid_that_a_seed_repeats(trained, tmp_path, capsys):
    model = trained / "model.keras"
    for name in ("one.png", "two.png"):
        path = tmp_path / "new" / name
        assert main(["generate", str(model), "--n", "6", "--seed", "3", "--out", str(path)]) == 0
        assert capsys.readouterr().out.strip() == str(path)
    one, two = (np.asarray(Image.open(tmp_path / "new" / name)) for name in ("one.png", "two.png"))
    assert one.shape == (2 * 18 + 2, 3 * 18 + 2)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "COMMAND"),
        (
            ("train", "Gann", "--out", "x"),
            "SRGAN, DiscoGAN, CycleGAN. Received: Gann",
        ),
        (("train", "GAN"), "--out"),
        (("train", "GAN", "--out", "x", "--epochs", "0"), "positive integer. Received: 0"),
        (("train", "GAN", "--out", "x", "--image-size", "8x"), "positive integer"),
        (("train", "GAN", "--out", "x", "--backend", "theano"), "theano"),
        (("generate", "nothing.keras"), "there is no model at nothing.keras"),
        (("generate", "nothing.keras", "--out", "grid.txt"), "--out must end in .png"),
    ],
)
def test_wrong_arguments_are_one_line(argv, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *argv)
    assert not (tmp_path / "x").exists()


def test_a_truncated_model_is_called_damaged(trained, capsys, tmp_path):
    broken = tmp_path / "broken.keras"
    broken.write_bytes((trained / "model.keras").read_bytes()[:-500])
    argv = ("generate", broken, "--out", tmp_path / "g.png")
    assert f"{broken} is damaged" in refused(capsys, *argv, status=1)
