"""`load`: from the name or the place of images to an `ImageDataset`."""

import os
from pathlib import Path

import numpy as np

from keras_gan_zoo.data import arguments
from keras_gan_zoo.data.archives import read_npz
from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.data.downloads import KERAS_DATASETS, read_keras_dataset, read_tfds
from keras_gan_zoo.data.folder import read_folder
from keras_gan_zoo.data.pictures import Source, adapt, check_images
from keras_gan_zoo.data.progress import warn
from keras_gan_zoo.data.synthetic.handwriting import digits
from keras_gan_zoo.utils import checks

_SPLITS = ("train", "test")
_DEFAULT_DIGITS = 10_000


def load(
    source: str | os.PathLike | np.ndarray,
    image_size: int | tuple[int, int] | None = None,
    batch_size: int = 64,
    *,
    split: str = "train",
    labels: bool = False,
    channels: int | None = None,
    shuffle: bool = True,
    seed: int = 0,
    samples: int | None = None,
    aspect: str = "stretch",
    flip: bool = False,
    cache: str | os.PathLike | None = None,
) -> ImageDataset:
    """Loads images and serves them as batches in [-1, 1], channels last.

    They are held in memory, as 8-bit numbers. Folders for which that is too little are prepared once,
    in parallel, into the folder `cache`, and batches are read from there: neither takes more than some
    hundred megabytes. What was prepared stays when it is interrupted, and the next run goes on from
    there. Another `image_size`, `channels`, `aspect`, `samples` or set of files has its own sub-folder;
    delete those that are not needed any more.

    Args:
        source: One of

            - `"digits"`: drawn on the spot, without files or network; 10,000 unless `samples`
              says otherwise.
            - `"mnist"`, `"fashion_mnist"`, `"cifar10"`: through `keras.datasets`.
            - `"tfds:NAME"`: through the package tensorflow-datasets.
            - the path of an `.npz` file with `x_train`, `y_train`, `x_test`, ... or with a
              single array of images.
            - the path of a folder of images, at any depth. Two or more sub-folders that hold
              all of them are the classes.
            - a numpy array `(n, h, w)` or `(n, h, w, c)`, uint8 in 0..255 or float in [-1, 1].
        image_size: Side, or (height, width), in pixels. Other images are resized with
            antialiasing, as `aspect` says. None keeps the size.
        batch_size: Images per batch. A last partial batch is dropped.
        split: `"train"` or `"test"`, or the name that the `.npz` or TensorFlow Dataset uses.
            Folders and arrays have no splits.
        labels: Whether batches are `(images, labels)` instead of `(images,)`.
        channels: 1 for grey, 3 for RGB; None keeps what the source has (a folder: RGB).
        shuffle: Whether each epoch has an order of its own.
        seed: Picks the orders; it does not change which images are loaded.
        samples: Use at most so many images, evenly spaced over the source (a TensorFlow
            Dataset: the first ones); for `"digits"` exactly so many. None means all.
        aspect: How images of another shape become `image_size`: `"stretch"` them without regard to
            their aspect ratio, `"crop"` them to the middle part that has the right one, or `"pad"` them
            with black.
        flip: Whether every other image, at random, is mirrored each time it is served.
        cache: For folders of pictures: where to keep the prepared images. None means in memory.

    Returns:
        An `ImageDataset`. Its `labels` and `class_names` are there whenever the source has them.

    Raises:
        ValueError: If an argument or the source is not usable; the message says the way out.
        ConnectionError: If the source needs a network and there is none.
        ImportError: If the source needs a package that is not installed.

    Example:

    >>> dataset = load("digits", 32, batch_size=50, labels=True, samples=200)
    >>> images, labels = dataset[0]
    >>> images.shape, labels.shape
    ((50, 32, 32, 1), (50,))
    """
    checks.positive_integer("batch_size", batch_size)
    size, channels = arguments.image_size(image_size), arguments.channels(channels)
    samples = None if samples is None else checks.positive_integer("samples", samples)
    aspect = arguments.aspect(aspect, size)
    cache = None if cache is None else Path(cache).expanduser()
    found = read(source, size, split, channels, samples, aspect=aspect, cache=cache)
    if labels and found.labels is None:
        raise ValueError(
            "Argument `labels` must be False for a source without labels. Received: labels=True, "
            f"source={describe(source)}. A folder has labels when all its images lie in two or "
            "more sub-folders, an .npz when 'x_train' has a 'y_train' of integers from 0 on; for "
            "an array use ImageDataset(images, labels)."
        )
    return ImageDataset(
        found.images,
        found.labels,
        batch_size,
        shuffle=shuffle,
        seed=seed,
        yield_labels=bool(labels),
        class_names=found.class_names,
        num_classes=found.num_classes,
        flip=flip,
    )


