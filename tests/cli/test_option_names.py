"""Messages of the library in terms of the command line."""

import argparse

import pytest

from keras_gan_zoo.cli import option_names

NAMES = option_names.of(
    argparse.Namespace(
        run=None,
        model="DCGAN",
        model_arguments={"width", "upsampling"},
        **dict.fromkeys(("data", "to", "batch_size", "image_size", "aspect", "samples", "label")),
        **dict.fromkeys(("label_smoothing", "instance_noise", "losses", "ema", "flip", "in_dir")),
    )
)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (
            "Argument `batch_size` must be 1. Received: batch_size=0.",
            "--batch-size must be 1. Received: --batch-size 0.",
        ),
        ("Argument `source` must be a path", "--data must be a path"),
        ("Argument `b` and `targets` and `a`", "--to and --to and --data"),
        (
            "Argument `real` in [0, 1]. Received: real=2.0.",
            "--label-smoothing in [0, 1]. Received: --label-smoothing 2.0.",
        ),
        (
            "Pass for example image_size=64 or (64, 96).",
            "Pass for example --image-size 64 or 64x96.",
        ),
        ("Pass image_size=(64, 96).", "Pass --image-size 64x96."),
        ("Received: image_size=None, aspect='crop'.", "Received: no --image-size, --aspect crop."),
        (
            "Try InstanceNoise(0.1), or losses='hinge', ema=0.999, or",
            "Try --instance-noise 0.1, or --losses hinge, --ema 0.999, or",
        ),
        ("Argument `width` must be 1. Received: width=0.", "--set width must be 1. Received: width=0."),
        ("Argument `labels` must be None: GAN", "--label must be left out: GAN"),
        (
            "or the data with `keras_gan_zoo.data.load(..., image_size=(8, 8), samples=1)`.",
            "or the data with --image-size 8x8 --samples 1.",
        ),
        ("use `keras_gan_zoo.data.load(x)`.", "use `keras_gan_zoo.data.load(x)`."),
        ("flip=True, flip=False", "--flip, no --flip"),
        ("Argument `--out` must be a folder", "--out must be a folder"),
        (
            "d_loss=0.3, my.ema=1, `images * 2 - 1`, `model`",
            "d_loss=0.3, my.ema=1, `images * 2 - 1`, `model`",
        ),
    ],
)
def test_messages(message, expected):
    assert option_names.translate(message, NAMES) == expected


def test_options_that_a_command_lacks_are_left_alone():
    names = option_names.of(argparse.Namespace(run=None, n=3, seed=None))
    text = "Argument `real` must be in [0, 1], `n` too: InstanceNoise(0.1)"
    assert option_names.translate(text, names) == text.replace("`n`", "--n")
    assert option_names.translate("`n`", {}) == "`n`"
