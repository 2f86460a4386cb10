"""Weights of presets: files in Keras' format `.weights.h5`, in half precision."""

import tempfile
from pathlib import Path

import h5py
import keras
import numpy as np

from keras_gan_zoo.utils import files

_SMALL = 4096  # bytes that are not worth compressing
_MANY = 900_000  # weights, whose float16 would take nearly all that a preset may have
_COMPACT = ("v108", "v108")  # HDF5 1.8: smaller groups than the default format


def save(network: keras.Model, path: Path) -> None:
    """Write the weights of a network, which `network.load_weights` reads.

    Floats are rounded to float16, except in variables with a value outside its range; those of networks
    with more than 900,000 weights to 8 significant bits of its 11, which compress better.

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
            is_large = network.count_params() > _MANY
            source.visititems(lambda name, item: _copy(name, item, target, is_large))


def _copy(name, item, target, is_large):
    if isinstance(item, h5py.Group):
        copied = target.require_group(name)
    else:
        value = _half(name, item[()], is_large)
        packed = {"compression": "gzip", "shuffle": True} if value.nbytes > _SMALL else {}
        copied = target.create_dataset(name, data=value, **packed)
    for key, attribute in item.attrs.items():
        copied.attrs[key] = attribute


def _half(name, value, is_large):
    """Return an array as float16 if it is of floats within its range."""
    if value.dtype.kind != "f":
        return value
    if not np.isfinite(value).all():
        raise ValueError(
            f"The weights of a preset must be finite. Received: NaN or infinity in {name}."
        )
    with np.errstate(over="ignore", under="ignore"):
        half = value.astype("float16")
    if not np.isfinite(half).all():
        return value
    if is_large and half.ndim:
        half = ((half.view("uint16") + 4) & 0xFFF8).view("float16")  # carries into the exponent
    return half if np.isfinite(half).all() else value
