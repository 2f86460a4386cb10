"""`degraded`: pairs of images of low and of high resolution."""

import numpy as np

from keras_gan_zoo.data import pair_sources
from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pair_sources import Images
from keras_gan_zoo.data.pictures import adapt
from keras_gan_zoo.data.reading import read_options
from keras_gan_zoo.utils import checks


def degraded(
    source: Images,
    scale: int = 4,
    *,
    crop: int | tuple[int, int] | None = None,
    image_size: int | tuple[int, int] | None = None,
    batch_size: int = 16,
    split: str = "train",
    channels: int | None = None,
    shuffle: bool = True,
    seed: int = 0,
    samples: int | None = None,
    flip: bool = False,
    aspect: str = "stretch",
) -> PairDataset:
    """Load images as pairs of low and high resolution, for `SRGAN`.

    The targets are the images, the inputs the same images made smaller by antialiased bicubic
    resampling, as in the papers of super-resolution.

    Args:
        source: Any source of `load`, or a folder with sub-folders train, val and test.
        scale: Integer of 2 or more, sides of the targets divided by those of the inputs. Images whose
            sides are no multiples of it lose their last rows and columns.
        crop: Side, or (height, width), of random crops of the targets in batches, a multiple of
            `scale`. The papers take 96 and 128. `None` for whole images.
        image_size: Size of the targets before the crop. `None` keeps the size of the source, whose
            images must then have one size.
        batch_size: Pairs per batch. A last partial batch is dropped.
        split, channels, shuffle, seed, samples, flip, aspect: See `paired`.

    Returns:
        A `PairDataset` with this `scale`.

    Raises:
        ValueError: If an argument or the source is not usable; the message names a remedy.
        ConnectionError, ImportError: See `load`.

    Example:

    >>> dataset = degraded("digits", scale=4, image_size=64, crop=32, samples=200)
    >>> dataset.input_shape, dataset.target_shape
    ((8, 8, 1), (32, 32, 1))
    """
    checks.positive_integer("batch_size", batch_size)
    if checks.integer(scale) is None or scale < 2:
        raise ValueError(
            f"Argument `scale` must be an integer of 2 or more. Received: scale={scale!r}. Pass 2 or 4."
        )
    options = read_options(image_size, split, channels, samples, aspect)
    targets = pair_sources.read_set("source", source, options)
    height, width = (side // scale for side in targets.shape[1:3])
    if not height or not width:
        raise ValueError(
            f"Argument `scale` must be at most the shorter side of the images. Received: scale={scale} "
            f"with images of {targets.shape[1:3]}."
        )
    targets = targets[:, : height * scale, : width * scale]
    inputs = adapt(np.ascontiguousarray(targets), (height, width), None)
    return PairDataset(inputs, targets, batch_size, shuffle=shuffle, seed=seed, flip=flip, crop=crop)
