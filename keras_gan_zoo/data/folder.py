"""Folders of pictures: found, decoded in parallel, labelled by their sub-folders."""

import os
import warnings
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from keras_gan_zoo.data import arguments
from keras_gan_zoo.data.pictures import Source, read_picture
from keras_gan_zoo.data.progress import progress

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
    folder: Path, size: tuple[int, int] | None, channels: int | None, samples: int | None
) -> Source:
    """Reads the pictures under `folder`, in the order of their paths.

    Args:
        folder: An existing folder; hidden files and folders in it are ignored.
        size: (height, width), or None when all pictures have one size.
        channels: 1 or 3; None means 3.
        samples: At most this many files, evenly spaced; None means all.

    Returns:
        A `Source` with uint8 images; labels where two or more sub-folders hold all pictures.

    Raises:
        ValueError: If no picture can be read, or sizes differ and `size` is None.
    """
    files = _find(folder)
    if not files:
        raise ValueError(
            f"No images in the folder. Received: source={str(folder)!r}. It must hold files that "
            f"end in {', '.join(EXTENSIONS)}, at any depth."
        )
    names, labels = _label(folder, files)
    chosen = arguments.spread(len(files), samples)
    images, kept = _decode([files[i] for i in chosen], folder, size, channels or 3)
    labels = None if labels is None else labels[chosen][kept]
    return Source(images, labels, names)


def _find(folder: Path) -> list[Path]:
    """Returns the picture files at any depth, sorted; hidden names are left out."""
    found = []
    for place, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if name.lower().endswith(EXTENSIONS) and not name.startswith("."):
                found.append(Path(place, name))
    return sorted(found)


def _label(folder: Path, files: list[Path]) -> tuple[tuple[str, ...] | None, np.ndarray | None]:
    """Returns class names and labels from the first folder level, or None and None."""
    parts = [path.relative_to(folder).parts for path in files]
    names = sorted({part[0] for part in parts if len(part) > 1})
    if len(names) < 2 or any(len(part) == 1 for part in parts):
        return None, None
    return tuple(names), np.array([names.index(part[0]) for part in parts], "int32")


def _decode(
    files: list[Path], folder: Path, size: tuple[int, int] | None, channels: int
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the readable images and which of `files` they are; warns about the others."""
    skipped: dict[int, str] = {}
    shape = (*size, channels) if size else _first_shape(files, channels)
    images = np.empty((len(files), *shape), "uint8") if shape else None
    if images is None:
        skipped = dict.fromkeys(range(len(files)), "unreadable")
    else:
        _fill(images, files, size, skipped)
    if len(skipped) == len(files):
        raise ValueError(
            f"None of the {len(files)} image files in the folder can be read. Received: "
            f"source={str(folder)!r}. Check {files[0].name!r}; accepted are intact files that end "
            f"in {', '.join(EXTENSIONS)}."
        )
    kept = np.array([i for i in range(len(files)) if i not in skipped])
    if skipped:
        first = [f"{files[i].relative_to(folder)} ({skipped[i]})" for i in sorted(skipped)[:5]]
        warnings.warn(
            f"Skipped {len(skipped)} of {len(files)} image files that cannot be read: "
            + ", ".join(first)
            + (", ..." if len(skipped) > 5 else ""),
            stacklevel=5,
        )
        images = images[kept]
    return images, kept


def _first_shape(files: list[Path], channels: int) -> tuple[int, ...] | None:
    """Returns the shape of the first picture that can be read, or None."""
    for path in files:
        try:
            return read_picture(path, None, channels).shape
        except Exception:
            continue
    return None


def _fill(
    images: np.ndarray, files: list[Path], size: tuple[int, int] | None, skipped: dict[int, str]
) -> None:
    """Decodes `files` into `images`, and notes in `skipped` why one could not be."""

    def work(position: int) -> None:
        try:
            picture = read_picture(files[position], size, images.shape[-1])
        except Exception as error:
            # Pillow's decoders raise whatever a broken file makes them run into.
            skipped[position] = f"{type(error).__name__}: {str(error)[:80]}"
            return
        if picture.shape != images.shape[1:]:
            raise _OtherSizeError(files[position], picture.shape[:2])
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
            f"image_size=None, with {images.shape[1:3]} and, in {path.name!r}, {other} "
            "(height, width). Pass for example image_size=64."
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)
