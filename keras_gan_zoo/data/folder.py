"""Folders of pictures: found, decoded in parallel, labelled by their sub-folders."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from keras_gan_zoo.data import arguments
from keras_gan_zoo.data.pictures import Source, read_picture
from keras_gan_zoo.data.progress import progress, warn

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
) -> Source:
    """Reads the pictures under `folder`, in the order of their paths.

    Args:
        folder: An existing folder; hidden files and folders in it are ignored.
        size: (height, width), or None when all pictures have one size.
        channels: 1 or 3; None means 3.
        samples: At most this many files, evenly spaced; None means all.
        name: What the argument is called that `folder` came in, for the messages.

    Returns:
        A `Source` with uint8 images; labels where two or more sub-folders hold all pictures.

    Raises:
        ValueError: If no picture can be read, or sizes differ and `size` is None.
    """
    files = find(folder, name)
    names, labels = _label(folder, files)
    chosen = arguments.spread(len(files), samples)
    chosen_files = [files[i] for i in chosen]
    images, skipped = decode(
        chosen_files, folder, name, lambda path: read_picture(path, size, channels or 3)
    )
    report(skipped, chosen_files, folder)
    kept = np.array([i for i in range(len(chosen)) if i not in skipped])
    images = images[kept] if skipped else images
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
        ValueError: If no file can be read, or sizes differ.
    """
    skipped: dict[int, str] = {}
    shape = _first_shape(files, read, skipped)
    if shape is None:
        raise ValueError(
            f"None of the {len(files)} image files in the folder can be read. Received: "
            f"{name}={str(folder)!r}. Check {files[0].name!r} ({skipped[0]}); accepted are intact "
            f"files that end in {', '.join(EXTENSIONS)}."
        )
    images = np.empty((len(files), *shape), "uint8")
    _fill(images, files, read, skipped)
    return images, skipped


def report(skipped: dict[int, str], files: list[Path], folder: Path, also: str = "") -> None:
    """Warns about the files of a folder that cannot be read, if there are any, and says what `also`."""
    if skipped:
        first = [f"{files[i].relative_to(folder)} ({skipped[i]})" for i in sorted(skipped)[:5]]
        warn(
            f"Skipped {len(skipped)} of {len(files)} image files that cannot be read{also}: "
            + ", ".join(first)
            + (", ..." if len(skipped) > 5 else "")
        )


def _first_shape(files: list[Path], read: Reader, skipped: dict[int, str]) -> tuple[int, ...] | None:
    """Returns the shape of the first picture that can be read, or None."""
    for position in range(len(files)):
        picture = _try(files, position, read, skipped)
        if picture is not None:
            return picture.shape
    return None


def _try(files: list[Path], position: int, read: Reader, skipped: dict[int, str]) -> np.ndarray | None:
    """Reads a file, or notes in `skipped` why it could not be."""
    try:
        return read(files[position])
    except Exception as error:
        # Pillow's decoders raise whatever a broken file makes them run into.
        skipped[position] = f"{type(error).__name__}: {str(error)[:80]}"
        return None


def _fill(images: np.ndarray, files: list[Path], read: Reader, skipped: dict[int, str]) -> None:
    """Decodes `files` into `images`, and notes in `skipped` why one could not be."""

    def work(position: int) -> None:
        picture = _try(files, position, read, skipped)
        if picture is None:
            return
        if picture.shape != images.shape[1:]:
            raise _OtherSizeError(files[position], picture.shape[-3:-1])
        images[position] = picture

    pool = ThreadPoolExecutor(min(16, os.cpu_count() or 1))
    try:
        jobs = [pool.submit(work, position) for position in range(len(files))]
        for job in progress(as_completed(jobs), len(jobs), "Reading images"):
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
