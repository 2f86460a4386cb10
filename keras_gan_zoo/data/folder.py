"""Folders of pictures: found, decoded in parallel, labelled by their sub-folders."""

import math
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from keras_gan_zoo.data import arguments, shards
from keras_gan_zoo.data.pictures import Source, read_picture
from keras_gan_zoo.data.progress import progress, warn
from keras_gan_zoo.utils import machine

Reader = Callable[[Path], np.ndarray]

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
    """A picture of another size than the first one, where none was asked for."""


def read_folder(
    folder: Path,
    size: tuple[int, int] | None,
    channels: int | None,
    samples: int | None,
    name: str = "source",
    aspect: str = "stretch",
    cache: Path | None = None,
) -> Source:
    """Reads the pictures under `folder`, in the order of their paths.

    Args:
        folder: An existing folder; hidden files and folders in it are ignored.
        size: (height, width), or None when all pictures have one size.
        channels: 1 or 3; None means 3.
        samples: At most this many files, evenly spaced; None means all.
        name: What the argument is called that `folder` came in, for the messages.
        aspect: How pictures of another shape become `size`, one of `arguments.ASPECTS`.
        cache: A folder for prepared images, which are then read from there; None: into memory.

    Returns:
        A `Source` with uint8 images, `Shards` of them with `cache`; labels where two or more
        sub-folders hold all pictures.

    Raises:
        ValueError: If no picture can be read, or sizes differ and `size` is None.
    """
    files = find(folder, name)
    names, labels = _label(folder, files)
    chosen = arguments.spread(len(files), samples)
    chosen_files = [files[i] for i in chosen]

    def read(path: Path) -> np.ndarray:
        return read_picture(path, size, channels or 3, aspect)

    if cache is None:
        images, skipped = decode(chosen_files, folder, name, read)
    else:
        settings = (size, channels or 3, aspect)
        images, skipped = _prepared(chosen_files, folder, name, read, cache, settings)
    report(skipped, chosen_files, folder)
    kept = np.array([i for i in range(len(chosen)) if i not in skipped])
    if skipped:
        images = images[kept] if cache is None else images.take(kept)
    labels = None if labels is None else labels[chosen][kept]
    return Source(images, labels, names)


def find(folder: Path, name: str) -> list[Path]:
    """Returns the picture files at any depth, sorted, one at least; hidden names are left out."""
    found = []
    for place, subfolders, names in os.walk(folder):
        subfolders[:] = [sub for sub in subfolders if not sub.startswith(".")]
        for file in names:
            if file.lower().endswith(EXTENSIONS) and not file.startswith("."):
                found.append(Path(place, file))
    if not found:
        raise ValueError(
            f"No images in the folder. Received: {name}={str(folder)!r}. It must hold files that "
            f"end in {', '.join(EXTENSIONS)}, at any depth."
        )
    return sorted(found)


def _label(folder: Path, files: list[Path]) -> tuple[tuple[str, ...] | None, np.ndarray | None]:
    """Returns class names and labels from the first folder level, or None and None."""
    parts = [path.relative_to(folder).parts for path in files]
    names = sorted({part[0] for part in parts if len(part) > 1})
    if len(names) < 2 or any(len(part) == 1 for part in parts):
        return None, None
    return tuple(names), np.array([names.index(part[0]) for part in parts], "int32")


