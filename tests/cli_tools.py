"""Helpers for tests of the command line."""

from keras_gan_zoo.cli.main import main

TINY = ["--samples", "64", "--batch-size", "32", "--image-size", "8"]


def train(folder, *more):
    """Train a small GAN; return the exit status."""
    return main(["train", "GAN", *TINY, "--out", str(folder), *more])


def refused(capsys, *argv, status=2):
    """Return the error line; the exit status must be 2, for wrong arguments, or `status`."""
    capsys.readouterr()
    assert main([str(part) for part in argv]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("keras-gan-zoo: error: ") and err.count("\n") == 1
    return err
