"""`ImageDataset`: images in memory or in shards, served as batches in [-1, 1] in a repeatable order."""

from collections.abc import Sequence

import numpy as np

from keras_gan_zoo.data import jitter as jitters
from keras_gan_zoo.data.batches import MOVES, Batches
from keras_gan_zoo.data.pictures import check_images, scaled
from keras_gan_zoo.data.shards import Shards


class ImageDataset(Batches):
    """Batches of images, or of images and labels, for `fit` on every backend.

    The order is `np.random.default_rng((seed, epoch)).permutation(n)` and nothing else, so a
    run that resumes with the right `epoch` sees the batches it would have seen. The images that
    do not fill a last batch are dropped, as usual for GANs; shuffling drops others each epoch.

    `fit` of this library's models sets `epoch` from the number of steps that the model has made, so
    training that goes on in another process goes on with the data, too. Elsewhere it advances with
    every epoch of Keras, whose `fit` also shuffles the order *of the batches* with Python's `random`
    unless `shuffle=False` is passed.

    Args:
        images: `(n, h, w)` or `(n, h, w, c)` with 1 or 3 channels, uint8 in 0..255 or float in
            [-1, 1]. Kept as they are, without a copy. Or the `Shards` that `load` reads.
        labels: Integers `(n,)` from 0 on, or None.
        batch_size: Images per batch, at most n.
        shuffle: Whether each epoch has its own order, or all have that of `images`.
        seed: Non-negative integer that picks the orders.
        yield_labels: Whether batches hold the labels. None means: when there are labels.
        class_names: Names of the labels 0, 1, ... or None.
        num_classes: Number of classes. None means: as many as `class_names`, else the largest
            label plus one.
        flip: Whether every other image, at random, is mirrored.

    Attributes:
        images: uint8 or float32 `(n, h, w, c)`; never mirrored.
        labels: int32 `(n,)` or None; there also when the batches leave them out.
        epoch: The epoch that is served, from 0 on; it may be set.

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
        batch_size: int = 64,
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
        super().__init__(len(self.images), batch_size, shuffle, seed)
        self.class_names = None if class_names is None else tuple(class_names)
        self.labels, self.num_classes = None, None
        if labels is not None:
            self.labels = _check_labels(labels, len(self.images))
            self.num_classes = num_classes or len(self.class_names or ()) or None
            self._check_classes()
        self.yield_labels = self.labels is not None if yield_labels is None else yield_labels
        if self.yield_labels and self.labels is None:
            raise ValueError(
                "Argument `yield_labels` must be False without labels. Received: "
                "yield_labels=True, labels=None. Pass `labels`, or leave it out."
            )

    def _check_classes(self) -> None:
        top = int(self.labels.max())
        if self.num_classes is None:
            self.num_classes = top + 1
        if top >= self.num_classes:
            raise ValueError(
                "Argument `labels` must be below the number of classes. Received: a label of "
                f"{top} with {self.num_classes} classes. Correct `num_classes` or `class_names`."
            )

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of every image."""
        return self.images.shape[1:]

    def _batch(self, index: int) -> tuple[np.ndarray, ...]:
        """Returns `(images,)` or `(images, labels)`: float32 in [-1, 1], and int32."""
        rows = self._rows(index)
        images = self.images[rows]
        if self.flip:
            rng = np.random.default_rng((self.seed, self.epoch, MOVES, index))
            moves = jitters.draw(rng, len(rows), self.image_shape, 1.0, flip=True)
            images = jitters.move(images, moves, 1.0)
        images = scaled(images)
        return (images, self.labels[rows]) if self.yield_labels else (images,)

    def __repr__(self) -> str:
        classes = f", {self.num_classes} classes" if self.num_classes else ""
        return (
            f"<ImageDataset of {len(self.images)} images {self.image_shape}{classes}, "
            f"{len(self)} batches of {self.batch_size}>"
        )


def _check_labels(labels: np.ndarray, count: int) -> np.ndarray:
    """Returns labels as int32 `(count,)`, or raises what is wrong with them."""
    labels = np.asarray(labels)
    if labels.shape == (count, 1):
        labels = labels[:, 0]
    if labels.shape != (count,) or labels.dtype.kind not in "iu" or labels.min() < 0:
        lowest = f", smallest {labels.min()}" if labels.size and labels.dtype.kind in "iuf" else ""
        raise ValueError(
            f"Argument `labels` must be integers of 0 or more, of shape ({count},) as there are "
            f"{count} images. Received: shape {labels.shape}, dtype {labels.dtype}{lowest}. "
            "Use np.argmax(labels, axis=1) for one-hot labels, and count classes from 0."
        )
    return labels.astype("int32")