def decode(
    files: list[Path], folder: Path, name: str, read: Reader
) -> tuple[np.ndarray, dict[int, str]]:
    """Reads files in parallel.

    Args:
        files: Files in `folder`, one at least.
        folder: Where they are, for the messages.
        name: What the argument is called that `folder` came in, for the messages.
        read: Returns the picture of a path as uint8 `(..., h, w, c)`, or raises.

    Returns:
        `(images, skipped)`: uint8 `(n, ..., h, w, c)` with a row for each file, and why the files could
        not be read whose rows have no meaning.

    Raises:
        ValueError: If no file can be read, sizes differ, or all together do not fit into memory.
    """
    shape = _first_shape(files, folder, name, read)
    needed = len(files) * math.prod(shape) / machine.GIGABYTE
    if needed > machine.memory():
        raise ValueError(
            f"{len(files):,} images of {shape} take {needed:.3g} GB, more than the "
            f"{machine.memory():.3g} GB of memory in this machine. Received: {name}={str(folder)!r}. "
            "Pass a smaller image_size or `samples`, or, to `load`, a folder as `cache`."
        )
    images = np.empty((len(files), *shape), "uint8")
    return images, _fill(images, files, read)


def _prepared(
    files: list[Path], folder: Path, name: str, read: Reader, cache: Path, settings: tuple
) -> tuple[shards.Shards, dict[int, str]]:
    """As `decode`, but the images are in files, and are decoded once for all runs."""
    shape = _first_shape(files, folder, name, read)
    stamps = [(path, path.stat()) for path in files]
    key = [settings, [(str(path.relative_to(folder)), s.st_size, s.st_mtime_ns) for path, s in stamps]]

    def fill(start: int, images: np.ndarray) -> dict[int, str]:
        skipped = _fill(images, files[start : start + len(images)], read, slow=60.0)
        return {start + row: why for row, why in skipped.items()}

    return shards.prepare(cache, key, len(files), shape, fill)


def report(skipped: dict[int, str], files: list[Path], folder: Path, also: str = "") -> None:
    """Warns about the files of a folder that cannot be read, if there are any, and says what `also`."""
    if skipped:
        first = [f"{files[i].relative_to(folder)} ({skipped[i]})" for i in sorted(skipped)[:5]]
        warn(
            f"Skipped {len(skipped)} of {len(files)} image files that cannot be read{also}: "
            + ", ".join(first)
            + (", ..." if len(skipped) > 5 else "")
        )


def _first_shape(files: list[Path], folder: Path, name: str, read: Reader) -> tuple[int, ...]:
    """Returns the shape of the first picture that can be read."""
    first = ""
    for path in files:
        picture, why = _try(path, read)
        if picture is not None:
            return picture.shape
        first = first or why
    raise ValueError(
        f"None of the {len(files)} image files in the folder can be read. Received: "
        f"{name}={str(folder)!r}. Check {files[0].name!r} ({first}); accepted are intact "
        f"files that end in {', '.join(EXTENSIONS)}."
    )


def _try(path: Path, read: Reader) -> tuple[np.ndarray | None, str]:
    """Reads a file, or says why it cannot be."""
    try:
        return read(path), ""
    except Exception as error:
        # Pillow's decoders raise whatever a broken file makes them run into.
        return None, f"{type(error).__name__}: {str(error)[:80]}"


def _fill(images: np.ndarray, files: list[Path], read: Reader, slow: float = 2.0) -> dict[int, str]:
    """Decodes `files` into `images`; returns why one could not be. Says how far it is if it is slow."""
    skipped: dict[int, str] = {}

    def work(position: int) -> None:
        picture, why = _try(files[position], read)
        if picture is None:
            skipped[position] = why
            return
        if picture.shape != images.shape[1:]:
            raise _OtherSizeError(files[position], picture.shape[-3:-1])
        images[position] = picture

    pool = ThreadPoolExecutor(min(16, os.cpu_count() or 1))
    try:
        jobs = [pool.submit(work, position) for position in range(len(files))]
        for job in progress(as_completed(jobs), len(jobs), "Reading images", slow):
            job.result()
    except _OtherSizeError as error:
        path, other = error.args
        raise ValueError(
            "Argument `image_size` must be given when the images differ in size. Received: "
            f"image_size=None, with {images.shape[-3:-1]} and, in {path.name!r}, {other} "
            "(height, width). Pass for example image_size=64."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
    return skipped
