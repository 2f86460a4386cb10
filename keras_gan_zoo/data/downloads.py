"""Data sets from the network: `keras.datasets` and TensorFlow Datasets."""

import socket
import urllib.request
from typing import Any

import keras
import numpy as np
from PIL import Image

from keras_gan_zoo.data.messages import progress
from keras_gan_zoo.data.pictures import Transparency, from_pillow
from keras_gan_zoo.data.reading import ReadOptions, Source, different_sizes, warn_of_fewer


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


KERAS_DATASETS = {
    "mnist": _names("0 1 2 3 4 5 6 7 8 9"),
    "fashion_mnist": _names("T-shirt trouser pullover dress coat sandal shirt sneaker bag boot"),
    "cifar10": _names("airplane automobile bird cat deer dog frog horse ship truck"),
}
_OFFLINE_HINT = (
    'Without a network use load("digits"), which needs no files, or the path of an .npz file or '
    "of a folder of images."
)


def read_keras_dataset(name: str, split: str) -> Source:
    """Read a set of `keras.datasets`, from Keras' cache or over the network.

    Raises:
        ConnectionError: If it is not cached and the download fails.
    """
    try:
        train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:
        # Keras raises a bare Exception when a download fails.
        raise ConnectionError(
            f"Could not get {name!r}: it is not in Keras' cache and the download failed, most "
            f"likely as there is no network ({_short(error)}). {_OFFLINE_HINT}"
        ) from error
    images, labels = train if split == "train" else test
    return Source(images, labels, KERAS_DATASETS[name])


def read_tfds(name: str, options: ReadOptions) -> Source:
    """Read the features "image" and, if present, "label" of a TensorFlow Dataset.

    Args:
        name: Name of the dataset for `tfds.load`.
        options: See `ReadOptions`; `split` as for `tfds.load`, `samples` for the first examples.

    Raises:
        ImportError: If tensorflow-datasets is not installed.
        ConnectionError: If the set can be neither found nor downloaded.
        ValueError: If it has no images, or sizes differ without `options.size`.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            f"The source 'tfds:{name}' needs the package tensorflow-datasets: "
            f"pip install tensorflow-datasets. {_OFFLINE_HINT}"
        ) from error
    try:
        if not tfds.builder(name).is_prepared():
            _check_network()
        dataset, info = tfds.load(name, split=options.split, shuffle_files=False, with_info=True)
        if options.samples is not None:
            dataset = dataset.take(options.samples)
        examples = tfds.as_numpy(dataset)
    except Exception as error:
        raise ConnectionError(
            f"Could not load 'tfds:{name}', split {options.split!r} ({_short(error)}). Check the name "
            f"and the split; a set that is not on this machine also needs a network. {_OFFLINE_HINT}"
        ) from error
    if "image" not in info.features:
        raise ValueError(
            'Argument `source` must name a dataset with a feature "image". Received: '
            f"source='tfds:{name}' with the features {sorted(info.features)}. {_OFFLINE_HINT}"
        )
    source = _collect(examples, info.features, options)
    warn_of_fewer(len(source.images), options.samples, "source")
    return source


def _collect(examples: Any, features: Any, options: ReadOptions) -> Source:
    """Collect the examples of a TensorFlow Dataset in arrays."""
    names = getattr(features["label"], "names", None) if "label" in features else None
    images, labels, transparency = [], [], Transparency()
    for example in progress(examples, None, "Reading images"):
        image = example["image"]
        is_grey = image.shape[-1] == 1
        picture = Image.fromarray(image[..., 0] if is_grey else image)
        channels = options.channels or (1 if is_grey else 3)
        images.append(from_pillow(picture, options.size, channels, options.aspect, transparency))
        if images[-1].shape != images[0].shape:
            raise different_sizes(images[0].shape[:2], images[-1].shape[:2])
        if names is not None:
            labels.append(example["label"])
    transparency.warn(len(images))
    stacked = np.stack(images) if images else np.empty((0, 1, 1, 1), "uint8")
    if names is None:
        return Source(stacked)
    return Source(stacked, np.array(labels, "int64"), tuple(names))


def _check_network() -> None:
    """Raise OSError at once where tensorflow-datasets would retry for three minutes."""
    if not urllib.request.getproxies():
        socket.getaddrinfo("storage.googleapis.com", 443)


def _short(error: Exception) -> str:
    """Return the type and the first line of an error."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:160]}"
