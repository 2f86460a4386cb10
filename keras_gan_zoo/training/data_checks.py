"""Checks of the data passed to `fit`, before any training step."""

import itertools
import warnings
from typing import Any

import keras
import numpy as np


def peek(x: Any):
    """Return the first batch of a source that `fit` takes.

    Args:
        x: an array, or a source of batches: `keras.utils.PyDataset`, `tf.data.Dataset`, torch
            `DataLoader` or a generator.

    Returns:
        `(batch, x, whole)`. `batch`: the array itself or the first batch, None if there is none. `x`:
        the source to train on, for a generator a new one that starts with the same batch. `whole`:
        whether `batch` is all the data.
    """
    if hasattr(x, "shape") or x is None:
        return x, x, True
    if isinstance(x, keras.utils.PyDataset):
        return (x[0] if x.num_batches is None or x.num_batches > 0 else None), x, False
    source = x.take(1) if hasattr(x, "take") else x
    batches = iter(source)
    batch = next(batches, None)
    if batches is x:  # a generator can be read only once
        # Keras takes generators, but no other iterators, and of these only tuples.
        return batch, (_as_tuple(item) for item in itertools.chain([batch], batches)), False
    return batch, x, False


def _as_tuple(batch):
    return tuple(batch) if isinstance(batch, tuple | list) else (batch,)


def training_images(x, shape: tuple[int, int, int], batch_size: int | None, pack: int = 1):
    """Check the images passed to `fit`: all of an array, or the first batch of a stream.

    Args:
        x: first argument of `fit`.
        shape: (height, width, channels) of the model's images.
        batch_size: images per step, for arrays. None: 32, as in Keras.
        pack: divisor of every batch size.

    Returns:
        The source to train on.

    Raises:
        ValueError: see `check_batches` and `check_images`.
    """
    return check_batches(x, "images", lambda images: check_images(images, shape), batch_size, pack)


def training_pairs(x, y, shapes: dict[str, tuple[int, int, int]], batch_size: int | None):
    """Check the pairs passed to `fit`, as two arrays or as a stream of batches of two.

    Args:
        x, y: first arguments of `fit`.
        shapes: names of the two halves, with their image shapes.
        batch_size: see `training_images`.

    Returns:
        The source to train on.

    Raises:
        ValueError: only one half, halves of different lengths, or as for `training_images`.
    """
    batch, x, whole = peek(x)
    both = (batch, y) if whole else batch
    first, second = shapes
    if both is not None and (not isinstance(both, tuple | list) or len(both) < 2 or both[1] is None):
        raise ValueError(
            f"This model trains on pairs of {first} and {second}. Received: {first} only. Pass two "
            "arrays, `fit(x, y)`, or a source of batches of two, such as `keras_gan_zoo.data.paired` "
            "or `unpaired` returns."
        )
    if whole and both is not None and len(both[0]) != len(both[1]):
        raise ValueError(
            f"There must be as many {first} as {second}. Received: {len(both[0])} and {len(both[1])}. "
            "`keras_gan_zoo.data.unpaired` pairs sets of different sizes at random."
        )
    for images, (name, shape) in zip(both or (), shapes.items(), strict=False):
        check_images(_to_numpy(images), shape, name.capitalize())
    return check_batches(x, "pairs", lambda images: None, batch_size)


def training_labels(x, y, condition):
    """Check the labels passed to `fit`, in `y` or as the second half of the batches of `x`.

    Args:
        x, y: first arguments of `fit`.
        condition: the model's `labels.Classes` or `labels.Attributes`.

    Returns:
        The source to train on.

    Raises:
        ValueError: no labels, another number of labels than of images, or wrong ones.
    """
    if y is None:
        batch, x, _ = peek(x)
        if not isinstance(batch, tuple | list) or len(batch) < 2:
            raise ValueError(
                "A conditional model trains on images and labels. Received: images only. Pass "
                "the labels as `y`, or batches `(images, labels)`."
            )
        images, y = batch[:2]
    else:
        images = x
    y = keras.ops.convert_to_numpy(y)
    condition.check(y)
    if hasattr(images, "shape") and len(y) != len(images):
        raise ValueError(
            f"There must be as many labels as images. Received: {len(y)} labels and {len(images)} "
            "images. Pass the label of each image, in the same order."
        )
    return x


def validation_data(model, data, batch_size: int | None):
    """Check the argument `validation_data` of `fit` as the training data.

    Args:
        model: the model that is trained.
        data: an array, a source of batches, or a tuple `(x, y)`.
        batch_size: rows per step, for arrays. None: 32, as in Keras.

    Returns:
        The validation data to pass on.

    Raises:
        ValueError: as for the training data; the message names `validation_data`.
    """
    x, y, weights = keras.utils.unpack_x_y_sample_weight(data)
    rows = len(x) if hasattr(x, "shape") else None
    try:
        checked = model.check_data(x, y, min(batch_size or 32, rows) if rows else batch_size)
    except ValueError as error:
        raise ValueError(f"Argument `validation_data`: {error}") from error
    return checked if y is None else keras.utils.pack_x_y_sample_weight(checked, y, weights)


