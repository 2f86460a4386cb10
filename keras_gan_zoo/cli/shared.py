"""Errors, argument types and loaders that the commands share."""

import argparse
import contextlib
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.presets import catalog
from keras_gan_zoo.utils import archives, files
from keras_gan_zoo.utils.text import one_line

PICTURES = (".png", ".jpg", ".jpeg", ".webp")


class UsageError(Exception):
    """An error that other arguments or data avoid; printed as one line, exit status 2."""


class RunError(Exception):
    """A damaged file, or a failure such as a full disk; printed as one line, exit status 1."""


def add_backend(command):
    """Add the option `--backend`."""
    command.add_argument(
        "--backend",
        choices=("tensorflow", "jax", "torch"),
        help="default: KERAS_BACKEND, or tensorflow",
    )


def add_model(command):
    """Add the argument `model`."""
    description = "a file that `model.save` wrote, or a name from `keras-gan-zoo presets`"
    command.add_argument("model", type=Path, metavar="MODEL.keras", help=description)


def preset_folder(path):
    """Return the folder of the preset that a MODEL.keras argument names, else None: it is a file."""
    return None if path.is_file() else catalog.find(path)


def check_model_file(path):
    """Check that a path is a preset or an archive as Keras writes it, before Keras is imported.

    Raises:
        UsageError: there is no such file or preset.
        RunError: it is damaged, or was written by another program.
    """
    if preset_folder(path) is not None:
        with reported():
            catalog.read(path)
        return
    if not path.exists():
        is_name = len(path.parts) == 1 and path.suffix != ".keras"
        other = f", and no preset of that name. {catalog.hint(path)}" if is_name else ""
        raise UsageError(f"there is no model at {path}{other}")
    if not path.is_file():
        raise UsageError(f"{path} is no regular file: pass a file that `model.save` wrote")
    with damaged(path):
        archives.check_zip(path)


def check_picture(path, option="--out"):
    """Raise UsageError unless a picture can be written to the path; create its folder."""
    if path.suffix.lower() not in PICTURES:
        raise UsageError(f"{option} must end in {', '.join(PICTURES)}. Received: {path}")
    with reported():
        files.writable_folder(path.parent, option)


def open_model(path):
    """Load a model of any class from a file or from a preset, which has passed `check_model_file`."""
    keras = import_keras()
    import keras_gan_zoo as kgz

    folder = preset_folder(path)
    if folder is not None:
        return kgz.from_preset(folder)
    with damaged(path):
        archives.check_model(path)
        return keras.models.load_model(path)


@contextlib.contextmanager
def damaged(path) -> Iterator[None]:
    """Turn all errors of reading a model file into a RunError of one line that names the file."""
    try:
        yield
    except Exception as error:
        # Keras, HDF5 and zipfile raise errors of any type on damaged files.
        raise RunError(
            f"{path} is damaged, or was not written by `model.save`: {one_line(error)}"
        ) from error


def trained_steps(path, model) -> int | None:
    """Return the number of training steps of a model that `open_model` loaded, None: not known."""
    folder = preset_folder(path)
    if folder is not None:
        return catalog.read_card(folder).get("steps")
    return model.steps if model.compiled else None


def load_model(path):
    """Load an adversarial model of this library from a file or a preset.

    Raises:
        UsageError: the file holds another model.
    """
    model = open_model(path)
    import keras_gan_zoo as kgz

    if type(model).__name__ in registry.STYLE_MODELS:
        raise UsageError(f"{path} holds a {type(model).__name__}: use `keras-gan-zoo style`")
    if not isinstance(model, tuple(getattr(kgz, name) for name in registry.MODELS)):
        raise UsageError(f"{path} holds a {type(model).__name__}, which is not of this library")
    return model


def load_generator(path):
    """Load a noise-to-image model of this library from a file or a preset.

    Raises:
        UsageError: the file holds another model.
    """
    model = load_model(path)
    from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

    if not isinstance(model, NoiseToImage):
        raise UsageError(f"{path} holds a {type(model).__name__}, which makes no images from noise")
    return model


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """Turn errors of the library into a UsageError, those of files and disks into a RunError."""
    try:
        yield
    except (ValueError, TypeError, ImportError) as error:
        raise UsageError(one_line(error)) from error
    except (OSError, MemoryError) as error:
        raise RunError(one_line(error)) from error


def import_keras():
    """Import Keras without TensorFlow's messages on standard error."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryFile() as sink:
        stderr = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:
            import keras
        except ImportError as error:
            raise UsageError(f"{error}. Choose an installed backend with --backend") from error
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
    return keras


# Types of arguments -------------------------------------------------------------------------------


def positive(text: str) -> int:
    """Parse an integer >= 1."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer. Received: {text}")
    return number


def non_negative(text: str) -> int:
    """Parse an integer >= 0, such as a seed."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be an integer of 0 or more. Received: {text}")
    return int(text)


def real(rule: str, is_valid):
    """Return a parser of finite numbers that fulfil a condition.

    Args:
        rule: the condition in words, such as `"in [0, 1]"`.
        is_valid: function of a float that returns whether it fulfils the condition.
    """

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or not is_valid(number):
            raise argparse.ArgumentTypeError(f"must be a number {rule}. Received: {text}")
        return number

    return parse


weight = real("of 0 or more", lambda number: number >= 0)


def size(text: str) -> int | tuple[int, int]:
    """Parse a side, or HxW, in pixels."""
    sides = text.lower().split("x")
    if len(sides) > 2 or not all(side.isdecimal() and int(side) > 0 for side in sides):
        raise argparse.ArgumentTypeError(
            f"must be N or HxW, positive integers such as 64 or 48x64. Received: {text}"
        )
    return int(sides[0]) if len(sides) == 1 else (int(sides[0]), int(sides[1]))


def source(text: str) -> str:
    """Parse the source of a dataset: a name, or the path of a folder or of an .npz file."""
    path = Path(text).expanduser()
    if text in registry.DATASETS or text.startswith("tfds:") or path.is_dir():
        return text
    if path.is_file() and path.suffix == ".npz":
        return text
    reason = "is a file, but no .npz" if path.exists() else "no such path exists"
    raise argparse.ArgumentTypeError(
        f"must be one of {', '.join(registry.DATASETS)}, tfds:NAME, the path of an .npz file or of a "
        f"folder of images. Received: {text} ({reason}). Try digits, which needs no files"
    )
