"""Prepared images in `.npy` files of 64 MB each, read row by row and compared with their checksums."""

import contextlib
import hashlib
import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan_zoo.data.messages import progress, warn
from keras_gan_zoo.utils import files
from keras_gan_zoo.utils.machine import GIGABYTE

_SHARD_BYTES = 2**26
_VERSION = 2

# Fills the uint8 array `(n, *shape)` of a shard whose first row has this index, and returns the reasons
# of rows without an image, by their index over all shards.
Fill = Callable[[int, np.ndarray], dict[int, str]]


class Shards:
    """Images in `.npy` files, indexed like an array.

    `images[rows]` reads these rows only and returns an array; `np.asarray(images)` reads all rows.

    Args:
        paths: Files of records `(rows_per_shard,)`, see `_record`; the last one may have fewer rows.
        rows_per_shard: Rows of each file.
        shape: Shape of one image.
        rows: int `(n,)`, rows of the images, counted over all files.

    Raises:
        OSError: On reading, if a file is missing or damaged; the message names it.
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
            records = _open(self.paths[shard], self.shape[1:])[offsets[chosen]]
            if any(_checksum(record["image"]) != record["checksum"] for record in records):
                raise _damaged(self.paths[shard], "an image differs from its checksum")
            images[chosen] = records["image"]
        return images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return self[:].astype(dtype or self.dtype, copy=False)

    def take(self, rows: np.ndarray) -> "Shards":
        """Return a subset of the images, without reading it."""
        return Shards(self.paths, self.rows_per_shard, self.shape[1:], self.rows[rows])


def _record(shape: tuple[int, ...]) -> np.dtype:
    """Return the type of one row: an image and its CRC-32, which finds every error of up to 32 bits."""
    return np.dtype([("image", "u1", shape), ("checksum", "<u4")])


_checksum = zlib.crc32


def _open(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return the records of a file, mapped: keep them only briefly, as there may be thousands of files.

    Raises:
        OSError: If the file is missing, cut off, or of another type.
    """
    try:
        records = np.load(path, mmap_mode="r")
    except Exception as error:
        # The parser of NumPy's headers raises errors of any type.
        raise _damaged(path, getattr(error, "strerror", None) or str(error)) from error
    if records.dtype != _record(shape):
        raise _damaged(path, "it has no images of this size")
    return records


def _damaged(path: Path, reason: str) -> OSError:
    return OSError(
        f"The file of prepared images {str(path)!r} is damaged ({reason}). Delete it: the next run "
        "prepares these images again."
    )


def prepare(
    cache: Path, key: Any, count: int, shape: tuple[int, ...], fill: Fill
) -> tuple[Shards, dict[int, str]]:
    """Write the files that are missing or damaged, each of them completely or not at all.

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
        OSError: If a file cannot be written.
    """
    size = int(np.prod(shape))
    rows_per_shard = max(1, _SHARD_BYTES // size)
    cache = files.writable_folder(cache, "cache")
    digest = hashlib.sha256(json.dumps([_VERSION, rows_per_shard, key]).encode()).hexdigest()
    folder = cache / f"{'x'.join(map(str, shape))}-{digest[:12]}"
    folder.mkdir(exist_ok=True)
    starts = range(0, count, rows_per_shard)
    paths = [folder / f"{shard:05d}.npy" for shard in range(len(starts))]
    lengths = [min(rows_per_shard, count - start) for start in starts]
    missing = [shard for shard, path in enumerate(paths) if not _intact(path, lengths[shard], shape)]
    _check_space(cache, size * sum(lengths[shard] for shard in missing))
    for shard in progress(missing, len(missing), "Preparing images", unit="file"):
        records = np.zeros(lengths[shard], _record(shape))
        skipped = fill(starts[shard], records["image"])
        for record in records:
            record["checksum"] = _checksum(record["image"])
        _write(paths[shard], records, skipped)
    skipped = {}
    for path in paths:
        skipped |= _skipped(path)
    return Shards(paths, rows_per_shard, shape, np.arange(count)), skipped


def _intact(path: Path, length: int, shape: tuple[int, ...]) -> bool:
    """Return whether a file has all of its rows, with a warning if it exists and has not."""
    if not path.exists():
        return False
    try:
        _skipped(path)
        if len(_open(path, shape)) == length:
            return True
        raise _damaged(path, "it has another number of images")
    except OSError as error:
        warn(str(error).replace("Delete it: the next run prepares", "Now preparing"))
        return False


def _write(path: Path, records: np.ndarray, skipped: dict[int, str]) -> None:
    """Write a file, after the JSON file of its rows without an image."""
    text = json.dumps(skipped)
    content = json.dumps({"skipped": skipped, "checksum": _checksum(text.encode())})
    with _explained(path.with_suffix(".json"), len(content)) as temporary:
        Path(temporary).write_text(content)
    with _explained(path, records.nbytes) as temporary:
        np.save(temporary, records)
        written = os.path.getsize(temporary)
        if written < records.nbytes:  # NumPy ignores an error of the last block
            raise OSError(f"{written:,} bytes are written")


@contextlib.contextmanager
def _explained(path: Path, needed: int) -> Iterator[str]:
    """Like `files.replacing`, with an error that says how much room the file needs."""
    try:
        with files.replacing(path) as temporary:
            yield temporary
    except OSError as error:
        raise OSError(
            f"The file {str(path)!r} of `cache` cannot be written ({error.strerror or error}): it "
            f"takes {needed:,} bytes, with {shutil.disk_usage(path.parent).free:,} bytes free. Free "
            "some room, or pass a folder on another disk; the files that are complete stay."
        ) from error


def _skipped(path: Path) -> dict[int, str]:
    """Return the reasons of the rows without an image of a file.

    Raises:
        OSError: If their JSON file is missing or damaged.
    """
    try:
        content = json.loads(path.with_suffix(".json").read_text())
        if _checksum(json.dumps(content["skipped"]).encode()) != content["checksum"]:
            raise ValueError("its .json file differs from its checksum")
        return {int(row): reason for row, reason in content["skipped"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path, getattr(error, "strerror", None) or str(error)) from error


def _check_space(cache: Path, needed: int) -> None:
    """Raise ValueError if fewer than `needed` bytes are free on the disk of `cache`."""
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise ValueError(
            "Argument `cache` must be a folder on a disk with room for the images. Received: "
            f"cache={str(cache)!r}, with {free / GIGABYTE:.2g} GB free, while they take "
            f"{needed / GIGABYTE:.2g} GB. Pass a folder on another disk, or a smaller image_size."
        )
