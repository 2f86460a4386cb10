"""Data sets that come over the network: `keras.datasets` and TensorFlow Datasets."""

import socket
import urllib.request
from typing import Any

import keras
import numpy as np
from PIL import Image

from keras_gan_zoo.data.pictures import Source, from_pillow
from keras_gan_zoo.data.progress import progress


def _names(words: str) -> tuple[str, ...]:
    return tuple(words.split())


KERAS_DATASETS = {
    "mnist": _names("0 1 2 3 4 5 6 7 8 9"),
    "fashion_mnist": _names("T-shirt trouser pullover dress coat sandal shirt sneaker bag boot"),
    "cifar10": _names("airplane automobile bird cat deer dog frog horse ship truck"),
}
_WAY_OUT = (
    'Without a network use load("digits"), which needs no files, or the path of an .npz file or '
    "of a folder of images."
)


def read_keras_dataset(name: str, split: str) -> Source:
    """Reads a set of `keras.datasets`, from Keras' cache or over the network.

    Raises:
        ConnectionError: If it is not cached and the download fails.
    """
    try:
        train, test = getattr(keras.datasets, name).load_data()
    except Exception as error:
        # Keras raises a bare Exception when a download fails.
        raise ConnectionError(
            f"Could not get {name!r}: it is not in Keras' cache and the download failed, most "
            f"likely as there is no network ({_short(error)}). {_WAY_OUT}"
        ) from error
    images, labels = train if split == "train" else test
    return Source(images, labels, KERAS_DATASETS[name])


def read_tfds(
    name: str,
    split: str,
    size: tuple[int, int] | None,
    channels: int | None,
    samples: int | None,
    aspect: str,
) -> Source:
    """Reads the features "image" and, where it has one, "label" of a TensorFlow Dataset.

    Args:
        name: Its name, as `tfds.load` takes it.
        split: Its split, as `tfds.load` takes it.
        size: (height, width), or None when all images have one size.
        channels: 1 or 3; None keeps what the set has.
        samples: The first so many examples; None means all.
        aspect: How images of another shape become `size`, one of `arguments.ASPECTS`.

    Raises:
        ImportError: If tensorflow-datasets is not installed.
        ConnectionError: If the set can be neither found nor downloaded.
        ValueError: If it has no images, or sizes differ and `size` is None.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(
            f"The source 'tfds:{name}' needs the package tensorflow-datasets: "
            f"pip install tensorflow-datasets. {_WAY_OUT}"
        ) from error
    try:
        if not tfds.builder(name).is_prepared():
            _check_network()
        dataset, info = tfds.load(name, split=split, shuffle_files=False, with_info=True)
        if samples is not None:
            dataset = dataset.take(samples)
        examples = tfds.as_numpy(dataset)
    except Exception as error:
        raise ConnectionError(
            f"Could not load 'tfds:{name}', split {split!r} ({_short(error)}). Check the name and "
            f"the split; a set that is not on this machine also needs a network. {_WAY_OUT}"
        ) from error
    if "image" not in info.features:
        raise ValueError(
            'Argument `source` must name a dataset with a feature "image". Received: '
            f"source='tfds:{name}' with the features {sorted(info.features)}. {_WAY_OUT}"
        )
    return _collect(examples, info.features, size, channels, aspect)


def _collect(
    examples: Any, features: Any, size: tuple[int, int] | None, channels: int | None, aspect: str
) -> Source:
    """Gathers the examples of a TensorFlow Dataset into arrays."""
    names = getattr(features["label"], "names", None) if "label" in features else None
    images, labels = [], []
    for example in progress(examples, None, "Reading images"):
        image = example["image"]
        grey = image.shape[-1] == 1
        picture = Image.fromarray(image[..., 0] if grey else image)
        images.append(from_pillow(picture, size, channels or (1 if grey else 3), aspect))
        if images[-1].shape != images[0].shape:
            raise ValueError(
                "Argument `image_size` must be given when the images differ in size. Received: "
                f"image_size=None, with {images[0].shape[:2]} and {images[-1].shape[:2]} "
                "(height, width). Pass for example image_size=64."
            )
        if names is not None:
            labels.append(example["label"])
    stacked = np.stack(images) if images else np.empty((0, 1, 1, 1), "uint8")
    if names is None:
        return Source(stacked)
    return Source(stacked, np.array(labels, "int64"), tuple(names))


def _check_network() -> None:
    """Raises OSError at once where tensorflow-datasets would retry for three minutes."""
    if not urllib.request.getproxies():
        socket.getaddrinfo("storage.googleapis.com", 443)


def _short(error: Exception) -> str:
    """Returns the kind of an error and the first line of what it says."""
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0][:160]}"
