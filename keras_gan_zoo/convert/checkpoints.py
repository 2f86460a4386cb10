"""PyTorch's files of weights, read without PyTorch, and without running anything that is in them."""

import collections
import io
import math
import os
import pickle
import zipfile

import numpy as np

_TYPES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C


def read(path: str | os.PathLike) -> dict[str, np.ndarray]:
    """Arrays by name, in the order of the file.

    Args:
        path: a state dict that `torch.save` wrote, in its zip format or in the one before 2020, a
            `.safetensors` file (`pip install safetensors`), or an `.npz` file.

    Raises:
        ValueError: the file is none of these, or holds something else than arrays by name. A pickle
            can name code to run; here nothing is run, and the name is in the message.
    """
    path = os.fspath(path)
    if path.endswith(".safetensors"):
        return _safetensors(path)
    if path.endswith(".npz"):
        with np.load(path, allow_pickle=False) as file:
            return dict(file)
    try:
        found = _zipped(path) if zipfile.is_zipfile(path) else _legacy(path)
    except (pickle.UnpicklingError, EOFError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is no state dict of PyTorch, or is damaged: {error}. Expected is what "
            "`torch.save(network.state_dict(), path)` writes."
        ) from error
    if not isinstance(found, dict):
        raise ValueError(f"{path} holds a {type(found).__name__}, not arrays by name.")
    for name, array in found.items():
        if not isinstance(name, str) or not isinstance(array, np.ndarray):
            raise ValueError(
                f"{path} holds a {type(array).__name__} named {name!r}, where arrays by name are "
                "expected. Save the state dict of one network alone."
            )
    return dict(found)


def _safetensors(path):
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ImportError("Reading .safetensors needs `pip install safetensors`.") from error
    return load_file(path)


class _Storage:
    """Numbers that tensors are views of; a legacy file has them behind the tensors."""

    def __init__(self, kind, values=None):
        self.kind, self.values = kind, values


class _Unpickler(pickle.Unpickler):
    """Makes arrays, numbers, strings and containers; refuses to look up anything else."""

    def __init__(self, file, storage):
        super().__init__(file, encoding="utf-8")
        self.storage = storage

    def persistent_load(self, saved):
        kind, key = saved[1], saved[2]
        return self.storage(kind, str(key))

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _View
        if (module, name) == ("torch._utils", "_rebuild_parameter"):
            return lambda view, *_: view
        raise pickle.UnpicklingError(
            f"it asks for {module}.{name}, which a file of weights has no use for; it was not run"
        )


class _View:
    """A tensor whose storage may not have been read yet."""

    def __init__(self, storage, offset, shape, strides, *_):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self):
        values = self.storage.values
        if not self.shape:
            return np.array(values[self.offset])
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, self.strides, strict=True))
        if min(self.shape) < 1 or min((self.offset, *self.strides)) < 0 or last >= len(values):
            if math.prod(self.shape) == 0:
                return np.empty(self.shape, values.dtype)
            raise pickle.UnpicklingError("a tensor lies outside of its storage")
        steps = [stride * values.itemsize for stride in self.strides]
        view = np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, steps)
        return np.ascontiguousarray(view)


def _arrays(found):
    if not isinstance(found, dict):
        return found
    return {k: v.array() if isinstance(v, _View) else v for k, v in found.items()}


def _zipped(path):
    with zipfile.ZipFile(path) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise pickle.UnpicklingError("it has no single data.pkl")
        folder = pickles[0].removesuffix("data.pkl")
        order = f"{folder}byteorder"
        if order in archive.namelist() and archive.read(order) != b"little":
            raise pickle.UnpicklingError("its numbers are big-endian")

        def storage(kind, key):
            return _Storage(kind, np.frombuffer(archive.read(f"{folder}data/{key}"), kind))

        return _arrays(_Unpickler(io.BytesIO(archive.read(pickles[0])), storage).load())


def _legacy(path):
    storages = {}

    def storage(kind, key):
        return storages.setdefault(key, _Storage(kind))

    with open(path, "rb") as file:
        magic, _, _, found = (_Unpickler(file, storage).load() for _ in range(4))
        if magic != _LEGACY_MAGIC:
            raise pickle.UnpicklingError("it does not start as PyTorch's files do")
        for key in _Unpickler(file, storage).load():
            stored = storages[str(key)]
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            data = file.read(count * np.dtype(stored.kind).itemsize)
            stored.values = np.frombuffer(data, stored.kind)
    return _arrays(found)
