"""Folders of pictures: search, parallel decoding, labels from sub-folders."""

import collections
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
from keras_gan_zoo.utils.files import printable

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

    Links are followed, also out of the folder; a folder with several names is read once. A warning
    lists folders that cannot be read. Pipes and other special files are for the reader to refuse.

    Args:
        folder: An existing folder.
        name: Name of the argument with the folder, for the messages.

    Raises:
        ValueError: If there are none.
    """
    files, unread = _walk(folder)
    if unread:
        warn(
            f"Left out {len(unread)} folder(s) below {str(folder)!r}: "
            + ", ".join(f"{_shown(path, folder)} ({reason})" for path, reason in unread[:5])
            + (", ..." if len(unread) > 5 else "")
        )
    if not files:
        raise ValueError(
            f"No images in the folder. Received: {name}={str(folder)!r}. It must hold files that "
            f"end in {', '.join(EXTENSIONS)}, at any depth."
        )
    return [Path(file) for file in sorted(files, key=lambda file: file.split(os.sep))]


def _walk(folder: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the picture files, and the folders that cannot be read with the reasons."""
    files, unread = [], []
    read, pending = set(), collections.deque([os.fspath(folder)])
    while pending:
        parent = pending.popleft()
        try:
            status = os.stat(parent)
            if (status.st_dev, status.st_ino) in read:
                unread.append((parent, "a link to a folder that is read anyway"))
                continue
            read.add((status.st_dev, status.st_ino))
            with os.scandir(parent) as entries:
                visible = sorted((e for e in entries if not e.name.startswith(".")), key=_name)
        except OSError as error:
            unread.append((parent, error.strerror))
            continue
        for entry in visible:
            if os.path.isdir(entry.path) if entry.is_symlink() else entry.is_dir():
                # Links come last: a folder that is read twice is read under its own name.
                (pending.append if entry.is_symlink() else pending.appendleft)(entry.path)
            elif entry.name.lower().endswith(EXTENSIONS):
                files.append(entry.path)
    return files, unread


def _name(entry: os.DirEntry) -> str:
    return entry.name


def _shown(path: str | Path, folder: Path) -> str:
    """Return the name of a path below `folder`, of which a long one is cut."""
    name = os.path.relpath(path, folder)
    return name if len(name) <= 100 else f"{name[:50]}...{name[-40:]}"


def _folder_labels(folder: Path, files: list[Path]) -> tuple[tuple[str, ...] | None, np.ndarray | None]:
    """Return class names and labels from the first folder level, or `None` and `None`."""
    parts = [path.relative_to(folder).parts for path in files]
    names = sorted({part[0] for part in parts if len(part) > 1})
    if len(names) < 2 or any(len(part) == 1 for part in parts):
        return None, None
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[part[0]] for part in parts], "int32")


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
    key = [settings, [(str(path.relative_to(folder)), *_version(path)) for path in files]]
    transparency = Transparency()

    def fill(start: int, images: np.ndarray) -> dict[int, str]:
        part = files[start : start + len(images)]
        skipped = _fill(images, part, read, transparency, delay=60.0)
        return {start + row: reason for row, reason in skipped.items()}

    images, skipped = shards.prepare(cache, key, len(files), shape, fill)
    transparency.warn(len(files))
    return images, skipped


def _version(path: Path) -> tuple[int, int]:
    """Return the size and the time of change of a file, zeros for a broken link."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def warn_of_skipped(skipped: dict[int, str], files: list[Path], folder: Path, also: str = "") -> None:
    """Warn about unreadable files, if any.

    Args:
        skipped: Reasons by index in `files`.
        files: All files.
        folder: Their folder.
        also: Consequence, appended to the first clause.
    """
    if skipped:
        first = [f"{_shown(files[i], folder)} ({skipped[i]})" for i in sorted(skipped)[:5]]
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
        f"{name}={str(folder)!r}. Check {files[0].name!r} ({printable(first_reason)}); accepted are "
        f"intact files that end in {', '.join(EXTENSIONS)}."
    )


def _try_to_read(path: Path, read: Reader, transparency: Transparency) -> tuple[np.ndarray | None, str]:
    """Return the picture of a file, or `None` and the reason of the failure."""
    try:
        return read(path, transparency), ""
    except Exception as error:
        # Pillow's decoders raise errors of any type on broken files.
        reason = (getattr(error, "strerror", None) or str(error))[:100]  # without the path
        return None, reason if type(error) is ValueError else f"{type(error).__name__}: {reason}"


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
