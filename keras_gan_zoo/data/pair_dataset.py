"""`PairDataset`: two sets of images in memory, served as batches of both."""

import numpy as np

from keras_gan_zoo.data import jitter as jitters
from keras_gan_zoo.data.batches import MOVES, Batches
from keras_gan_zoo.data.pictures import check_images, scaled

# What is drawn beside the order has a word of its own in the seed.
_INPUTS, _TARGETS = 1, 2


class PairDataset(Batches):
    """Batches `(inputs, targets)`, float32 in [-1, 1], for `fit` on every backend.

    All that is random follows from (seed, epoch, batch): a run that resumes with the right `epoch` sees
    the batches that it would have seen, as with `ImageDataset`.

    - `paired=True`: image i of one set belongs to image i of the other, and both are cropped and
      mirrored alike.
    - `paired=False`: two sets that need not be equally large. An epoch is as long as the larger one,
      of which every image is served once; of the smaller one all images are served equally often,
      give or take one. Who meets whom is drawn anew for each epoch, crops and mirror images are drawn
      for each set on its own.

    Images that do not fill a last batch are dropped; shuffling drops others each epoch.

    Args:
        inputs: `(n, h, w)` or `(n, h, w, c)` with 1 or 3 channels, uint8 in 0..255 or float in
            [-1, 1]. Kept as they are, without a copy.
        targets: Likewise, of the same height and width; channels may differ.
        batch_size: Pairs per batch.
        paired: Whether images of the same index belong together.
        shuffle: Whether each epoch has its own order. Without it, the images come in their order,
            the smaller set again and again.
        seed: Non-negative integer that picks orders, pairs, crops and mirror images.
        jitter: Whether images are enlarged and cropped at random to their size: True enlarges them
            by 286 / 256, as in pix2pix (Isola et al. 2016, arXiv 1611.07004), a number by that much.
        flip: Whether every other image, at random, is mirrored.

    Attributes:
        inputs, targets: uint8 or float32 `(n, h, w, c)`.
        epoch: The epoch that is served, from 0 on; it may be set.

    Raises:
        ValueError: If images are malformed, do not fit together or are too few for one batch.

    Example:

    >>> grey, colour = np.zeros((9, 32, 32), "uint8"), np.zeros((9, 32, 32, 3), "uint8")
    >>> dataset = PairDataset(grey, colour, batch_size=4, jitter=True, flip=True)
    >>> len(dataset), dataset.input_shape, dataset.target_shape
    (2, (32, 32, 1), (32, 32, 3))
    """

    def __init__(
        self,
        inputs: np.ndarray,
        targets: np.ndarray,
        batch_size: int = 1,
        *,
        paired: bool = True,
        shuffle: bool = True,
        seed: int = 0,
        jitter: bool | float = False,
        flip: bool = False,
    ):
        self.inputs, self.targets = check_images(inputs, "inputs"), check_images(targets, "targets")
        self.paired = bool(paired)
        self._check_sets()
        super().__init__(max(len(self.inputs), len(self.targets)), batch_size, shuffle, seed)
        self.jitter, self.flip = jitters.factor(jitter), bool(flip)

    def _check_sets(self) -> None:
        if self.inputs.shape[1:3] != self.targets.shape[1:3]:
            raise ValueError(
                "Both sets of images must have one height and width. Received: "
                f"{self.inputs.shape[1:3]} and {self.targets.shape[1:3]}. Load them with `image_size`."
            )
        if self.paired and len(self.inputs) != len(self.targets):
            raise ValueError(
                "Paired sets must have as many inputs as targets. Received: "
                f"{len(self.inputs)} inputs and {len(self.targets)} targets. Remove those without a "
                "partner, or use `unpaired` for images that do not belong together."
            )

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the first half of every batch."""
        return self.inputs.shape[1:]

    @property
    def target_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the second half of every batch."""
        return self.targets.shape[1:]

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns all `(inputs, targets)`: float32 in [-1, 1], neither cropped nor mirrored."""
        return scaled(self.inputs), scaled(self.targets)

    def _order(self, epoch: int) -> np.ndarray:
        if self.paired:
            return super()._order(epoch)
        sets = ((self.inputs, _INPUTS), (self.targets, _TARGETS))
        return np.stack([self._cover(len(images), epoch, word) for images, word in sets])

    def _cover(self, n: int, epoch: int, word: int) -> np.ndarray:
        """Returns `count` rows out of n: all of them, then all again."""
        if not self.shuffle:
            return np.arange(self.count) % n
        rng = np.random.default_rng((self.seed, epoch, word))
        rounds = [rng.permutation(n) for _ in range(-(-self.count // n))]
        return np.concatenate(rounds)[: self.count]

    def _batch(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns `(inputs, targets)`: float32 in [-1, 1]."""
        rows = np.broadcast_to(self._rows(index), (2, self.batch_size))
        batch = self.inputs[rows[0]], self.targets[rows[1]]
        if self.jitter > 1 or self.flip:
            rng = np.random.default_rng((self.seed, self.epoch, MOVES, index))
            moves = self._draw(rng)
            moves = (moves, moves if self.paired else self._draw(rng))
            batch = (jitters.move(*half, self.jitter) for half in zip(batch, moves, strict=True))
        inputs, targets = map(scaled, batch)
        return inputs, targets

    def _draw(self, rng: np.random.Generator) -> jitters.Moves:
        return jitters.draw(rng, self.batch_size, self.input_shape, self.jitter, self.flip)

    def __repr__(self) -> str:
        what = "pairs" if self.paired else "unpaired images"
        counts = len(self.inputs) if self.paired else f"{len(self.inputs)} and {len(self.targets)}"
        return (
            f"<PairDataset of {counts} {what} {self.input_shape} to {self.target_shape}, "
            f"{len(self)} batches of {self.batch_size}>"
        )
