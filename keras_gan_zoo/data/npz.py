"""`.npz` files: selection of the image and label arrays."""

from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from keras_gan_zoo.data.reading import Source
from keras_gan_zoo.utils import machine
from keras_gan_zoo.utils.files import printable


def read_npz(path: Path, split: str, name: str = "source") -> Source:
    """Read `x_{split}` and `y_{split}`, or the only image array of the file.

    Args:
        path: An existing `.npz`. Image arrays are uint8 or float of shape `(n, h, w)` or
            `(n, h, w, c)`; labels are integers `(n,)` or `(n, 1)` in 0..num_classes-1.
        split: Name of the split. A file without splits counts as "train".
        name: Name of the argument with the path, for the messages.

    Raises:
        ValueError: If the file is broken, or the image array is ambiguous.
    """
    images, labels = f"x_{split}", f"y_{split}"
    arrays = _load(path, name, lambda keys: {images, labels} if images in keys else keys)
    if images in arrays:
        return _source(arrays[images], labels, arrays.get(labels))
    return _only_images(arrays, path, split, name)


def read_npz_pair(path: Path, keys: tuple[str, str], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Read two arrays of an existing `.npz`.

    Args:
        path: An existing `.npz`.
        keys: Names of the arrays.
        name: Name of the argument with the path, for the messages.

    Raises:
        ValueError: If the file is broken, or lacks one of the arrays.
    """
    arrays = _load(path, name, lambda present: keys if set(keys) <= set(present) else present)
    if not set(keys) <= set(arrays):
        raise ValueError(
            f"Argument `{name}` must be a file with the arrays {keys[0]!r} and {keys[1]!r} for this "
            f"`split`. Received: {name}={str(path)!r}, with the keys {_describe(arrays)}. Pass another "
            f"`split`, or the arrays themselves: np.load({path.name!r})[key]."
        )
    return arrays[keys[0]], arrays[keys[1]]


def _load(
    path: Path, name: str, choose: Callable[[list[str]], Collection[str]]
) -> dict[str, np.ndarray]:
    """Read the arrays of a file whose keys are in `choose(keys)`."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            chosen = choose(archive.files)
            _check_memory(archive, chosen, path)
            arrays = {key: archive[key] for key in archive.files if key in chosen}
            if not all(isinstance(array, np.ndarray) for array in arrays.values()):
                raise ValueError("it holds files that are no arrays")
            return arrays
    except Exception as error:
        # NumPy's parser and the decompression raise errors of any type on damaged files.
        raise ValueError(
            f"Argument `{name}` must be an intact .npz file of plain arrays. Received: "
            f"{name}={str(path)!r} ({type(error).__name__}: {printable(error)[:200]}). Write it again "
            "with np.savez_compressed(path, x_train=images)."
        ) from error


def _check_memory(archive: np.lib.npyio.NpzFile, chosen: Collection[str], path: Path) -> None:
    """Raise MemoryError if arrays take more memory than this machine has."""
    sizes = {member.filename: member.file_size for member in archive.zip.infolist()}
    needed = sum(sizes.get(f"{key}.npy", 0) for key in chosen) / machine.GIGABYTE
    if needed > machine.memory():
        raise MemoryError(f"it takes {needed:.3g} GB of the {machine.memory():.3g} GB in this machine")


def _source(images: np.ndarray, key: str, labels: np.ndarray | None) -> Source:
    """Combine images with their labels, unless these cannot be class labels."""
    if labels is None or not _has_label_type(labels, len(images)):
        return Source(images)
    if labels.min() < 0:
        return Source(images, label_error=f"{key!r} has values from {labels.min()} to {labels.max()}")
    return Source(images, labels.reshape(-1), None, int(labels.max()) + 1)


def _only_images(arrays: dict[str, np.ndarray], path: Path, split: str, name: str) -> Source:
    """Return the only image array of a file without splits, with its labels if unambiguous."""
    images = [key for key, array in arrays.items() if _is_images(array)]
    has_splits = any(key.startswith("x_") for key in images)
    if len(images) != 1 or has_splits or split != "train":
        raise ValueError(
            f"Argument `{name}` must be a file with an array 'x_{split}', or, for "
            'split="train", with exactly one array of images. Received: '
            f"{name}={str(path)!r}, split={split!r}, with the keys {_describe(arrays)}. Pass "
            f"another `split`, or the array itself: load(np.load({path.name!r})[key])."
        )
    chosen = arrays[images[0]]
    integers = [key for key, array in arrays.items() if _has_label_type(array, len(chosen))]
    labels = [key for key in integers if arrays[key].min() >= 0] or integers
    return _source(chosen, labels[0], arrays[labels[0]]) if len(labels) == 1 else Source(chosen)


def _describe(arrays: dict[str, np.ndarray]) -> str:
    return ", ".join(f"{key} {array.shape}" for key, array in arrays.items()) or "(none)"


def _has_label_type(array: np.ndarray, count: int) -> bool:
    return count > 0 and array.dtype.kind in "iu" and array.shape in ((count,), (count, 1))


def _is_images(array: np.ndarray) -> bool:
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        return False
    return array.ndim == 3 or (array.ndim == 4 and array.shape[-1] in (1, 3))
