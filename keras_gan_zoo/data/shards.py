"""Images in files of some dozen megabytes each, prepared once and read row by row."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.data.progress import progress
from keras_gan_zoo.utils import files
from keras_gan_zoo.utils.machine import GIGABYTE

_SHARD_BYTES = 2**26
_VERSION = 1


class Shards:
    """Images in `.npy` files, for whoever would index an array of them.

    `images[rows]` reads these rows and no others, and returns an array; `np.asarray(images)` reads all.

    Args:
        paths: Of uint8 arrays `(per_shard, ...)`; the last one may have fewer rows.
        per_shard: Rows of each file.
        shape: Of one image.
        rows: int `(n,)`, which rows of all files are the images.
    """

    dtype = np.dtype("uint8")

    def __init__(self, paths: list[Path], per_shard: int, shape: tuple[int, ...], rows: np.ndarray):
        self.paths = paths
        self.per_shard = per_shard
        self.rows = rows
        self.shape = (len(rows), *shape)
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> np.ndarray:
        shards, places = np.divmod(self.rows[index], self.per_shard)
        images = np.empty((*shards.shape, *self.shape[1:]), self.dtype)
        for shard in np.unique(shards):
            chosen = shards == shard
            # Mapped for a moment only: a map keeps its file open, and there may be thousands.
            images[chosen] = np.load(self.paths[shard], mmap_mode="r")[places[chosen]]
        return images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)

    def take(self, rows: np.ndarray) -> "Shards":
        """Returns the images `rows` of these, unread."""
        return Shards(self.paths, self.per_shard, self.shape[1:], self.rows[rows])


def prepare(
    cache: Path,
    key: Any,
    count: int,
    shape: tuple[int, ...],
    fill: Callable[[int, np.ndarray], dict[int, str]],
) -> tuple[Shards, dict[int, str]]:
    """Writes the shards that are not there yet, each of them whole or not at all.

    Args:
        cache: Folder of all caches; this one has a sub-folder that `shape` and `key` name.
        key: All that the images depend on, as JSON takes it.
        count: How many there are.
        shape: Of one image.
        fill: Gets the first row of a shard and its uint8 array `(n, *shape)`, which it fills; returns
            which rows, counted over all shards, have no image, and why.

    Returns:
        The images, with a row for each, and what `fill` returned for all shards.

    Raises:
        ValueError: If the folder cannot be written to, or its disk is too full.
    """
    size = int(np.prod(shape))
    per_shard = max(1, _SHARD_BYTES // size)
    cache = files.writable_folder(cache, "cache")
    digest = hashlib.sha256(json.dumps([_VERSION, per_shard, key]).encode()).hexdigest()
    folder = cache / f"{'x'.join(map(str, shape))}-{digest[:12]}"
    folder.mkdir(exist_ok=True)
    starts = range(0, count, per_shard)
    paths = [folder / f"{shard:05d}.npy" for shard in range(len(starts))]
    missing = [shard for shard, path in enumerate(paths) if not path.exists()]
    _check_room(cache, size * sum(min(per_shard, count - starts[shard]) for shard in missing))
    for shard in progress(missing, len(missing), "Preparing images, files of them"):
        images = np.zeros((min(per_shard, count - starts[shard]), *shape), "uint8")
        skipped = fill(starts[shard], images)
        if skipped:
            with files.replacing(_note(paths[shard])) as temporary:
                Path(temporary).write_text(json.dumps(skipped))
        with files.replacing(paths[shard]) as temporary:
            np.save(temporary, images)
    skipped = {}
    for note in folder.glob("[0-9]*.json"):
        skipped |= {int(row): why for row, why in json.loads(note.read_text()).items()}
    return Shards(paths, per_shard, shape, np.arange(count)), skipped


def _note(path: Path) -> Path:
    """Where it is written which rows of a shard have no image. It is there before the shard is."""
    return path.with_suffix(".json")


def _check_room(cache: Path, needed: int) -> None:
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise ValueError(
            "Argument `cache` must be a folder on a disk with room for the images. Received: "
            f"cache={str(cache)!r}, with {free / GIGABYTE:.2g} GB free, while they take "
            f"{needed / GIGABYTE:.2g} GB. Pass a folder on another disk, or a smaller image_size."
        )
