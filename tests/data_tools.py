"""Picture files and numbered images, for the tests of the loaders."""

import numpy as np
from PIL import Image


def save(path, value=100, size=(8, 8), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, value if mode == "L" else (value,) * 3).save(path)


def folders(tmp_path, names, size=(8, 8)):
    """Two folders: input k is of the value k + 1, its target 100 more."""
    for k, name in enumerate(names):
        save(tmp_path / "in" / name, k + 1, size)
        save(tmp_path / "out" / name, k + 101, size)
    return tmp_path / "in", tmp_path / "out"


def numbered(count, first=0, channels=1):
    """Images of which number i is filled with the value first + i."""
    values = np.arange(first, first + count, dtype="uint8")[:, None, None, None]
    return np.broadcast_to(values, (count, 6, 8, channels)).copy()


def noise(count, seed=0, shape=(16, 16, 3)):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype="uint8")


def values(images):
    """The values 0..255 of the first pixels."""
    if images.dtype != np.uint8:
        images = np.rint((images + 1) * 127.5).astype(int)
    return images[:, 0, 0, 0].tolist()


def batches(dataset):
    return [tuple(values(half) for half in batch) for batch in dataset]


def joined(dataset, half):
    return [value for batch in batches(dataset) for value in batch[half]]


def grey(count, side=8, seed=0):
    """Grey images of noise."""
    return np.random.default_rng(seed).integers(0, 256, (count, side, side), dtype="uint8")
