"""Wrong arguments of `train`: one line, in the words of the command line, before Keras is imported."""

import json
import subprocess
import sys

import pytest
from cli_tools import TINY, refused

from keras_gan_zoo import losses, registry
from keras_gan_zoo.cli import model_source
from keras_gan_zoo.data.downloads import KERAS_DATASETS
from keras_gan_zoo.networks.feature_network import NETWORKS
from keras_gan_zoo.training.argument_checks import constructor_arguments

EARLY = [
    ("--data nowhere", "--data: must be one of digits, mnist, fashion_mnist, cifar10, tfds:NAME"),
    ("--data nowhere", "folder of images. Received: nowhere (no such path exists). Try digits"),
    (
        "--set widht=3",
        "one of the names d_features, d_norm, d_output, dropout, latent_dim, minibatch, pack, width "
        "for GAN. Received: widht=3",
    ),
    ("--set latent_dmi=3", "Received: latent_dmi=3. Did you mean latent_dim=3?"),
    ("--set dropout", "--set takes NAME=VALUE"),
    (
        "--distribute data --backend tensorflow",
        "--distribute needs --backend jax or torch. Received: tensorflow",
    ),
    ("--set image_shape=3", "for GAN. Received: image_shape=3"),
    ("--set dropout=1.5", "--set dropout must be in [0, 1]. Received: dropout=1.5."),
    ("--set latent_dim=0", "--set latent_dim must be a positive integer. Received: latent_dim=0. Pass"),
    ("--set latent_dim=many", "--set latent_dim must be of the type int. Received: latent_dim=many."),
    ("--set pack=True", "--set pack must be of the type int. Received: pack=True."),
    ("--set d_norm=bach", "--set d_norm must be one of None, 'batch', 'layer'"),
    ("--losses hinges", "--losses: invalid choice: 'hinges' (choose from 'non_saturating', 'minimax'"),
    ("--ema 1.5", "--ema: must be a number in (0, 1). Received: 1.5"),
    ("--label-smoothing 2", "--label-smoothing: must be a number in [0, 1]. Received: 2"),
    ("--instance-noise=-1", "--instance-noise: must be a number of 0 or more. Received: -1"),
    (
        "--label-smoothing 0.9 --losses hinge",
        "needs a loss that compares scores with labels: --losses n",
    ),
    ("--seed=-1", "--seed: must be an integer of 0 or more. Received: -1"),
    ("--image-size 64x", "must be N or HxW, positive integers such as 64 or 48x64. Received: 64x"),
    ("--image-size x64", "Received: x64"),
    ("--image-size 8x8x1", "Received: 8x8x1"),
    ("--aspect crop", "--aspect crop needs --image-size"),
    ("--resume --overwrite", "--overwrite: not allowed with argument --resume"),
    ("--resume", "there is no model at"),
    ("--to digits", "--to and --make are for image-to-image models. Received: MODEL GAN"),
    (
        "--penalties r3",
        "--penalties takes gradient_penalty, dragan, r1, r2, path_length, lecam or none. Re",
    ),
    ("--penalties none r1", "path_length, lecam or none. Received: none r1"),
    (
        "--penalties r1=lots",
        "--penalties NAME=WEIGHT: the weight must be a number of 0 or more. Received: l",
    ),
    ("--penalties r1=-1", "the weight must be a number of 0 or more. Received: -1"),
    ("--penalties path_length", "--penalties path_length is for StyleGAN2. Received: MODEL GAN"),
]

REFUSE = """
import contextlib, io, json, sys
from keras_gan_zoo.cli.main import main

errors = []
for argv in json.loads(sys.argv[1]):
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        assert main(argv) == 2, argv
    errors.append(stream.getvalue())
heavy = {"keras", "tensorflow", "jax", "torch"} & set(sys.modules)
print(json.dumps([errors, sorted(heavy)]))
"""


def test_wrong_arguments_are_reported_before_keras_is_imported(tmp_path):
    def argv(more):
        return ["train", "GAN", "--out", str(tmp_path / "run"), *more.split()]

    models = [
        (["train", "CycleGAN", "--out", "x", "--make", "grey"], "--make is for Pix2Pix"),
        (["train", "Pix2Pix", "--out", "x", "--cache", "y"], "--cache is for models that make images"),
        (["train", "WGANGP", "--out", "x", "--label-smoothing", "1"], "Received: wasserstein"),
        (
            ["train", "ConditionalGAN", "--out", "x", "--set", "conditioning=both"],
            "one of 'concat', 'p",
        ),
        (["evaluate", "x.keras", "--data", "nowhere"], "--data: must be one of digits, mnist"),
    ]
    cases = [*((argv(more), message) for more, message in EARLY), *models]
    command = [sys.executable, "-c", REFUSE, json.dumps([case[0] for case in cases])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    errors, heavy = json.loads(done.stdout)
    for error, (_, message) in zip(errors, cases, strict=True):
        assert message in error and error.count("\n") == 1
        assert error.startswith("keras-gan-zoo: error: ")
    assert heavy == []
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            ("--batch-size", "65"),
            "Received: --batch-size 65 with 64 images. Pass --batch-size 64 or less",
        ),
        (("--split", "test", "--data", "digits", "--channels", "2"), "--channels: invalid choice"),
    ],
)
def test_what_the_library_refuses_is_one_line(more, message, capsys, tmp_path):
    argv = ["train", "GAN", *TINY, "--out", tmp_path / "run", *more]
    assert message in refused(capsys, *argv)


# The tables and sources that are read instead of Keras' classes ------------------------------------


def test_names_of_the_registry_are_those_of_the_library():
    names = ("digits", *KERAS_DATASETS)
    assert names == registry.DATASETS
    assert set(registry.LOSSES) == set(losses.LOSSES)
    with_targets = {name for name, loss in losses.LOSSES.items() if loss.uses_targets}
    assert set(registry.LOSSES_WITH_TARGETS) == with_targets
    assert tuple(NETWORKS) == registry.STYLE_NETWORKS


@pytest.mark.parametrize("name", [*registry.MODELS, *registry.STYLE_MODELS])
def test_sources_of_models_say_what_their_classes_say(name):
    source = model_source.read(name)
    cls = registry.load({**registry.MODELS, **registry.STYLE_MODELS}[name])
    assert source.name == name and cls.__doc__.startswith(source.summary)
    assert set(source.arguments) == constructor_arguments(cls)
    package = {base.__name__ for base in cls.__mro__[1:] if base.__module__.startswith("keras_gan_zoo")}
    assert source.bases == package
    for attribute in ("needs_labels", "can_be_conditional", "has_styles", "default_losses"):
        if attribute in source.attributes:
            assert source.attributes[attribute] == getattr(cls, attribute)
    for argument in {"latent_dim", "width", "blocks"} & set(source.arguments):
        with pytest.raises(ValueError, match=f"`{argument}` must be a positive integer"):
            source.arguments[argument].validate(argument, 0)
        source.arguments[argument].validate(argument, 4)
    if "upsampling" in source.arguments:
        with pytest.raises(ValueError, match="`upsampling` must be one of 'transposed', 'resize'"):
            source.arguments["upsampling"].validate("upsampling", "nearest")
