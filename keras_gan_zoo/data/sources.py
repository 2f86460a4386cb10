"""`load`: an `ImageDataset` from the name or the path of images."""

import os
from pathlib import Path

import numpy as np

from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.data.downloads import KERAS_DATASETS, read_keras_dataset, read_tfds
from keras_gan_zoo.data.folder import read_folder
from keras_gan_zoo.data.messages import warn
from keras_gan_zoo.data.npz import read_npz
from keras_gan_zoo.data.pictures import adapt, check_images
from keras_gan_zoo.data.reading import ReadOptions, Source, check_split, read_options, select
from keras_gan_zoo.data.synthetic.digits import digits
from keras_gan_zoo.utils import checks

_SPLITS = ("train", "test")
_DEFAULT_DIGITS = 10_000


def load(
    source: str | os.PathLike | np.ndarray,
    image_size: int | tuple[int, int] | None = None,
    batch_size: int | None = None,
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
    """Load images and serve them as batches in [-1, 1], channels last.

    Images are held in memory as 8-bit integers. Folders that exceed the memory are prepared once, in
    parallel, into the folder `cache`, from which batches are then read; both take some hundred
    megabytes of memory at most. An interrupted preparation resumes with the next call. Another
    `image_size`, `channels`, `aspect`, `samples` or set of files gets its own sub-folder; delete
    those that are no longer needed.

    Args:
        source: One of

            - `"digits"`: synthetic digits, without files or network; 10,000 unless `samples` is given.
            - `"mnist"`, `"fashion_mnist"`, `"cifar10"`: through `keras.datasets`.
            - `"tfds:NAME"`: through the package tensorflow-datasets.
            - the path of an `.npz` file with `x_train`, `y_train`, `x_test`, ... or with a
              single array of images.
            - the path of a folder of images, at any depth. Two or more sub-folders that hold
              all of them are the classes. Transparent pixels are composited over black; a warning
              counts the pictures that have some, with `cache` only while it is prepared. Links are
              followed; whatever cannot be read is listed in a warning and left out, and so are
              pictures of more than `PIL.Image.MAX_IMAGE_PIXELS` pixels, which the environment
              variable `KERAS_GAN_ZOO_MAX_PIXELS` sets.
            - a numpy array `(n, h, w)` or `(n, h, w, c)`, uint8 in 0..255 or float in [-1, 1].
        image_size: Side, or (height, width), in pixels. Other images are resized with antialiasing,
            according to `aspect`. `None` keeps the size.
        batch_size: Images per batch. A last partial batch is dropped. Defaults to `None`: 64, or the
            number of images, with a warning, if there are fewer.
        split: `"train"` or `"test"`, or a split of the `.npz` or TensorFlow Dataset.
            Folders and arrays have no splits.
        labels: Whether batches are `(images, labels)` instead of `(images,)`.
        channels: 1 for grey, 3 for RGB. `None` keeps the channels of the source (a folder: RGB).
        shuffle: Whether each epoch has its own order.
        seed: Seed of orders and flips. It does not affect the choice of `samples`.
        samples: Maximum number of images, evenly spaced over the source (a TensorFlow Dataset: the
            first ones); for `"digits"` the exact number. A source with fewer images gives all of
            them, and a warning. `None` for all.
        aspect: Fit of images of another shape to `image_size`: `"stretch"` ignores their aspect
            ratio, `"crop"` cuts out the largest central part of the right aspect ratio, `"pad"` adds
            black borders.
        flip: Whether images are flipped horizontally with probability 0.5, again in each epoch.
        cache: For folders of pictures: folder of the prepared images. `None` for memory.

    Returns:
        An `ImageDataset`, with `labels` and `class_names` whenever the source has them.

    Raises:
        ValueError: If an argument or the source is not usable; the message names a remedy.
        ConnectionError: If the source needs a network and there is none.
        ImportError: If the source needs a package that is not installed.

    Example:

    >>> dataset = load("digits", 32, batch_size=50, labels=True, samples=200)
    >>> images, labels = dataset[0]
    >>> images.shape, labels.shape
    ((50, 32, 32, 1), (50,))
    """
    if batch_size is not None:
        checks.positive_integer("batch_size", batch_size)
    options = read_options(image_size, split, channels, samples, aspect)
    cache = None if cache is None else Path(cache).expanduser()
    loaded = read(source, options, cache=cache)
    if labels and loaded.labels is None:
        raise _no_labels(source, loaded.label_error)
    dataset = ImageDataset(
        loaded.images,
        loaded.labels,
        batch_size,
        shuffle=shuffle,
        seed=seed,
        yield_labels=bool(labels),
        class_names=loaded.class_names,
        num_classes=loaded.num_classes,
        flip=flip,
    )
    dataset.label_error = loaded.label_error
    return dataset


def read(
    source: str | os.PathLike | np.ndarray,
    options: ReadOptions,
    name: str = "source",
    cache: Path | None = None,
) -> Source:
    """Read images of any source.

    Args:
        source: See `load`.
        options: See `ReadOptions`.
        name: Name of the argument with the source, for the messages.
        cache: Folder of prepared images of a folder, or `None`.

    Raises:
        ValueError, ConnectionError, ImportError: See `load`.
    """
    folder, split = folder_path(source), options.split
    if cache is not None and folder is None:
        raise ValueError(
            "Argument `cache` must be None for all but folders of pictures. Received: "
            f"cache={str(cache)!r} for {name}={describe(source)[:200]}. Leave it out."
        )
    if isinstance(source, np.ndarray):
        check_split(split, "an array", ("train",))
        return _convert(Source(source), options, name)
    if not isinstance(source, (str, os.PathLike)):
        raise _unknown_source(name, source, "is neither a string, a path nor a numpy array")
    if source == "digits":
        check_split(split, '"digits"', _SPLITS)
        return _read_digits(options)
    if source in KERAS_DATASETS:
        check_split(split, f'"{source}"', _SPLITS)
        return _convert(read_keras_dataset(source, split), options, name)
    if isinstance(source, str) and source.startswith("tfds:"):
        check_split(split, source)
        return read_tfds(source.removeprefix("tfds:"), options)
    if folder is not None:
        check_split(split, "a folder", ("train",))
        return read_folder(folder, options, name, cache)
    path = npz_path(source)
    if path is not None:
        return _convert(read_npz(path, check_split(split, path.name), name), options, name)
    exists = Path(source).expanduser().exists()
    raise _unknown_source(name, source, "is a file, but no .npz" if exists else "no such path exists")


def folder_path(source: object) -> Path | None:
    """Return the path of a folder, or `None` for any other source."""
    if not isinstance(source, str | os.PathLike) or source == "digits" or source in KERAS_DATASETS:
        return None
    path = Path(source).expanduser()
    return path if path.is_dir() else None


def npz_path(source: object) -> Path | None:
    """Return the path of an .npz file, or `None` for any other source."""
    path = Path(source).expanduser() if isinstance(source, str | os.PathLike) else None
    return path if path is not None and path.is_file() and path.suffix == ".npz" else None


def _read_digits(options: ReadOptions) -> Source:
    side = max(options.size) if options.size else 28
    seed = _SPLITS.index(options.split)
    images, labels = digits(options.samples or _DEFAULT_DIGITS, side, seed, options.channels or 1)
    return Source(adapt(images, options.size, None, options.aspect), labels, tuple("0123456789"))


def _convert(source: Source, options: ReadOptions, name: str) -> Source:
    """Select, resize and convert the arrays of a source."""
    images, labels = check_images(source.images, name), source.labels
    if images.dtype != np.uint8 and images.size and 0 <= images.min() < images.max():
        warn(
            "The float images have no value below 0, as if they were in [0, 1]: [-1, 1] is "
            "expected. If so, pass images * 2 - 1."
        )
    chosen = select(len(images), options.samples, name)
    if len(chosen) < len(images):
        images = images[chosen]
        labels = None if labels is None else labels[chosen]
    images = adapt(images, options.size, options.channels, options.aspect)
    return source._replace(images=images, labels=labels)


def describe(source: object) -> str:
    """Return a short description of a source, for the messages."""
    if isinstance(source, np.ndarray):
        return f"an array of shape {source.shape}"
    return repr(os.fspath(source) if isinstance(source, os.PathLike) else source)


def _no_labels(source: object, label_error: str | None) -> ValueError:
    """Return the error about a source without usable labels."""
    if label_error is not None:
        return ValueError(
            "Labels must be integers in 0..num_classes-1 with `labels=True`. Received: "
            f"source={describe(source)}, where {label_error}. Renumber the classes: "
            "np.unique(labels, return_inverse=True)[1]."
        )
    return ValueError(
        "Argument `labels` must be False for a source without labels. Received: labels=True, "
        f"source={describe(source)}. A folder has labels when all its images lie in two or "
        "more sub-folders, an .npz when 'x_train' has a 'y_train' of integers from 0 on; for "
        "an array use ImageDataset(images, labels)."
    )


def _unknown_source(name: str, source: object, reason: str) -> ValueError:
    names = ", ".join(f'"{name}"' for name in ("digits", *KERAS_DATASETS, "tfds:NAME"))
    return ValueError(
        f"Argument `{name}` must be one of {names}, the path of an .npz file or of a folder of "
        f"images, or a numpy array. Received: {name}={describe(source)[:200]} ({reason}). "
        'Try "digits", which needs no files.'
    )
