"""Reader of PyTorch checkpoints that needs no PyTorch and executes no code from the file."""

import collections
import io
import math
import os
import pickle
import zipfile

import numpy as np

from keras_gan_zoo.utils import archives
from keras_gan_zoo.utils.files import printable

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
    """Read a state dict.

    Args:
        path: a state dict saved by `torch.save`, in the zip format or the legacy format from before
            2020; a `.safetensors` file (`pip install safetensors`); or an `.npz` file.

    Returns:
        Dict of name to numpy array, in the order of the file.

    Raises:
        ValueError: the file is damaged, has another format, contents other than named arrays, or needs
            much more memory than it has bytes. A pickle can request the execution of code; nothing is
            executed, and the message names the request.
        FileNotFoundError: there is no such file.
        ImportError: `safetensors` is needed and not installed.
    """
    path = os.fspath(path)
    try:
        return _named_arrays(_reader(path)(path))
    except (FileNotFoundError, ImportError, archives.ExpansionError):
        raise
    except Exception as error:
        # Damaged files cause errors of any type in zipfile, pickle, NumPy and safetensors.
        raise ValueError(
            f"{printable(path)} is not a PyTorch state dict, or is damaged: "
            f"{printable(error) or type(error).__name__}. Save the state dict of one network with "
            "`torch.save(network.state_dict(), path)`."
        ) from error


def _reader(path):
    if not os.path.isfile(path) and os.path.exists(path):
        raise ValueError("it is no regular file")
    if path.endswith(".safetensors"):
        return _read_safetensors
    if path.endswith(".npz"):
        return _read_npz
    return _read_zip if zipfile.is_zipfile(path) else _read_legacy


def _named_arrays(contents):
    """Return a dict of arrays; raise if the contents of a file are anything else."""
    if not isinstance(contents, dict):
        raise ValueError(f"it must contain named arrays. Received: a {type(contents).__name__}")
    for name, array in contents.items():
        if not isinstance(name, str) or not isinstance(array, np.ndarray):
            raise ValueError(
                f"it must contain named arrays. Received: a {type(array).__name__} named {name!r:.100}"
            )
    return dict(contents)


def _read_safetensors(path):
    try:
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ImportError("Reading .safetensors needs `pip install safetensors`.") from error
    return load_file(path)


def _read_npz(path):
    archives.check_zip(path)
    with np.load(path, allow_pickle=False) as file:
        return dict(file)


class _Storage:
    """Flat array that tensors are views of. A legacy file stores the values after the tensors."""

    def __init__(self, dtype, values=None):
        self.dtype, self.values = dtype, values


# The variant in C takes 64 GB for a single number that is to be remembered as number 2**32.
class _Unpickler(pickle._Unpickler):
    """Unpickler of tensors, numbers, strings and containers; rejects all other names."""

    def __init__(self, file, storage):
        super().__init__(file, encoding="utf-8")
        self.storage = storage

    def persistent_load(self, saved):
        dtype, key = saved[1], saved[2]
        if dtype not in _TYPES.values():
            raise pickle.UnpicklingError("it has a storage of an unknown type")
        return self.storage(dtype, str(key))

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
            f"it requests {module}.{name}, which no state dict needs; it was not executed"
        )


class _View:
    """Tensor as a view of a storage, whose values may be read later."""

    def __init__(self, storage, offset, shape, strides, *_):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    @property
    def nbytes(self):
        return math.prod(self.shape) * self.storage.values.itemsize

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


def _arrays(contents, path):
    if not isinstance(contents, dict):
        return contents
    views = [view for view in contents.values() if isinstance(view, _View)]
    archives.check_needed(path, sum(view.nbytes for view in views))
    return {k: v.array() if isinstance(v, _View) else v for k, v in contents.items()}


def _read_zip(path):
    archives.check_zip(path)
    storages = {}
    with zipfile.ZipFile(path) as archive:
        pickles = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(pickles) != 1:
            raise pickle.UnpicklingError("it has no single data.pkl")
        folder = pickles[0].removesuffix("data.pkl")
        order = f"{folder}byteorder"
        if order in archive.namelist() and archive.read(order) != b"little":
            raise pickle.UnpicklingError("its numbers are big-endian")

        def storage(dtype, key):
            if key not in storages:
                values = np.frombuffer(archive.read(f"{folder}data/{key}"), dtype)
                storages[key] = _Storage(dtype, values)
            return storages[key]

        return _arrays(_Unpickler(io.BytesIO(archive.read(pickles[0])), storage).load(), path)


def _read_legacy(path):
    storages = {}

    def storage(dtype, key):
        return storages.setdefault(key, _Storage(dtype))

    with open(path, "rb") as opened:
        file = io.BytesIO(opened.read())  # reads of any length stop at its end
        magic, _, _, contents = (_Unpickler(file, storage).load() for _ in range(4))
        if magic != _LEGACY_MAGIC:
            raise pickle.UnpicklingError("it lacks the magic number of PyTorch files")
        for key in _Unpickler(file, storage).load():
            stored = storages[str(key)]
            count = int(np.frombuffer(file.read(8), "<i8")[0])
            data = file.read(max(0, count) * np.dtype(stored.dtype).itemsize)
            stored.values = np.frombuffer(data, stored.dtype)
    return _arrays(contents, path)
