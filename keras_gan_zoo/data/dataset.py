"""`ImageDataset`: images in memory or in shards, as batches in [-1, 1] in a reproducible order."""

from collections.abc import Sequence

import numpy as np

from keras_gan_zoo.data.batches import Batches
from keras_gan_zoo.data.messages import warn
from keras_gan_zoo.data.pictures import check_images, scaled
from keras_gan_zoo.data.shards import Shards

_DEFAULT_BATCH_SIZE = 64


class ImageDataset(Batches):
    """Batches of images, or of images and labels, for `fit` on every backend.

    The order is `np.random.default_rng((seed, epoch)).permutation(n)` and nothing else, so a
    run that resumes with the right `epoch` gets the same batches as without the interruption. Images
    that do not fill a last batch are dropped, as usual for GANs; shuffling drops others each epoch.

    `fit` of this library's models sets `epoch` from the model's count of training steps, so a
    training that resumes in another process also resumes the data. Elsewhere `epoch` advances with
    every epoch of Keras, whose `fit` also shuffles the order *of the batches* with Python's `random`
    unless `shuffle=False` is passed.

    Args:
        images: `(n, h, w)` or `(n, h, w, c)` with 1 or 3 channels, uint8 in 0..255 or float in
            [-1, 1]. Kept unchanged, without a copy. Or the `Shards` of `load(..., cache=...)`.
        labels: Integers `(n,)` in 0..num_classes-1, or `None`.
        batch_size: Images per batch, at most n. Defaults to `None`: 64, or n with a warning if there
            are fewer images.
        shuffle: Whether each epoch has its own order instead of the order of `images`.
        seed: Non-negative integer for the orders and flips.
        yield_labels: Whether batches contain the labels. `None` for yes if there are labels.
        class_names: Names of the labels 0, 1, ..., or `None`.
        num_classes: Number of classes. `None` for the number of `class_names`, else the largest
            label plus one.
        flip: Whether images are flipped horizontally with probability 0.5.

    Attributes:
        images: uint8 or float32 `(n, h, w, c)`; never flipped.
        labels: int32 `(n,)` or `None`, independent of `yield_labels`.
        epoch: Current epoch, from 0 on. May be set.
        label_error: Why `load` could not use labels of the source, or `None`.

    Raises:
        ValueError: If images or labels are malformed, or too few for one batch.

    Example:

    >>> dataset = ImageDataset(np.zeros((100, 28, 28), "uint8"), batch_size=32)
    >>> len(dataset), dataset.image_shape, dataset[0][0].dtype
    (3, (28, 28, 1), dtype('float32'))
    """

    def __init__(
        self,
        images: np.ndarray | Shards,
        labels: np.ndarray | None = None,
        batch_size: int | None = None,
        *,
        shuffle: bool = True,
        seed: int = 0,
        yield_labels: bool | None = None,
        class_names: Sequence[str] | None = None,
        num_classes: int | None = None,
        flip: bool = False,
    ):
        self.images = images if isinstance(images, Shards) else check_images(images)
        self.flip = bool(flip)
        batch_size = _default_batch_size(len(self.images)) if batch_size is None else batch_size
        super().__init__(len(self.images), batch_size, shuffle, seed)
        self.class_names = None if class_names is None else tuple(class_names)
        self.labels, self.num_classes, self.label_error = None, None, None
        if labels is not None:
            num_classes = num_classes or len(self.class_names or ()) or None
            self.labels = _check_labels(labels, len(self.images), num_classes)
            self.num_classes = num_classes or int(self.labels.max()) + 1
        self.yield_labels = self.labels is not None if yield_labels is None else yield_labels
        if self.yield_labels and self.labels is None:
            raise ValueError(
                "Argument `yield_labels` must be False without labels. Received: "
                "yield_labels=True, labels=None. Pass `labels`, or omit `yield_labels`."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image."""
        return self.images.shape[1:]

    def _batch(self, index: int) -> tuple[np.ndarray, ...]:
        """Return `(images,)` or `(images, labels)`: float32 in [-1, 1], and int32."""
        rows = self._rows(index)
        (images,) = self._augment(index, self.images[rows], flip=self.flip)
        images = scaled(images)
        return (images, self.labels[rows]) if self.yield_labels else (images,)

    def __repr__(self) -> str:
        classes = f", {self.num_classes} classes" if self.num_classes else ""
        return (
            f"<ImageDataset of {len(self.images)} images {self.image_shape}{classes}, "
            f"{len(self)} batches of {self.batch_size}>"
        )


def _default_batch_size(count: int) -> int:
    """Return 64, or `count` with a warning if there are fewer images."""
    if count < _DEFAULT_BATCH_SIZE:
        warn(
            f"Argument `batch_size` defaults to {count} instead of {_DEFAULT_BATCH_SIZE}, as there are "
            f"only {count} images."
        )
    return min(count, _DEFAULT_BATCH_SIZE)


def _check_labels(labels: np.ndarray, count: int, num_classes: int | None) -> np.ndarray:
    """Return labels as int32 `(count,)`, all in 0..num_classes-1."""
    labels = np.asarray(labels)
    if labels.shape == (count, 1):
        labels = labels[:, 0]
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or labels.min() < 0:
        is_number = labels.size and labels.dtype.kind in "iuf"
        values = f", values from {labels.min()} to {labels.max()}" if is_number else ""
        last = "num_classes-1" if num_classes is None else num_classes - 1
        raise ValueError(
            f"Argument `labels` must be integers in 0..{last}, of shape ({count},) as there are "
            f"{count} images. Received: shape {labels.shape}, dtype {labels.dtype}{values}. Use "
            "np.argmax(labels, axis=1) for one-hot labels, np.unique(labels, return_inverse=True)[1] "
            "for other numbers or names."
        )
    if num_classes is not None and labels.max() >= num_classes:
        raise ValueError(
            f"Argument `labels` must be integers in 0..{num_classes - 1}, below the number of classes. "
            f"Received: a label of {labels.max()} with {num_classes} classes. Correct `num_classes` or "
            "`class_names`."
        )
    return labels.astype("int32")
