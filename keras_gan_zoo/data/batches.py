"""`Batches`: base class of the datasets, with a reproducible order of rows."""

from collections.abc import Callable, Iterator

import keras
import numpy as np

from keras_gan_zoo.data import jitter as jitters
from keras_gan_zoo.utils import checks

# Parts of the seed of crops and flips, to keep them independent of the order.
_AUGMENTATION_STREAM, _CROP_STREAM = 3, 4


class Batches(keras.utils.PyDataset):
    """Full batches of rows in an order that depends on the seed and the epoch only.

    `fit` of this library's models sets `epoch` of every `Batches`; elsewhere it advances with every
    epoch of Keras. Subclasses implement `_batch`, whose randomness likewise depends on (seed, epoch,
    index) only.

    `plan` makes batches of different sizes, which run through one order after the other without a
    break. It is a function of the number of a batch, counted over all epochs, that returns the number
    of rows before the batch and the number of rows in it.

    Args:
        count: Rows per epoch.
        batch_size: Rows per batch, at most `count`. Rows that do not fill a last batch are dropped.
        shuffle: Whether each epoch has its own order.
        seed: Non-negative integer for the orders.

    Raises:
        ValueError: If there are too few rows for one batch.
    """

    def __init__(self, count: int, batch_size: int, shuffle: bool, seed: int):
        super().__init__()
        self.count = count
        self.batch_size = checks.positive_integer("batch_size", batch_size)
        if count < self.batch_size:
            raise ValueError(
                "Argument `batch_size` must be at most the number of images, as a partial batch "
                f"is dropped. Received: batch_size={self.batch_size} with {count} images. "
                f"Pass batch_size={count} or less, or more images."
            )
        self.shuffle = bool(shuffle)
        self.seed = checks.non_negative_integer("seed", seed)
        self._cached_order = (None, None)
        self.plan: Callable[[int], tuple[int, int]] | None = None
        self.epoch = 0

    @property
    def num_batches(self) -> int:
        """Full batches per epoch."""
        return self.count // self.batch_size

    def __len__(self) -> int:
        return self.num_batches

    def on_epoch_end(self) -> None:
        """Advance to the order of the next epoch."""
        self.epoch += 1

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        for index in range(len(self)):
            yield self[index]

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"Batch {index} of a dataset of {len(self)} batches.")
        return self._batch(index % len(self))

    def _batch(self, index: int) -> tuple[np.ndarray, ...]:
        """Return batch `index` of this epoch, with `index` in 0..len(self) - 1."""
        raise NotImplementedError

    def _augment(
        self, index: int, *arrays: np.ndarray, factor: float = 1.0, flip: bool, shared: bool = True
    ) -> list[np.ndarray]:
        """Return the images of batch `index` with random crops and flips.

        Args:
            index: Number of the batch in this epoch.
            *arrays: Images `(n, h, w, c)`, uint8 or float32 in [-1, 1], of the same n, h and w.
            factor: Enlargement before the crop. 1.0 for no crop.
            flip: Whether half of the images are flipped.
            shared: Whether all arrays get the same crops and flips.
        """
        if factor == 1.0 and not flip:
            return list(arrays)
        rng = np.random.default_rng((self.seed, self.epoch, _AUGMENTATION_STREAM, index))
        result, augmentation = [], None
        for images in arrays:
            if augmentation is None or not shared:
                augmentation = jitters.sample(rng, len(images), images.shape[1:], factor, flip)
            result.append(jitters.augment(images, augmentation, factor))
        return result

    def _corners(self, index: int, most: tuple[int, int], sets: int) -> np.ndarray:
        """Return (top, left) of each image of batch `index`, random up to and with `most`.

        Returns:
            `(sets, n, 2)`.
        """
        rng = np.random.default_rng((self.seed, self.epoch, _CROP_STREAM, index))
        return rng.integers(0, most, size=(sets, self._rows(index).shape[-1], 2), endpoint=True)

    def _order(self, epoch: int) -> np.ndarray:
        """Return the rows of an epoch, `(..., count)`."""
        if not self.shuffle:
            return np.arange(self.count)
        return np.random.default_rng((self.seed, epoch)).permutation(self.count)

    def _rows(self, index: int) -> np.ndarray:
        """Return the rows of batch `index` of this epoch, `(..., size)`."""
        if self.plan is None:
            start = index * self.batch_size
            return self._order_of(self.epoch)[..., start : start + self.batch_size]
        start, size = self.plan(self.epoch * len(self) + index)
        positions, parts = np.arange(start, start + size), []
        for epoch in range(start // self.count, positions[-1] // self.count + 1):
            of_epoch = positions[positions // self.count == epoch] % self.count
            parts.append(self._order_of(epoch)[..., of_epoch])
        return np.concatenate(parts, -1)

    def _order_of(self, epoch: int) -> np.ndarray:
        """Return `_order(epoch)`, and cache the last one."""
        # Replaced as one tuple: Keras may call from several threads.
        cached_epoch, order = self._cached_order
        if cached_epoch != epoch:
            order = self._order(epoch)
            self._cached_order = (epoch, order)
        return order
