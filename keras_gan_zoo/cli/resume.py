"""`train --resume`: whether the options fit the model file, which holds all other settings."""

import contextlib
import csv
import json
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

from keras_gan_zoo.cli import data as cli_data
from keras_gan_zoo.cli import method
from keras_gan_zoo.cli.shared import UsageError, check_model_file, import_keras, load_model
from keras_gan_zoo.utils import checkpoint_files, files

FOLDER = "checkpoints"


def existing(model_file: Path) -> Path | None:
    """Return a file of a training in the folder of `model_file`, None: there is none."""
    if model_file.exists():
        return model_file
    return next(reversed(checkpoint_files.listed(model_file.parent / FOLDER)), None)


def newest(model_file: Path) -> Path:
    """Return the newest good checkpoint beside a model file; the file itself if there is none.

    Trainings of release 0.1 have no checkpoints.
    """
    with warnings.catch_warnings(record=True) as caught, contextlib.suppress(ValueError):
        warnings.simplefilter("always")
        found = checkpoint_files.newest(model_file.parent / FOLDER)
        model_file = model_file if found is None else found
    for warning in caught:
        print(f"keras-gan-zoo: warning: {warning.message}", file=sys.stderr)
    return model_file


def check(arguments, settings: dict[str, Any], checkpoint: Path) -> None:
    """Compare MODEL, `--set` and `--seed` with the model file; without `--seed`, take its seed.

    Raises:
        UsageError: there is no model file, or it holds another model.
    """
    check_model_file(checkpoint)
    try:
        saved = checkpoint_files.config(checkpoint)
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


def place(model, dataset, start: Path) -> tuple[int, int]:
    """Return the number of epochs that a model was trained for, and of steps of the next one.

    Args:
        model, dataset: of the training.
        start: the file that the model was loaded from.

    Raises:
        UsageError: the dataset has images of another shape or another number of batches.
    """
    shape = cli_data.shapes(dataset)["image_shape"]
    if model.image_shape != shape:
        raise UsageError(f"{start} makes images of {model.image_shape}, the data has {shape}")
    if start.parent.name == FOLDER:
        state = checkpoint_files.read(start)
        done, step, steps = state["epoch"], state["step"], state["steps_per_epoch"]
        found = f"its epochs had {steps} steps, not {len(dataset)}"
        fits = steps == len(dataset)
    else:
        done, step = divmod(model.steps, len(dataset))
        found = f"its {model.steps} steps are no multiple of {len(dataset)}"
        fits = step == 0
    if not fits:
        raise UsageError(
            f"{start} was trained with other data or another --batch-size: {found}. Pass those of the "
            "training, or another --out"
        )
    return done, step


def trim_log(path: Path, epochs: int) -> None:
    """Remove the rows of a CSV log from epoch `epochs` on, which training repeats."""
    if not path.exists():
        return
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file)) or [["epoch"]]
    if not rows:
        return
    with files.replacing(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        column = header.index("epoch")
        writer.writerows([header, *(row for row in rows if int(row[column]) < epochs)])
