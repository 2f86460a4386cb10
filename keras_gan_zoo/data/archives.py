"""`.npz` files: which of their arrays are the images, and which the labels."""

import zipfile
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np

from keras_gan_zoo.data.pictures import Source


def read_npz(path: Path, split: str, name: str = "source") -> Source:
    """Reads `x_{split}` and `y_{split}`, or the only image array of the file.

    Args:
        path: An existing `.npz`. Image arrays are uint8 or float of shape `(n, h, w)` or
            `(n, h, w, c)`; labels are integers `(n,)` or `(n, 1)` from 0 on.
        split: Name of the split. A file without splits counts as "train".
        name: What the argument is called that `path` came in, for the messages.

    Raises:
        ValueError: If the file is broken, or does not say which array is wanted.
    """
    images, labels = f"x_{split}", f"y_{split}"
    arrays = _load(path, name, lambda keys: {images, labels} if images in keys else keys)
    if images in arrays:
        return _source(arrays[images], arrays.get(labels))
    return _only_images(arrays, path, split, name)


def read_npz_pair(path: Path, keys: tuple[str, str], name: str) -> tuple[np.ndarray, np.ndarray]:
    """Reads two arrays of an existing `.npz`.

    Args:
        path: An existing `.npz`.
        keys: What the arrays are called in it.
        name: What the argument is called that `path` came in, for the messages.

    Raises:
        ValueError: If the file is broken, or lacks one of the arrays.
    """
    arrays = _load(path, name, lambda known: keys if set(keys) <= set(known) else known)
    if not set(keys) <= set(arrays):
        raise ValueError(
            f"Argument `{name}` must be a file with the arrays {keys[0]!r} and {keys[1]!r}, as `split` "
            f"says. Received: {name}={str(path)!r}, with the keys {_listing(arrays)}. Pass another "
            f"`split`, or the arrays themselves: np.load({path.name!r})[key]."
        )
    return arrays[keys[0]], arrays[keys[1]]


def _load(path: Path, name: str, pick: Callable[[list[str]], Collection[str]]) -> dict[str, np.ndarray]:
    """Reads the arrays of a file whose keys are in `pick(keys)`."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            wanted = pick(archive.files)
            return {key: archive[key] for key in archive.files if key in wanted}
    except (ValueError, TypeError, AttributeError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(
            f"Argument `{name}` must be an intact .npz file of plain arrays. Received: "
            f"{name}={str(path)!r} ({type(error).__name__}: {error}). Write it anew with "
            "np.savez_compressed(path, x_train=images)."
        ) from error


def _source(images: np.ndarray, labels: np.ndarray | None) -> Source:
    """Pairs images with their labels; what cannot be class labels is left out."""
    if labels is None or not _is_labels(labels, len(images)):
        return Source(images)
    return Source(images, labels.reshape(-1), None, int(labels.max()) + 1)


def _only_images(arrays: dict[str, np.ndarray], path: Path, split: str, name: str) -> Source:
    """Picks the one image array of a file that names no splits, with labels where plain."""
    images = [key for key, array in arrays.items() if _is_images(array)]
    splits = any(key.startswith("x_") for key in images)
    if len(images) != 1 or splits or split != "train":
        raise ValueError(
            f"Argument `{name}` must be a file with an array 'x_{split}', or, for "
            'split="train", with exactly one array of images. Received: '
            f"{name}={str(path)!r}, split={split!r}, with the keys {_listing(arrays)}. Pass "
            f"another `split`, or the array itself: load(np.load({path.name!r})[key])."
        )
    chosen = arrays[images[0]]
    labels = [array for array in arrays.values() if _is_labels(array, len(chosen))]
    return _source(chosen, labels[0] if len(labels) == 1 else None)


def _listing(arrays: dict[str, np.ndarray]) -> str:
    return ", ".join(f"{key} {array.shape}" for key, array in arrays.items()) or "(none)"


def _is_labels(array: np.ndarray, count: int) -> bool:
    if array.dtype.kind not in "iu" or array.shape not in ((count,), (count, 1)):
        return False
    return count > 0 and array.min() >= 0


def _is_images(array: np.ndarray) -> bool:
    if array.dtype != np.uint8 and array.dtype.kind != "f":
        return False
    return array.ndim == 3 or (array.ndim == 4 and array.shape[-1] in (1, 3))
