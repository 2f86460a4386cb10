"""Prepared images in `.npy` files of 64 MB each, read row by row."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.data.messages import progress
from keras_gan_zoo.utils import files
from keras_gan_zoo.utils.machine import GIGABYTE

_SHARD_BYTES = 2**26
_VERSION = 1

# Fills the uint8 array `(n, *shape)` of a shard whose first row has this index, and returns the reasons
# of rows without an image, by their index over all shards.
Fill = Callable[[int, np.ndarray], dict[int, str]]


class Shards:
    """Images in `.npy` files, indexed like an array.

    `images[rows]` reads these rows only and returns an array; `np.asarray(images)` reads all rows.

    Args:
        paths: Files of uint8 arrays `(rows_per_shard, ...)`; the last one may have fewer rows.
        rows_per_shard: Rows of each file.
        shape: Shape of one image.
        rows: int `(n,)`, rows of the images, counted over all files.
    """

    dtype = np.dtype("uint8")

    def __init__(
        self, paths: list[Path], rows_per_shard: int, shape: tuple[int, ...], rows: np.ndarray
    ):
        self.paths = paths
        self.rows_per_shard = rows_per_shard
        self.rows = rows
        self.shape = (len(rows), *shape)
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> np.ndarray:
        shards, offsets = np.divmod(self.rows[index], self.rows_per_shard)
        images = np.empty((*shards.shape, *self.shape[1:]), self.dtype)
        for shard in np.unique(shards):
            chosen = shards == shard
            # Mapped only briefly: a memory map keeps its file open, and there may be thousands.
            images[chosen] = np.load(self.paths[shard], mmap_mode="r")[offsets[chosen]]
        return images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)

    def take(self, rows: np.ndarray) -> "Shards":
        """Return a subset of the images, without reading it."""
        return Shards(self.paths, self.rows_per_shard, self.shape[1:], self.rows[rows])


def prepare(
    cache: Path, key: Any, count: int, shape: tuple[int, ...], fill: Fill
) -> tuple[Shards, dict[int, str]]:
    """Write the missing shards, each of them completely or not at all.

    Args:
        cache: Folder of all caches. This one gets a sub-folder named by `shape` and `key`.
        key: Everything that the images depend on, JSON-serializable.
        count: Number of images.
        shape: Shape of one image.
        fill: Function that reads the images of one shard, see `Fill`.

    Returns:
        The images, with a row for each, and the results of `fill` for all shards.

    Raises:
        ValueError: If the folder cannot be written to, or its disk is too full.
    """
    size = int(np.prod(shape))
    rows_per_shard = max(1, _SHARD_BYTES // size)
    cache = files.writable_folder(cache, "cache")
    digest = hashlib.sha256(json.dumps([_VERSION, rows_per_shard, key]).encode()).hexdigest()
    folder = cache / f"{'x'.join(map(str, shape))}-{digest[:12]}"
    folder.mkdir(exist_ok=True)
    starts = range(0, count, rows_per_shard)
    paths = [folder / f"{shard:05d}.npy" for shard in range(len(starts))]
    missing = [shard for shard, path in enumerate(paths) if not path.exists()]
    _check_space(cache, size * sum(min(rows_per_shard, count - starts[shard]) for shard in missing))
    for shard in progress(missing, len(missing), "Preparing images", unit="file"):
        images = np.zeros((min(rows_per_shard, count - starts[shard]), *shape), "uint8")
        _write(paths[shard], images, fill(starts[shard], images))
    skipped = {}
    for path in folder.glob("[0-9]*.json"):
        skipped |= {int(row): reason for row, reason in json.loads(path.read_text()).items()}
    return Shards(paths, rows_per_shard, shape, np.arange(count)), skipped


def _write(path: Path, images: np.ndarray, skipped: dict[int, str]) -> None:
    """Write a shard, after the JSON file of its rows without an image."""
    if skipped:
        with files.replacing(path.with_suffix(".json")) as temporary:
            Path(temporary).write_text(json.dumps(skipped))
    with files.replacing(path) as temporary:
        np.save(temporary, images)


def _check_space(cache: Path, needed: int) -> None:
    """Raise ValueError if fewer than `needed` bytes are free on the disk of `cache`."""
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise ValueError(
            "Argument `cache` must be a folder on a disk with room for the images. Received: "
            f"cache={str(cache)!r}, with {free / GIGABYTE:.2g} GB free, while they take "
            f"{needed / GIGABYTE:.2g} GB. Pass a folder on another disk, or a smaller image_size."
        )
