"""Checks of the arguments of `train` that need neither Keras nor the data."""

import ast
import difflib
from typing import Any

from keras_gan_zoo import registry
from keras_gan_zoo.cli import distribute, method, model_source, resume
from keras_gan_zoo.cli.model_source import ModelSource
from keras_gan_zoo.cli.shared import UsageError, reported
from keras_gan_zoo.presets import catalog

# Constructor arguments that follow from the data, or have an option of their own.
_NOT_SET = ("image_shape", "input_channels", "seed")


def check(arguments, checkpoint) -> dict[str, Any]:
    """Check the arguments of `train`.

    Args:
        arguments: parsed arguments; `model` becomes the exact name of the class, `seed` the seed of the
            run, and two are added: `model_arguments`, the names that `--set` takes, and `start`, the
            file that `--resume` continues from, else None.
        checkpoint: path of the model file of the run.

    Returns:
        The arguments for the model's constructor that `--set` gives.

    Raises:
        UsageError: an argument breaks its rule, or contradicts another one or the checkpoint.
    """
    source = model_source.read(_model_name(arguments.model))
    arguments.model = source.name
    arguments.model_arguments = set(source.arguments) - set(_NOT_SET)
    if not source.attributes.get("can_be_conditional", False):
        arguments.model_arguments -= {"num_classes"}
    settings = _settings(arguments.set, source, arguments.model_arguments)
    _check_data(arguments, source)
    method.check(arguments, source)
    distribute.check(arguments)
    if arguments.preset is not None:
        _check_preset(arguments, source)
    arguments.start = resume.newest(checkpoint) if arguments.resume else None
    if arguments.resume:
        resume.check(arguments, settings, arguments.start)
    elif (found := resume.existing(checkpoint)) is not None and not arguments.overwrite:
        raise UsageError(
            f"{found} exists. Pass --resume to continue its training, --overwrite to replace it, "
            "or another --out"
        )
    arguments.seed = arguments.seed or 0
    return settings


def _model_name(name: str) -> str:
    names = {model.lower(): model for model in registry.MODELS}
    if name.lower() not in names:
        raise UsageError(f"MODEL must be one of {', '.join(registry.MODELS)}. Received: {name}")
    return names[name.lower()]


def _settings(items: list[str], source: ModelSource, valid_names: set[str]) -> dict[str, Any]:
    """Parse the items NAME=VALUE of `--set`."""
    settings = {}
    for item in items:
        name, equals, text = item.partition("=")
        if name not in valid_names or not equals:
            similar = difflib.get_close_matches(name, sorted(valid_names), 1)
            suggestion = f". Did you mean {similar[0]}={text or 'VALUE'}?" if similar else ""
            raise UsageError(
                f"--set takes NAME=VALUE with one of the names {', '.join(sorted(valid_names))} for "
                f"{source.name}. Received: {item}{suggestion}"
            )
        try:
            settings[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            settings[name] = text
        with reported():
            source.arguments[name].validate(name, settings[name])
    return settings


def _check_preset(arguments, source):
    if arguments.resume:
        raise UsageError("--from starts a training, --resume continues one: leave out one of them")
    if arguments.set:
        raise UsageError(
            "--set cannot be combined with --from, because the arguments of the model are those of the "
            "preset. Leave out one of them"
        )
    with reported():
        preset = catalog.read(arguments.preset)
    if preset.class_name != source.name:
        raise UsageError(
            f"{arguments.preset} is a preset of {preset.class_name}, not of {source.name}: pass `train "
            f"{preset.class_name} --from {arguments.preset}`, or another preset"
        )


def _check_data(arguments, source):
    translates = "ImageToImage" in source.bases
    if (arguments.to or arguments.make) and not translates:
        raise UsageError(
            f"--to and --make are for image-to-image models. Received: MODEL {source.name}, which "
            "makes images from noise"
        )
    if source.name == "SRGAN" and (arguments.to or arguments.make or arguments.jitter):
        raise UsageError(
            "--to, --make and --jitter are not for SRGAN, which makes its inputs from --data. Pass "
            "--crop for random crops"
        )
    if arguments.crop and not translates:
        raise UsageError(f"--crop is for image-to-image models. Received: MODEL {source.name}")
    if arguments.direction and source.name != "Pix2Pix":
        raise UsageError(f"--direction is for Pix2Pix. Received: MODEL {source.name}")
    if arguments.cache and translates:
        raise UsageError(
            f"--cache is for models that make images from noise. Received: MODEL {source.name}"
        )
    if arguments.make and "TwoDomains" in source.bases:
        raise UsageError(f"--make is for Pix2Pix; {source.name} trains on two domains, --data and --to")
    if arguments.aspect != "stretch" and arguments.image_size is None:
        raise UsageError(
            f"--aspect {arguments.aspect} needs --image-size, the size of the resized images"
        )