def read(
    source: str | os.PathLike | np.ndarray,
    size: tuple[int, int] | None,
    split: str,
    channels: int | None,
    samples: int | None,
    name: str = "source",
    aspect: str = "stretch",
    cache: Path | None = None,
) -> Source:
    """Finds the reader for `source`; returns images of the wanted size, channels and number.

    Args:
        source, split: As in `load`.
        size: (height, width), or None for "as it is".
        channels: 1, 3 or None for "as it is".
        samples: At most so many images; None means all.
        name: What the argument is called that `source` came in, for the messages.
        aspect: One of `arguments.ASPECTS`.
        cache: Where a folder's prepared images go, or None.

    Raises:
        ValueError, ConnectionError, ImportError: As `load`.
    """
    folder = folder_of(source)
    if cache is not None and folder is None:
        raise ValueError(
            "Argument `cache` must be None for all but folders of pictures. Received: "
            f"cache={str(cache)!r} for {name}={describe(source)[:200]}. Leave it out."
        )
    if isinstance(source, np.ndarray):
        arguments.split(split, "an array", ("train",))
        return _fit(Source(source), size, channels, samples, name, aspect)
    if not isinstance(source, (str, os.PathLike)):
        raise ValueError(_unknown(name, source, "is neither a string, a path nor a numpy array"))
    if source == "digits":
        arguments.split(split, '"digits"', _SPLITS)
        return _read_digits(size, split, channels, samples, aspect)
    if source in KERAS_DATASETS:
        arguments.split(split, f'"{source}"', _SPLITS)
        return _fit(read_keras_dataset(source, split), size, channels, samples, name, aspect)
    if isinstance(source, str) and source.startswith("tfds:"):
        arguments.split(split, source)
        return read_tfds(source.removeprefix("tfds:"), split, size, channels, samples, aspect)
    if folder is not None:
        arguments.split(split, "a folder", ("train",))
        return read_folder(folder, size, channels, samples, name, aspect, cache)
    path = Path(source).expanduser()
    if path.is_file() and path.suffix == ".npz":
        found = read_npz(path, arguments.split(split, path.name), name)
        return _fit(found, size, channels, samples, name, aspect)
    raise ValueError(
        _unknown(name, source, "is a file, but no .npz" if path.exists() else "no such path exists")
    )


def folder_of(source: object) -> Path | None:
    """Returns the path of a folder, or None if the source is none."""
    if not isinstance(source, str | os.PathLike) or source == "digits" or source in KERAS_DATASETS:
        return None
    path = Path(source).expanduser()
    return path if path.is_dir() else None


def _read_digits(
    size: tuple[int, int] | None, split: str, channels: int | None, samples: int | None, aspect: str
) -> Source:
    side = max(size) if size else 28
    seed = _SPLITS.index(split)
    images, labels = digits(samples or _DEFAULT_DIGITS, side, seed, channels or 1)
    return Source(adapt(images, size, None, aspect), labels, tuple("0123456789"))


def _fit(
    found: Source,
    size: tuple[int, int] | None,
    channels: int | None,
    samples: int | None,
    name: str,
    aspect: str,
) -> Source:
    """Thins, resizes and converts the arrays of a source."""
    images, labels = check_images(found.images, name), found.labels
    if images.dtype != np.uint8 and images.size and 0 <= images.min() < images.max():
        warn(
            "The float images have no value below 0, as if they were in [0, 1]: [-1, 1] is "
            "expected. If so, pass images * 2 - 1."
        )
    if samples is not None and samples < len(images):
        chosen = arguments.spread(len(images), samples)
        images = images[chosen]
        labels = None if labels is None else labels[chosen]
    return found._replace(images=adapt(images, size, channels, aspect), labels=labels)


def describe(source: object) -> str:
    """Returns what a source is, in a few words, for the messages."""
    if isinstance(source, np.ndarray):
        return f"an array of shape {source.shape}"
    return repr(os.fspath(source) if isinstance(source, os.PathLike) else source)


def _unknown(name: str, source: object, why: str) -> str:
    known = ", ".join(f'"{name}"' for name in ("digits", *KERAS_DATASETS, "tfds:NAME"))
    return (
        f"Argument `{name}` must be one of {known}, the path of an .npz file or of a folder of "
        f"images, or a numpy array. Received: {name}={describe(source)[:200]} ({why}). "
        'Try "digits", which needs no files.'
    )
