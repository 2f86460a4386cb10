"""`paired` and `unpaired`: from the place of two sets of images to a `PairDataset`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan_zoo.data import arguments, pair_sources
from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pair_sources import Images, Wanted
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
    aspect: str = "stretch",
) -> PairDataset:
    """Loads pairs of images into memory and serves them as batches `(inputs, targets)` in [-1, 1].

    Args:
        inputs: With `targets`, one of

            - a folder, whose pictures have the same names, up to the extension, as those of the other.
            - an array `(n, h, w)` or `(n, h, w, c)`, uint8 in 0..255 or float in [-1, 1], or whatever
              else `load` takes; image i belongs to image i of the other.

            Alone, one of

            - a folder of pictures with the input on the left and the target on the right.
            - an array of such pictures, `(n, h, 2w, c)`.
            - the path of an `.npz` with `input_train`, `target_train`, `input_val`, ...

            With `make`, whatever `load` takes: the targets.
        targets: As `inputs`.
        image_size: Side, or (height, width), of an input and of a target. Other images are resized with
            antialiasing, as `aspect` says. None keeps the size.
        batch_size: Pairs per batch. A last partial batch is dropped.
        make: How inputs are made from pictures: `"grey"`, to learn to colour; `"edges"`, dark lines on
            white; or a function of an array `(n, h, w, c)` that returns one of as many images. It gets
            uint8, or float32 in [-1, 1] from a float array.
        direction: `"b_to_a"` makes inputs of the targets and the reverse.
        split: Name of a split of the `.npz`, or of a sub-folder. Arrays, and folders without the
            sub-folders train, val or test, are "train".
        channels: 1 for grey, 3 for RGB; a pair for (input, target); None keeps what the source has
            (a folder: RGB).
        shuffle: Whether each epoch has an order of its own.
        seed: Picks orders, crops and mirror images.
        samples: Use at most so many pairs, evenly spaced over the source. None means all.
        jitter: Whether both images of a pair are enlarged and cropped to their size at the same
            place, at random: True enlarges them by 286 / 256, as in pix2pix (Isola et al. 2016, arXiv
            1611.07004), a number by that much.
        flip: Whether every other pair, at random, is mirrored.
        aspect: How images of another shape become `image_size`, as in `load`.

    Returns:
        A `PairDataset`, with `input_shape` and `target_shape`. A picture that cannot be read is left
        out with its partner, and a warning names it.

    Raises:
        ValueError: If an argument or the source is not usable; the message says the way out.
        ConnectionError, ImportError: As `load`.

    Example:

    >>> dataset = paired("digits", image_size=32, make="edges", samples=200, jitter=True)
    >>> dataset.input_shape, dataset.target_shape, len(dataset)
    ((32, 32, 1), (32, 32, 1), 200)
    """
    checks.positive_integer("batch_size", batch_size)
    wanted = _wanted(image_size, split, channels, samples, aspect)
    swapped = checks.one_of("direction", direction, _DIRECTIONS) == "b_to_a"
    if swapped:
        wanted = wanted._replace(channels=wanted.channels[::-1])
    if make is not None and targets is not None:
        raise ValueError(
            "Argument `targets` must be None with `make`, which makes inputs from the pictures in "
            f"`inputs`. Received: targets={describe(targets)[:200]}. Leave out one of the two."
        )
    if make is not None:
        images = pair_sources.read_made(inputs, make, wanted)
    elif targets is None:
        images = pair_sources.read_one(inputs, wanted)
    else:
        images = pair_sources.read_two(inputs, targets, wanted)
    first, second = images[::-1] if swapped else images
    return PairDataset(first, second, batch_size, shuffle=shuffle, seed=seed, jitter=jitter, flip=flip)


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
    aspect: str = "stretch",
) -> PairDataset:
    """Loads two sets of images into memory and serves them as batches `(a, b)` in [-1, 1].

    An epoch is as long as the larger set, of which every image comes once; those of the smaller one
    come equally often. Who meets whom is drawn anew for each epoch.

    Args:
        a: With `b`, whatever `load` takes: a folder, an array, an `.npz` ... Alone, the path of an
            `.npz` with the arrays `trainA`, `trainB`, `testA`, `testB`, or of a folder with such
            sub-folders.
        b: Likewise.
        image_size, channels, split, shuffle, aspect: As in `paired`.
        batch_size: Images of each set per batch. A last partial batch is dropped.
        seed: Picks orders, who meets whom, crops and mirror images.
        samples: Use at most so many images of each set, evenly spaced. None means all.
        jitter, flip: As in `paired`, but drawn for each image on its own.

    Returns:
        A `PairDataset`; a is what it calls inputs, as in `input_shape`, and b its targets.

    Raises:
        ValueError: If an argument or a source is not usable; the message says the way out.
        ConnectionError, ImportError: As `load`.

    Example:

    >>> few, many = np.zeros((5, 32, 32, 3), "uint8"), np.zeros((8, 32, 32, 3), "uint8")
    >>> len(unpaired(few, many, batch_size=2))
    4
    """
    checks.positive_integer("batch_size", batch_size)
    wanted = _wanted(image_size, split, channels, samples, aspect)
    if b is None:
        a, b = pair_sources.both_domains(a, split)
        wanted = wanted._replace(split="train")
    first = pair_sources.read_set("a", a, wanted, 0)
    second = pair_sources.read_set("b", b, wanted, 1)
    arrangement = {"paired": False, "shuffle": shuffle, "seed": seed, "jitter": jitter, "flip": flip}
    return PairDataset(first, second, batch_size, **arrangement)


def _wanted(image_size: Any, split: str, channels: Any, samples: Any, aspect: Any) -> Wanted:
    """Checks the arguments that both loaders have."""
    pair = channels if isinstance(channels, tuple | list) and len(channels) == 2 else (channels,) * 2
    size = arguments.image_size(image_size)
    return Wanted(
        size,
        split,
        (arguments.channels(pair[0]), arguments.channels(pair[1])),
        None if samples is None else checks.positive_integer("samples", samples),
        arguments.aspect(aspect, size),
    )