def warn_of_labels(x, y, model_name: str):
    """Warn if labels are passed to `fit` of an unconditional model, which ignores them.

    Args:
        x, y: first arguments of `fit`.
        model_name: name of the model's class, for the message.

    Returns:
        The source to train on.
    """
    batch, x, whole = peek(x)
    in_batches = not whole and isinstance(batch, tuple | list) and len(batch) > 1
    if y is not None or in_batches:
        warnings.warn(
            f"{model_name} is unconditional: the labels in {'the batches' if in_batches else '`y`'} "
            "are ignored. For images of a chosen class use `ConditionalGAN` or another model with "
            "`num_classes`.",
            stacklevel=4,
        )
    return x


def check_batches(x, name: str, check, batch_size: int | None, pack: int = 1):
    """Check that there is a batch and that its size is allowed.

    Args:
        x: first argument of `fit`.
        name: content of the arrays, such as `"images"`, for messages.
        check: function of an array, all of it or the first batch of a stream, that raises ValueError.
        batch_size: rows per step, for arrays. None: 32, as in Keras.
        pack: divisor of every batch size.

    Returns:
        The source to train on.

    Raises:
        ValueError: no data, fewer rows than one batch, or a batch size that `pack` does not divide.
    """
    batch, x, whole = peek(x)
    if isinstance(batch, tuple | list) and batch:
        batch = batch[0]
    array = None if batch is None else _to_numpy(batch)
    if array is None or array.size == 0:
        raise ValueError(f"The dataset is empty: `fit` needs at least one batch of {name} in `x`.")
    check(array)
    batch_size = batch_size or 32
    if whole and len(array) < batch_size:
        raise ValueError(
            f"The dataset is smaller than one batch. Received: {len(array)} {name} and batch_size="
            f"{batch_size}. Pass batch_size={len(array)} or fewer, or more {name}."
        )
    sizes = {batch_size, len(array) % batch_size} if whole else {len(array)}
    if any(size % pack for size in sizes):
        raise ValueError(
            f"Batch sizes must be multiples of the model's pack={pack}. Received: batches of "
            f"{' and '.join(map(str, sorted(sizes - {0})))} {name}. Pass another batch_size, or drop "
            "the last rows."
        )
    return x


def _to_numpy(batch) -> np.ndarray:
    if isinstance(batch, dict | str) or not (hasattr(batch, "shape") or hasattr(batch, "__array__")):
        raise ValueError(
            "Batches must be arrays `images`, or tuples of arrays such as `(images, labels)`. "
            f"Received: a batch of type {type(batch).__name__}."
        )
    return keras.ops.convert_to_numpy(batch)


def check_images(images: np.ndarray, shape: tuple[int, int, int], name: str = "Images") -> None:
    """Check that images are finite floats in [-1, 1] of shape (n, *shape).

    Args:
        images: the array to check.
        shape: (height, width, channels); a height or width of None allows any size.
        name: subject of the messages.

    Raises:
        ValueError: another shape or dtype, values outside [-1, 1], NaN or infinity.
    """
    sides = images.shape[1:]
    if len(sides) != 3 or any(want not in (None, got) for want, got in zip(shape, sides, strict=True)):
        raise ValueError(
            f"{name} must have the shape (n, {', '.join(map(str, shape))}). "
            f"Received: {images.shape}. {_shape_hint(images.shape, shape)}"
        )
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"{name} must be floats in [-1, 1]. Received: {images.dtype} in {images.min()}.."
            f"{images.max()}. Scale them, `images / 127.5 - 1`, or use `keras_gan_zoo.data.load`."
        )
    low, high = _finite_range(images, name)
    if low < -1.001 or high > 1.001:
        way_out = "images / 127.5 - 1" if high > 2 else "np.clip(images, -1, 1)"
        raise ValueError(
            f"{name} must be in [-1, 1]. Received: {low:g}..{high:g}. Scale them, `{way_out}`, or use "
            "`keras_gan_zoo.data.load`, which returns scaled images."
        )
    if low >= 0 and high > 0:
        warnings.warn(
            f"The images are in {low:g}..{high:g}, the generator's in [-1, 1]: if black is 0, scale "
            "them with `images * 2 - 1`.",
            stacklevel=4,
        )


def _finite_range(images, name):
    low, high = np.inf, -np.inf
    for start in range(0, len(images), 1024):  # bounds the memory of the comparison
        part = images[start : start + 1024]
        part_low, part_high = part.min(), part.max()
        if not np.isfinite(part_low + part_high):
            index = start + int(np.argmin(np.isfinite(part).all(axis=(1, 2, 3))))
            raise ValueError(
                f"{name} must be finite: a single NaN or infinity destroys all weights. Received: such "
                f"values in image {index}. Remove it, or repair it with `np.nan_to_num`."
            )
        low, high = min(low, part_low), max(high, part_high)
    return low, high


def _shape_hint(received, shape) -> str:
    if received[1:] == shape[:2]:
        return "Add the channel axis: `images[..., None]`."
    if received[1:] == (shape[2], *shape[:2]):
        return "Channels go last: `np.moveaxis(images, 1, -1)`."
    wanted = tuple(int(side) for side in received[1:])
    if len(wanted) == 3:
        return (
            f"Make the model with image_shape={wanted}, or the data with "
            f"`keras_gan_zoo.data.load(..., image_size={shape[:2]}, channels={shape[2]})`."
        )
    return "Images are (n, height, width, channels)."
