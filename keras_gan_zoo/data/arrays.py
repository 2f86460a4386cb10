"""Arrays and datasets of Keras as batches in an order that depends on a seed and the epoch only."""

import functools
from typing import Any

import keras
import numpy as np

from keras_gan_zoo.data.batches import Batches


class ArrayBatches(Batches):
    """Batches of one or more arrays, as Keras makes them: the last may be smaller.

    Args:
        arrays: Arrays or tensors of the same length; floats are converted to Keras' `floatx`.
        batch_size, shuffle, seed: See `Batches`.
    """

    def __init__(self, arrays: list[Any], batch_size: int, shuffle: bool, seed: int):
        self.arrays = [keras.ops.convert_to_numpy(array) for array in arrays]
        super().__init__(len(self.arrays[0]), batch_size, shuffle, seed)

    @property
    def num_batches(self) -> int:
        """Batches per epoch."""
        return -(-self.count // self.batch_size)

    @property
    def size_of_all_batches(self) -> int | None:
        """Rows of each batch, None if they differ."""
        return self.batch_size if self.plan is None and self.count % self.batch_size == 0 else None

    def _batch(self, index: int) -> tuple[np.ndarray, ...]:
        rows = self._rows(index)
        return tuple(_standard(array[rows]) for array in self.arrays)


def _standard(array):
    is_float = np.issubdtype(array.dtype, np.floating)
    return array.astype(keras.config.floatx(), copy=False) if is_float else array


class _Wrapped(keras.utils.PyDataset):
    """Base of datasets that change which batches, or which rows, of another one are read.

    Args:
        dataset: The other dataset.
    """

    def __init__(self, dataset: keras.utils.PyDataset):
        super().__init__(dataset.workers, dataset.use_multiprocessing, dataset.max_queue_size)
        self.dataset = dataset

    @property
    def num_batches(self) -> int | None:
        return self.dataset.num_batches

    def on_epoch_begin(self):
        self.dataset.on_epoch_begin()

    def on_epoch_end(self):
        self.dataset.on_epoch_end()


class OrderedBatches(_Wrapped):
    """The batches of a `keras.utils.PyDataset`, shuffled reproducibly.

    Keras itself shuffles them with Python's `random`, whose state is in no file.

    Args:
        dataset: The batches; where their number is None, they keep their order.
        shuffle: Whether each epoch has its own order.
        seed: Non-negative integer for the orders.

    Attributes:
        epoch: Current epoch, from 0 on; set by `fit`.
    """

    def __init__(self, dataset: keras.utils.PyDataset, shuffle: bool, seed: int):
        super().__init__(dataset)
        self.shuffle = shuffle
        self.seed = seed
        self.epoch = 0

    def __len__(self) -> int:
        return self.num_batches or 0

    def __getitem__(self, index: int):
        if self.shuffle and self.num_batches is not None:
            index = int(_permutation(self.seed, self.epoch, self.num_batches)[index])
        return self.dataset[index]


@functools.lru_cache(maxsize=2)
def _permutation(seed, epoch, count):
    return np.random.default_rng((seed, epoch)).permutation(count)


class Share(_Wrapped):
    """The rows of each batch that one process of a distributed training gets.

    Args:
        dataset: The whole batches, the same in all processes.
        process, count: Number of this process and of all.

    Raises:
        ValueError: When a batch is read: its rows cannot be divided among the processes.
    """

    def __init__(self, dataset: keras.utils.PyDataset, process: int, count: int):
        super().__init__(dataset)
        self.process = process
        self.count = count

    def __getitem__(self, index: int):
        return keras.tree.map_structure(self._rows, self.dataset[index])

    def _rows(self, array):
        rows, rest = divmod(len(array), self.count)
        if rest:
            raise ValueError(
                f"Argument `batch_size` must be a multiple of the {self.count} processes, and so must "
                f"the rows of the last batch. Received: a batch of {len(array)} rows."
            )
        return array[self.process * rows : (self.process + 1) * rows]


class Rest(_Wrapped):
    """The batches of a dataset from batch `start` on.

    Args:
        dataset: The batches.
        start: Number of the first batch.
    """

    def __init__(self, dataset: keras.utils.PyDataset, start: int):
        super().__init__(dataset)
        self.start = start
        self._is_started = False

    @property
    def num_batches(self) -> int | None:
        whole = self.dataset.num_batches
        return None if whole is None else whole - self.start

    @property
    def size_of_all_batches(self) -> int | None:
        return getattr(self.dataset, "size_of_all_batches", None)

    def __getitem__(self, index: int):
        return self.dataset[self.start + index]

    def on_epoch_end(self):
        # Keras calls it before the first epoch, too. For the end of this one, the next `fit` does.
        if not self._is_started:
            self._is_started = True
            self.dataset.on_epoch_end()
