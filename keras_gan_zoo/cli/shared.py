"""What the commands of the command line share."""

import argparse
import contextlib
import os
import tempfile
import zipfile
from collections.abc import Iterator

from keras_gan_zoo import registry


class UsageError(Exception):
    """Something that the user can mend; shown as one line."""


def add_backend(command):
    """Let the command choose the backend."""
    command.add_argument(
        "--backend",
        choices=("tensorflow", "jax", "torch"),
        help="default: KERAS_BACKEND, or tensorflow",
    )


def check_model_file(path):
    """Raise UsageError unless there is a file that may hold a model."""
    if not path.exists():
        raise UsageError(f"there is no model at {path}")
    if not zipfile.is_zipfile(path):
        raise UsageError(f"{path} is damaged, or was not written by `model.save`")


def load_model(path):
    """The model of a file, if it is one of this library."""
    keras = import_keras()
    import keras_gan_zoo as kgz

    model = keras.models.load_model(path)
    if type(model).__name__ in registry.STYLE_MODELS:
        raise UsageError(f"{path} holds a {type(model).__name__}: use `keras-gan-zoo style`")
    if not isinstance(model, tuple(getattr(kgz, name) for name in registry.MODELS)):
        raise UsageError(f"{path} holds a {type(model).__name__}, which is not of this library")
    return model


def load_generator(path):
    """The model of a file, if it is one of this library that makes images from noise."""
    model = load_model(path)
    from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

    if not isinstance(model, NoiseToImage):
        raise UsageError(f"{path} holds a {type(model).__name__}, which makes no images from noise")
    return model


@contextlib.contextmanager
def reported() -> Iterator[None]:
    """What the library refuses, as one line."""
    try:
        yield
    except (ValueError, TypeError, OSError, ImportError) as error:
        raise UsageError(" ".join(str(error).split())) from error


def import_keras():
    """Keras, without what TensorFlow writes to the terminal when it is imported."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryFile() as sink:
        kept = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:
            import keras
        except ImportError as error:
            raise UsageError(f"{error}. Choose an installed backend with --backend") from error
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    return keras


def positive(text: str) -> int:
    """An argument that is an integer from 1 on."""
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be a positive integer. Received: {text}")
    return number


def size(text: str) -> int | tuple[int, int]:
    """An argument that is a side or HxW, in pixels."""
    height, times, width = text.lower().partition("x")
    return (positive(height), positive(width)) if times else positive(height)
