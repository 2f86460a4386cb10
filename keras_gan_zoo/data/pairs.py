"""`paired` and `unpaired`: a `PairDataset` from two sets of images."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan_zoo.data import pair_sources
from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pair_files import PairOptions
from keras_gan_zoo.data.pair_sources import Images
from keras_gan_zoo.data.reading import read_options
from keras_gan_zoo.data.sources import describe
from keras_gan_zoo.utils import checks

Channels = int | tuple[int | None, int | None] | None

_DIRECTIONS = ("a_to_b", "b_to_a")


def paired(
    inputs: Images,
    targets: Images | None = None,
    *,
    image_size: int | tuple[int, int] | None = None,
    batch_size: int = 1,
    make: str | Callable[[np.ndarray], np.ndarray] | None = None,
    direction: str = "a_to_b",
    split: str = "train",
    channels: Channels = None,
    shuffle: bool = True,
    seed: int = 0,
    samples: int | None = None,
    jitter: bool | float = False,
    flip: bool = False,
    crop: int | tuple[int, int] | None = None,
    aspect: str = "stretch",
) -> PairDataset:
    """Load pairs of images into memory and serve them as batches `(inputs, targets)` in [-1, 1].

    Args:
        inputs: With `targets`, one of

            - a folder, whose pictures have the same names, up to the extension, as those of the other.
            - an array `(n, h, w)` or `(n, h, w, c)`, uint8 in 0..255 or float in [-1, 1], or any other
              source of `load`; image i belongs to image i of the other.

            Alone, one of

            - a folder of pictures with the input on the left and the target on the right.
            - an array of such pictures, `(n, h, 2w, c)`.
            - the path of an `.npz` with `input_train`, `target_train`, `input_val`, ...

            With `make`, any source of `load`: the targets.
        targets: As `inputs`, or `None`.
        image_size: Side, or (height, width), of an input and of a target. Other images are resized with
            antialiasing, according to `aspect`. `None` keeps the size.
        batch_size: Pairs per batch. A last partial batch is dropped.
        make: Transform of pictures to inputs: `"grey"` for colourization; `"edges"` for dark lines on
            white; or a function of an array `(n, h, w, c)` that returns as many images. Its argument is
            uint8, or float32 in [-1, 1] for a float array. `None` for inputs from files or arrays.
        direction: `"a_to_b"`, or `"b_to_a"` to swap inputs and targets.
        split: Name of a split of the `.npz`, or of a sub-folder. Arrays, and folders without the
            sub-folders train, val or test, are "train".
        channels: 1 for grey, 3 for RGB; a pair for (input, target). `None` keeps the channels of the
            source (a folder: RGB).
        shuffle: Whether each epoch has its own order.
        seed: Seed of orders, crops and flips.
        samples: Maximum number of pairs, evenly spaced over the source. A source with fewer pairs
            gives all of them, and a warning. `None` for all.
        jitter: Whether both images of a pair are enlarged and cropped to their size at the same random
            place. `True` enlarges them by 286 / 256, as in pix2pix (Isola et al. 2016, arXiv
            1611.07004), a number by this factor.
        flip: Whether pairs are flipped horizontally with probability 0.5.
        crop: Side, or (height, width), of random crops of both images of a pair at the same place, for
            images that are too large for a training; `translate` takes whole ones. `None` for whole
            images.
        aspect: Fit of images of another shape to `image_size`, see `load`.

    Returns:
        A `PairDataset`, with `input_shape` and `target_shape`. Pictures that cannot be read are skipped
        with their partners, and named by a warning.

    Raises:
        ValueError: If an argument or the source is not usable; the message names a remedy.
        ConnectionError, ImportError: See `load`.

    Example:

    >>> dataset = paired("digits", image_size=32, make="edges", samples=200, jitter=True)
    >>> dataset.input_shape, dataset.target_shape, len(dataset)
    ((32, 32, 1), (32, 32, 1), 200)
    """
    checks.positive_integer("batch_size", batch_size)
    options = _pair_options(image_size, split, channels, samples, aspect)
    is_swapped = checks.one_of("direction", direction, _DIRECTIONS) == "b_to_a"
    if is_swapped:
        options = options[::-1]
    if make is not None and targets is not None:
        raise ValueError(
            "Argument `targets` must be None with `make`, which computes inputs from the pictures in "
            f"`inputs`. Received: targets={describe(targets)[:200]}. Leave out one of the two."
        )
    if make is not None:
        images = pair_sources.read_with_transform(inputs, make, options)
    elif targets is None:
        images = pair_sources.read_combined(inputs, options)
    else:
        images = pair_sources.read_separate(inputs, targets, options)
    first, second = images[::-1] if is_swapped else images
    return PairDataset(
        first, second, batch_size, shuffle=shuffle, seed=seed, jitter=jitter, flip=flip, crop=crop
    )


def unpaired(
    a: Images,
    b: Images | None = None,
    *,
    image_size: int | tuple[int, int] | None = None,
    batch_size: int = 1,
    split: str = "train",
    channels: Channels = None,
    shuffle: bool = True,
    seed: int = 0,
    samples: int | None = None,
    jitter: bool | float = False,
    flip: bool = False,
    crop: int | tuple[int, int] | None = None,
    aspect: str = "stretch",
) -> PairDataset:
    """Load two sets of images into memory and serve them as batches `(a, b)` in [-1, 1].

    An epoch is as long as the larger set, each image of which is served once; images of the smaller set
    are served equally often. Pairs are drawn again for each epoch.

    Args:
        a: With `b`, any source of `load`: a folder, an array, an `.npz` ... Alone, the path of an
            `.npz` with the arrays `trainA`, `trainB`, `testA`, `testB`, or of a folder with such
            sub-folders.
        b: Any source of `load`, or `None`.
        image_size, channels, split, shuffle, aspect: See `paired`.
        batch_size: Images of each set per batch. A last partial batch is dropped.
        seed: Seed of orders, pairs, crops and flips.
        samples: Maximum number of images of each set, evenly spaced. A smaller set gives all of its
            images, and a warning. `None` for all.
        jitter, flip, crop: See `paired`, but independent for each image.

    Returns:
        A `PairDataset`, with a as its inputs, such as in `input_shape`, and b as its targets.

    Raises:
        ValueError: If an argument or a source is not usable; the message names a remedy.
        ConnectionError, ImportError: See `load`.

    Example:

    >>> few, many = np.zeros((5, 32, 32, 3), "uint8"), np.zeros((8, 32, 32, 3), "uint8")
    >>> len(unpaired(few, many, batch_size=2))
    4
    """
    checks.positive_integer("batch_size", batch_size)
    options = _pair_options(image_size, split, channels, samples, aspect)
    if b is None:
        a, b = pair_sources.split_domains(a, split)
        options = pair_sources.with_split(options, "train")
    first = pair_sources.read_set("a", a, options[0])
    second = pair_sources.read_set("b", b, options[1])
    settings = {"shuffle": shuffle, "seed": seed, "jitter": jitter, "flip": flip, "crop": crop}
    return PairDataset(first, second, batch_size, paired=False, **settings)


def _pair_options(image_size: Any, split: str, channels: Any, samples: Any, aspect: Any) -> PairOptions:
    """Check the arguments that both loaders share; return the options of each set."""
    pair = channels if isinstance(channels, tuple | list) and len(channels) == 2 else (channels,) * 2
    first, second = (read_options(image_size, split, c, samples, aspect) for c in pair)
    return first, second
