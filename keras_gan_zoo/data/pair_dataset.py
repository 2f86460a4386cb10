"""`PairDataset`: two sets of images in memory, served as batches of both."""

import numpy as np

from keras_gan_zoo.data.batches import Batches
from keras_gan_zoo.data.jitter import jitter_factor
from keras_gan_zoo.data.pictures import check_images, scaled
from keras_gan_zoo.data.reading import check_image_size

# Parts of the seed of the orders of unpaired sets, to keep them independent.
_INPUTS_STREAM, _TARGETS_STREAM = 1, 2


class PairDataset(Batches):
    """Batches `(inputs, targets)`, float32 in [-1, 1], for `fit` on every backend.

    All randomness depends on (seed, epoch, batch) only: a run that resumes with the right `epoch` gets
    the same batches as without the interruption, as with `ImageDataset`.

    - `paired=True`: image i of one set belongs to image i of the other. Both get the same crop and
      flip.
    - `paired=False`: two sets of any lengths. An epoch is as long as the larger set, each image of
      which is served once; images of the smaller set are served equally often, plus or minus once.
      Pairs are drawn again for each epoch, crops and flips independently for each set.

    Images that do not fill a last batch are dropped; shuffling drops others each epoch.

    Args:
        inputs: `(n, h, w)` or `(n, h, w, c)` with 1 or 3 channels, uint8 in 0..255 or float in
            [-1, 1]. Kept unchanged, without a copy.
        targets: Likewise, of the same height and width, or both times the same integer, the `scale`;
            channels may differ.
        batch_size: Pairs per batch.
        paired: Whether images of the same index belong together.
        shuffle: Whether each epoch has its own order. Otherwise images keep their order, and the
            smaller set is repeated.
        seed: Non-negative integer for orders, pairs, crops and flips.
        jitter: Whether images are enlarged and randomly cropped to their size. `True` enlarges them
            by 286 / 256, as in pix2pix (Isola et al. 2016, arXiv 1611.07004), a number by this factor.
        flip: Whether images are flipped horizontally with probability 0.5.
        crop: Side, or (height, width), of random crops of the targets of each batch, a multiple of
            `scale`; the inputs are cropped at the same place, or, without pairs, at a place of
            their own. `None` for whole images.

    Attributes:
        inputs, targets: uint8 or float32 `(n, h, w, c)`, not cropped.
        scale: Sides of the targets divided by those of the inputs.
        input_shape, target_shape: (height, width, channels) of the images in batches.
        epoch: Current epoch, from 0 on. May be set.

    Raises:
        ValueError: If images are malformed, of different sizes or too few for one batch.

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
        crop: int | tuple[int, int] | None = None,
    ):
        self.inputs, self.targets = check_images(inputs, "inputs"), check_images(targets, "targets")
        self.paired = bool(paired)
        self.scale = self._check_sets()
        super().__init__(max(len(self.inputs), len(self.targets)), batch_size, shuffle, seed)
        self.jitter, self.flip = jitter_factor(jitter), bool(flip)
        self.crop = self._check_crop(check_image_size(crop, "crop"))

    def _check_crop(self, crop):
        whole = self.targets.shape[1:3]
        if self.jitter != 1.0 and (self.scale > 1 or crop is not None):
            raise ValueError(
                "Argument `jitter` must be False with `crop`, and for inputs that are smaller than the "
                f"targets. Received: jitter={self.jitter}. Pass `crop` for random crops."
            )
        if crop is None:
            return None
        if any(c > w or c % self.scale for c, w in zip(crop, whole, strict=True)):
            raise ValueError(
                f"Argument `crop` must be multiples of {self.scale} of at most {whole}, the size of "
                f"the targets. Received: crop={crop}. Pass for example "
                f"crop={min(whole) // self.scale * self.scale}."
            )
        return crop

    def _check_sets(self) -> int:
        (height, width), sides = self.inputs.shape[1:3], self.targets.shape[1:3]
        scale = max(1, sides[0] // height)
        if sides != (height * scale, width * scale) or not (self.paired or scale == 1):
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
        return scale

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the inputs in batches."""
        height, width, _ = self.target_shape
        return height // self.scale, width // self.scale, self.inputs.shape[3]

    @property
    def target_shape(self) -> tuple[int, int, int]:
        """(height, width, channels) of the targets in batches."""
        return (*(self.crop or self.targets.shape[1:3]), self.targets.shape[3])

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all `(inputs, targets)`: float32 in [-1, 1], neither cropped nor flipped."""
        return scaled(self.inputs), scaled(self.targets)

    def _order(self, epoch: int) -> np.ndarray:
        if self.paired:
            return super()._order(epoch)
        sets = ((self.inputs, _INPUTS_STREAM), (self.targets, _TARGETS_STREAM))
        return np.stack([self._repeated_order(len(images), epoch, stream) for images, stream in sets])

    def _repeated_order(self, n: int, epoch: int, stream: int) -> np.ndarray:
        """Return `count` rows out of n: whole orders of all rows, one after the other."""
        if not self.shuffle:
            return np.arange(self.count) % n
        rng = np.random.default_rng((self.seed, epoch, stream))
        orders = [rng.permutation(n) for _ in range(-(-self.count // n))]
        return np.concatenate(orders)[: self.count]

    def _batch(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Return `(inputs, targets)`: float32 in [-1, 1]."""
        rows = np.broadcast_to(self._rows(index), (2, self.batch_size))
        inputs, targets = self._augment(
            index,
            self.inputs[rows[0]],
            self.targets[rows[1]],
            factor=self.jitter,
            flip=self.flip,
            shared=self.paired,
        )
        if self.crop is not None:
            slack = np.subtract(self.inputs.shape[1:3], self.input_shape[:2])
            corners = self._corners(index, slack, sets=1 if self.paired else 2)
            inputs = _cropped(inputs, corners[0], self.input_shape)
            targets = _cropped(targets, corners[-1] * self.scale, self.target_shape)
        return scaled(inputs), scaled(targets)

    def __repr__(self) -> str:
        kind = "pairs" if self.paired else "unpaired images"
        counts = len(self.inputs) if self.paired else f"{len(self.inputs)} and {len(self.targets)}"
        return (
            f"<PairDataset of {counts} {kind} {self.input_shape} to {self.target_shape}, "
            f"{len(self)} batches of {self.batch_size}>"
        )


def _cropped(images: np.ndarray, corners: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    """Crop each of the images `(n, h, w, c)` to `shape`, from its corner (top, left) on."""
    height, width, _ = shape
    parts = zip(images, corners, strict=True)
    return np.stack([image[y : y + height, x : x + width] for image, (y, x) in parts])
