"""Folders of pictures: search, parallel decoding, labels from sub-folders."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from keras_gan_zoo.data import shards
from keras_gan_zoo.data.messages import progress, warn
from keras_gan_zoo.data.pictures import Transparency, read_picture
from keras_gan_zoo.data.reading import ReadOptions, Source, different_sizes, select
from keras_gan_zoo.utils import machine

# Returns the picture of a file as uint8 `(..., h, w, c)`, or raises.
Reader = Callable[[Path, Transparency], np.ndarray]

EXTENSIONS = (
    ".bmp",
    ".gif",
    ".jpeg",
    ".jpg",
    ".pgm",
    ".png",
    ".ppm",
    ".tif",
    ".tiff",
    ".webp",
)


class _OtherSizeError(Exception):
    """A picture of another size than the first one, without an `image_size`."""


def read_folder(
    folder: Path, options: ReadOptions, name: str = "source", cache: Path | None = None
) -> Source:
    """Read the pictures under `folder`, in the order of their paths.

    Args:
        folder: An existing folder; hidden files and folders in it are ignored.
        options: See `ReadOptions`. `channels=None` means 3.
        name: Name of the argument with the folder, for the messages.
        cache: Folder of prepared images, for reading them batch by batch. `None` for memory.

    Returns:
        A `Source` with uint8 images (`Shards` with `cache`), and with labels where two or more
        sub-folders hold all pictures.

    Raises:
        ValueError: If no picture can be read, or sizes differ without `options.size`.
    """
    files = find_pictures(folder, name)
    names, labels = _folder_labels(folder, files)
    chosen = select(len(files), options.samples, name)
    chosen_files = [files[i] for i in chosen]
    settings = (options.size, options.channels or 3, options.aspect)

    def read(path: Path, transparency: Transparency) -> np.ndarray:
        return read_picture(path, *settings, transparency)

    if cache is None:
        images, skipped = decode(chosen_files, folder, name, read)
    else:
        images, skipped = _decode_to_cache(chosen_files, folder, name, read, cache, settings)
    warn_of_skipped(skipped, chosen_files, folder)
    if skipped:
        kept = np.array([i for i in range(len(chosen)) if i not in skipped])
        images = images[kept] if cache is None else images.take(kept)
        chosen = chosen[kept]
    return Source(images, None if labels is None else labels[chosen], names)


def find_pictures(folder: Path, name: str) -> list[Path]:
    """Return the picture files at any depth, sorted, without hidden ones.

    Args:
        folder: An existing folder.
        name: Name of the argument with the folder, for the messages.

    Raises:
        ValueError: If there are none.
    """
    files = []
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = [sub for sub in subfolders if not sub.startswith(".")]
        for file in names:
            if file.lower().endswith(EXTENSIONS) and not file.startswith("."):
                files.append(Path(parent, file))
    if not files:
        raise ValueError(
            f"No images in the folder. Received: {name}={str(folder)!r}. It must hold files that "
            f"end in {', '.join(EXTENSIONS)}, at any depth."
        )
    return sorted(files)


def _folder_labels(folder: Path, files: list[Path]) -> tuple[tuple[str, ...] | None, np.ndarray | None]:
    """Return class names and labels from the first folder level, or `None` and `None`."""
    parts = [path.relative_to(folder).parts for path in files]
    names = sorted({part[0] for part in parts if len(part) > 1})
    if len(names) < 2 or any(len(part) == 1 for part in parts):
        return None, None
    return tuple(names), np.array([names.index(part[0]) for part in parts], "int32")


def decode(
    files: list[Path], folder: Path, name: str, read: Reader
) -> tuple[np.ndarray, dict[int, str]]:
    """Read files in parallel.

    Args:
        files: At least one file in `folder`.
        folder: Folder of the files, for the messages.
        name: Name of the argument with the folder, for the messages.
        read: See `Reader`.

    Returns:
        `(images, skipped)`: uint8 `(n, ..., h, w, c)` with a row for each file, and the reasons of
        unreadable files by their row, which is undefined in `images`.

    Raises:
        ValueError: If no file can be read, sizes differ, or the images do not fit into memory.
    """
    shape = _first_shape(files, folder, name, read)
    needed = len(files) * math.prod(shape) / machine.GIGABYTE
    if needed > machine.memory():
        raise ValueError(
            f"{len(files):,} images of {shape} take {needed:.3g} GB, more than the "
            f"{machine.memory():.3g} GB of memory in this machine. Received: {name}={str(folder)!r}. "
            "Pass a smaller image_size or `samples`, or, to `load`, a folder as `cache`."
        )
    images, transparency = np.empty((len(files), *shape), "uint8"), Transparency()
    skipped = _fill(images, files, read, transparency)
    transparency.warn(len(files))
    return images, skipped


def _decode_to_cache(
    files: list[Path], folder: Path, name: str, read: Reader, cache: Path, settings: tuple
) -> tuple[shards.Shards, dict[int, str]]:
    """Read files like `decode`, but into shards, and only those that are not prepared yet."""
    shape = _first_shape(files, folder, name, read)
    stats = [(path, path.stat()) for path in files]
    key = [settings, [(str(path.relative_to(folder)), s.st_size, s.st_mtime_ns) for path, s in stats]]
    transparency = Transparency()

    def fill(start: int, images: np.ndarray) -> dict[int, str]:
        part = files[start : start + len(images)]
        skipped = _fill(images, part, read, transparency, delay=60.0)
        return {start + row: reason for row, reason in skipped.items()}

    images, skipped = shards.prepare(cache, key, len(files), shape, fill)
    transparency.warn(len(files))
    return images, skipped


def warn_of_skipped(skipped: dict[int, str], files: list[Path], folder: Path, also: str = "") -> None:
    """Warn about unreadable files, if any.

    Args:
        skipped: Reasons by index in `files`.
        files: All files.
        folder: Their folder.
        also: Consequence, appended to the first clause.
    """
    if skipped:
        first = [f"{files[i].relative_to(folder)} ({skipped[i]})" for i in sorted(skipped)[:5]]
        warn(
            f"Skipped {len(skipped)} of {len(files)} image files that cannot be read{also}: "
            + ", ".join(first)
            + (", ..." if len(skipped) > 5 else "")
        )


def _first_shape(files: list[Path], folder: Path, name: str, read: Reader) -> tuple[int, ...]:
    """Return the shape of the first readable picture."""
    first_reason = ""
    for path in files:
        picture, reason = _try_to_read(path, read, Transparency())
        if picture is not None:
            return picture.shape
        first_reason = first_reason or reason
    raise ValueError(
        f"None of the {len(files)} image files in the folder can be read. Received: "
        f"{name}={str(folder)!r}. Check {files[0].name!r} ({first_reason}); accepted are intact "
        f"files that end in {', '.join(EXTENSIONS)}."
    )


def _try_to_read(path: Path, read: Reader, transparency: Transparency) -> tuple[np.ndarray | None, str]:
    """Return the picture of a file, or `None` and the reason of the failure."""
    try:
        return read(path, transparency), ""
    except Exception as error:
        # Pillow's decoders raise errors of any type on broken files.
        return None, f"{type(error).__name__}: {str(error)[:80]}"


def _fill(
    images: np.ndarray,
    files: list[Path],
    read: Reader,
    transparency: Transparency,
    delay: float = 2.0,
) -> dict[int, str]:
    """Decode `files` into `images`, with a progress bar after `delay` seconds.

    Returns:
        Reasons of unreadable files, by row.
    """
    skipped: dict[int, str] = {}

    def work(position: int) -> None:
        picture, reason = _try_to_read(files[position], read, transparency)
        if picture is None:
            skipped[position] = reason
            return
        if picture.shape != images.shape[1:]:
            raise _OtherSizeError(files[position], picture.shape[-3:-1])
        images[position] = picture

    pool = ThreadPoolExecutor(min(16, os.cpu_count() or 1))
    try:
        jobs = [pool.submit(work, position) for position in range(len(files))]
        for job in progress(as_completed(jobs), len(jobs), "Reading images", delay):
            job.result()
    except _OtherSizeError as error:
        path, size = error.args
        raise different_sizes(images.shape[-3:-1], size, path.name) from None
    finally:
        pool.shutdown(cancel_futures=True)
    return skipped
