"""The data that `fit` gets, looked at before any time is lost."""

import itertools
import types
import warnings

import keras
import numpy as np


def peek(x):
    """First batch of any source that `fit` takes, and the source to train on.

    Returns:
        `(batch, x, whole)`: `batch` is None if there is none; `whole` says that it is all the data.
    """
    if hasattr(x, "shape") or x is None:
        return x, x, True
    if isinstance(x, keras.utils.PyDataset):
        return (x[0] if x.num_batches is None or x.num_batches > 0 else None), x, False
    if isinstance(x, types.GeneratorType):
        batch = next(x, None)
        return batch, (item for item in itertools.chain([batch], x)), False
    source = x.take(1) if hasattr(x, "take") else x
    return next(iter(source), None), x, False


def training_images(x, shape: tuple[int, int, int], batch_size: int | None, pack: int = 1):
    """Check the images that `fit` was given, all of an array or the first batch of a stream.

    Args:
        x: first argument of `fit`.
        shape: (height, width, channels) of the model's images.
        batch_size: images per step, for arrays; None: Keras' 32.
        pack: what the sizes of all batches must be multiples of.

    Returns:
        The source to train on.
    """
    return checked(x, "images", lambda images: check_images(images, shape), batch_size, pack)


def training_pairs(x, y, shapes: dict[str, tuple[int, int, int]], batch_size: int | None):
    """Check the pairs that `fit` was given, as two arrays or as a stream of batches of two.

    Args:
        x, y: first arguments of `fit`.
        shapes: what the two halves are called, and the shapes of their images.
        batch_size: see `training_images`.

    Returns:
        The source to train on.
    """
    batch, x, whole = peek(x)
    both = (batch, y) if whole else batch
    first, second = shapes
    if both is not None and (not isinstance(both, tuple | list) or len(both) < 2 or both[1] is None):
        raise ValueError(
            f"This model trains on pairs of {first} and {second}. Received: {first} only. Pass two "
            "arrays, `fit(x, y)`, or a source of batches of two, such as `keras_gan_zoo.data.paired` "
            "and `unpaired` make."
        )
    if whole and both is not None and len(both[0]) != len(both[1]):
        raise ValueError(
            f"There must be as many {first} as {second}. Received: {len(both[0])} and {len(both[1])}. "
            "`keras_gan_zoo.data.unpaired` pairs sets of different sizes at random."
        )
    for images, (what, shape) in zip(both or (), shapes.items(), strict=False):
        check_images(keras.ops.convert_to_numpy(images), shape, what.capitalize())
    return checked(x, "pairs", lambda images: None, batch_size)


def training_labels(x, y, condition):
    """Check the labels that `fit` was given, in `y` or as the second half of the batches of `x`.

    Args:
        x, y: first arguments of `fit`.
        condition: the model's `labels.Classes` or `labels.Attributes`.

    Returns:
        The source to train on.
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


def checked(x, what: str, check, batch_size: int | None, pack: int = 1):
    """`x`, if there is a batch of it and `check(array)` has nothing against what can be seen of it.

    Args:
        x: first argument of `fit`.
        what: what the arrays hold, such as `"images"`, for the messages.
        check: raises ValueError; gets all of an array or the first batch of a stream.
        batch_size: rows per step, for arrays; None: Keras' 32.
        pack: what the sizes of all batches must be multiples of.
    """
    batch, x, whole = peek(x)
    if isinstance(batch, tuple | list):
        batch = batch[0]
    array = None if batch is None else keras.ops.convert_to_numpy(batch)
    if array is None or array.size == 0:
        raise ValueError(f"The dataset is empty: `fit` needs at least one batch of {what} in `x`.")
    check(array)
    batch_size = batch_size or 32
    if whole and len(array) < batch_size:
        raise ValueError(
            f"The dataset is smaller than one batch. Received: {len(array)} {what} and batch_size="
            f"{batch_size}. Pass batch_size={len(array)} or fewer, or more {what}."
        )
    sizes = {batch_size, len(array) % batch_size} if whole else {len(array)}
    if any(size % pack for size in sizes):
        raise ValueError(
            f"Batch sizes must be multiples of the model's pack={pack}. Received: batches of "
            f"{' and '.join(map(str, sorted(sizes - {0})))} {what}. Pass another batch_size, or drop "
            "the last rows."
        )
    return x


def check_images(images: np.ndarray, shape: tuple[int, int, int], what: str = "Images") -> None:
    """Raise ValueError unless `images` are finite floats in [-1, 1] of shape (n, *shape).

    A side of `shape` may be None: any. `what` they are called in the message.
    """
    sides = images.shape[1:]
    if len(sides) != 3 or any(want not in (None, got) for want, got in zip(shape, sides, strict=True)):
        raise ValueError(
            f"{what} must have the shape (n, {', '.join(map(str, shape))}). "
            f"Received: {images.shape}. {_shape_hint(images.shape, shape)}"
        )
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"{what} must be floats in [-1, 1]. Received: {images.dtype} in {images.min()}.."
            f"{images.max()}. Scale them, `images / 127.5 - 1`, or use `keras_gan_zoo.data.load`."
        )
    low, high = np.inf, -np.inf
    for start in range(0, len(images), 1024):  # bounds the memory of the comparison
        part = images[start : start + 1024]
        part_low, part_high = part.min(), part.max()
        if not np.isfinite(part_low + part_high):
            index = start + int(np.argmin(np.isfinite(part).all(axis=(1, 2, 3))))
            raise ValueError(
                f"{what} must be finite: a single NaN or infinity destroys all weights. Received: such "
                f"values in image {index}. Remove it, or repair it with `np.nan_to_num`."
            )
        low, high = min(low, part_low), max(high, part_high)
    if low < -1.001 or high > 1.001:
        way_out = "images / 127.5 - 1" if high > 2 else "np.clip(images, -1, 1)"
        raise ValueError(
            f"{what} must be in [-1, 1]. Received: {low:g}..{high:g}. Scale them, `{way_out}`, or use "
            "`keras_gan_zoo.data.load`, which does."
        )
    if low >= 0 and high > 0:
        warnings.warn(
            f"The images are in {low:g}..{high:g}, the generator's in [-1, 1]: if black is 0, scale "
            "them with `images * 2 - 1`.",
            stacklevel=4,
        )


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
