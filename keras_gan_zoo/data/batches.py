"""`Batches`: what the datasets in memory share, an order of rows that repeats."""

from collections.abc import Callable, Iterator

import keras
import numpy as np

from keras_gan_zoo.utils import checks

# In the seed of what is drawn beside the order: crops, mirror images.
MOVES = 3


class Batches(keras.utils.PyDataset):
    """Full batches of rows in an order that follows from the seed and the epoch, and nothing else.

    `fit` of this library's models sets `epoch` of all that is a `Batches`; elsewhere it advances with
    every epoch of Keras. Subclasses give `_batch`, and whatever they draw at random follows from
    (seed, epoch, index) likewise.

    With `plan`, a function from the number of a batch, counted over all epochs, to how many rows came
    before it and how many it has, batches have different sizes, and run through one order after the
    other without a break.

    Args:
        count: Rows per epoch.
        batch_size: Rows per batch, at most `count`. What does not fill a last batch is dropped.
        shuffle: Whether each epoch has its own order.
        seed: Non-negative integer that picks the orders.

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
        self._kept = (None, None)
        self.plan: Callable[[int], tuple[int, int]] | None = None
        self.epoch = 0

    @property
    def num_batches(self) -> int:
        """Full batches per epoch."""
        return self.count // self.batch_size

    def __len__(self) -> int:
        return self.num_batches

    def on_epoch_end(self) -> None:
        """Go on to the order of the next epoch."""
        self.epoch += 1

    def __iter__(self) -> Iterator[tuple[np.ndarray, ...]]:
        for index in range(len(self)):
            yield self[index]

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"Batch {index} of a dataset of {len(self)} batches.")
        return self._batch(index % len(self))

    def _batch(self, index: int) -> tuple[np.ndarray, ...]:
        """Returns batch `index`, 0 or more, of this epoch."""
        raise NotImplementedError

    def _order(self, epoch: int) -> np.ndarray:
        """Returns the rows of an epoch, `(..., count)`."""
        if not self.shuffle:
            return np.arange(self.count)
        return np.random.default_rng((self.seed, epoch)).permutation(self.count)

    def _rows(self, index: int) -> np.ndarray:
        """Returns which rows make up batch `index` of this epoch, `(..., size)`."""
        if self.plan is None:
            start = index * self.batch_size
            return self._order_of(self.epoch)[..., start : start + self.batch_size]
        start, size = self.plan(self.epoch * len(self) + index)
        places, parts = np.arange(start, start + size), []
        for epoch in range(start // self.count, places[-1] // self.count + 1):
            parts.append(self._order_of(epoch)[..., places[places // self.count == epoch] % self.count])
        return np.concatenate(parts, -1)

    def _order_of(self, epoch: int) -> np.ndarray:
        """Returns `_order(epoch)`, of which the last one is kept."""
        # Replaced as one tuple: Keras may ask from several threads.
        key, order = self._kept
        if key != epoch:
            order = self._order(epoch)
            self._kept = (epoch, order)
        return order
