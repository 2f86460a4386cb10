"""Weights of presets: files in Keras' format `.weights.h5`, in half precision."""

import tempfile
from pathlib import Path

import h5py
import keras
import numpy as np

from keras_gan_zoo.utils import files

_SMALL = 4096  # bytes that are not worth compressing
_COMPACT = ("v108", "v108")  # HDF5 1.8: smaller groups than the default format


def save(network: keras.Model, path: Path) -> None:
    """Write the weights of a network, which `network.load_weights` reads.

    Floats are rounded to float16, except in variables with a value outside its range.

    Raises:
        ValueError: A weight is NaN or infinite.
    """
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.weights.h5"
        network.save_weights(whole)
        with (
            files.replacing(path) as temporary,
            h5py.File(whole) as source,
            h5py.File(temporary, "w", libver=_COMPACT) as target,
        ):
            source.visititems(lambda name, item: _copy(name, item, target))


def _copy(name, item, target):
    if isinstance(item, h5py.Group):
        copied = target.require_group(name)
    else:
        value = _half(name, item[()])
        packed = {"compression": "gzip", "shuffle": True} if value.nbytes > _SMALL else {}
        copied = target.create_dataset(name, data=value, **packed)
    for key, attribute in item.attrs.items():
        copied.attrs[key] = attribute


def _half(name, value):
    """Return an array as float16 if it is of floats within its range."""
    if value.dtype.kind != "f":
        return value
    if not np.isfinite(value).all():
        raise ValueError(
            f"The weights of a preset must be finite. Received: NaN or infinity in {name}."
        )
    with np.errstate(over="ignore", under="ignore"):
        half = value.astype("float16")
    return half if np.isfinite(half).all() else value
