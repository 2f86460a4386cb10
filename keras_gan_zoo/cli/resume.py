"""`train --resume`: whether the options fit the model file, which holds all other settings."""

import json
import zipfile
from pathlib import Path
from typing import Any

from keras_gan_zoo.cli import data as cli_data
from keras_gan_zoo.cli import method
from keras_gan_zoo.cli.shared import UsageError, check_model_file, import_keras, load_model


def check(arguments, settings: dict[str, Any], checkpoint: Path) -> None:
    """Compare MODEL, `--set` and `--seed` with the model file; without `--seed`, take its seed.

    Raises:
        UsageError: there is no model file, or it holds another model.
    """
    check_model_file(checkpoint)
    try:
        with zipfile.ZipFile(checkpoint) as archive:
            saved = json.loads(archive.read("config.json"))
        name, config = saved["class_name"], saved["config"]
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{checkpoint} is damaged, or was not written by `model.save`") from error
    if name != arguments.model:
        raise UsageError(
            f"{checkpoint} holds a {name}, not a {arguments.model}: pass `train {name}` to continue "
            "its training, or another --out"
        )
    for key, value in settings.items():
        if key in config and value is not None and config[key] != json.loads(json.dumps(value)):
            raise UsageError(
                f"--set {key}={value} contradicts {checkpoint}, which has {key}={config[key]}. Leave "
                "it out to continue its training, or pass another --out"
            )
    seed = config.get("seed")
    if None not in (arguments.seed, seed) and arguments.seed != seed:
        raise UsageError(
            f"--seed {arguments.seed} contradicts {checkpoint}, which was started with --seed {seed}. "
            "Leave it out to continue its training, or pass another --out"
        )
    arguments.seed = seed if arguments.seed is None else arguments.seed


def load(arguments, checkpoint: Path):
    """Load the model of a run.

    Raises:
        UsageError: an option contradicts the arguments of `compile` in the file.
    """
    model = load_model(checkpoint)
    requested = method.compile_arguments(arguments)
    recipe = requested.pop("recipe")
    from keras_gan_zoo.training import recipes

    saved = model.get_compile_config()
    serialize = import_keras().saving.serialize_keras_object
    for name, value in recipes.apply(recipe, requested, model).items():
        if value is not None and serialize(value) != saved[name]:
            option = f"{name}={method.short(serialize(value))}"
            origin = option if requested[name] is not None else f"--recipe {recipe} ({option})"
            raise UsageError(
                f"{origin} contradicts {checkpoint}, which was started with "
                f"{name}={method.short(saved[name])}. Leave it out to continue its training, or pass "
                "another --out"
            )
    return model


def epochs_done(model, dataset, checkpoint: Path) -> int:
    """Return the number of epochs that a model was trained for.

    Raises:
        UsageError: the dataset has images of another shape, or the model stopped within an epoch of it.
    """
    shape = cli_data.shapes(dataset)["image_shape"]
    if model.image_shape != shape:
        raise UsageError(f"{checkpoint} makes images of {model.image_shape}, the data has {shape}")
    done, rest = divmod(model.steps, len(dataset))
    if rest:
        raise UsageError(
            f"{checkpoint} was trained with other data or another --batch-size: its {model.steps} "
            f"steps are no multiple of {len(dataset)}"
        )
    return done
