"""What `paired` and `unpaired` take, read as two arrays."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from keras_gan_zoo.data import arguments, made_inputs, pair_files
from keras_gan_zoo.data.archives import read_npz_pair
from keras_gan_zoo.data.pair_files import Arrays, Size
from keras_gan_zoo.data.pictures import adapt, check_images
from keras_gan_zoo.data.sources import describe, folder_of, read

Images = str | os.PathLike | np.ndarray


class Wanted(NamedTuple):
    """What is wanted of a source.

    Args:
        size: (height, width), or None for "as it is".
        split: Name of the split.
        channels: 1, 3 or None for "as it is", of each of the two sets.
        samples: At most so many of each; None means all.
        aspect: One of `arguments.ASPECTS`.
    """

    size: Size
    split: str
    channels: tuple[int | None, int | None]
    samples: int | None
    aspect: str


def _archive(source: Any) -> Path | None:
    """Returns the path of an .npz file, or None if the source is none."""
    path = Path(source).expanduser() if isinstance(source, str | os.PathLike) else None
    return path if path is not None and path.is_file() and path.suffix == ".npz" else None


def read_set(name: str, source: Images, wanted: Wanted, which: int) -> np.ndarray:
    """Reads one set of images, from the sub-folder of the split where a folder has one.

    Args:
        name: What the argument is called that `source` came in, for the messages.
        source: Whatever `load` takes.
        wanted: What is wanted of it.
        which: 0 or 1, the set that it is.
    """
    size, split, channels, samples, aspect = wanted
    folder = folder_of(source)
    if folder is not None:
        source, split = pair_files.split_folder(folder, split), "train"
    return read(source, size, split, channels[which], samples, name, aspect).images


def read_made(source: Images, make: str | Callable[[np.ndarray], np.ndarray], wanted: Wanted) -> Arrays:
    """Reads pictures and makes their inputs."""
    make = made_inputs.check(make)
    pictures = read_set("inputs", source, wanted, 1)
    return adapt(made_inputs.made(pictures, make), None, wanted.channels[0]), pictures


def read_one(source: Images, wanted: Wanted) -> Arrays:
    """Reads a source that holds both halves of the pairs."""
    folder, archive = folder_of(source), _archive(source)
    if folder is not None:
        folder = pair_files.split_folder(folder, wanted.split)
        size, _, channels, samples, aspect = wanted
        return pair_files.read_side_by_side(folder, size, channels, samples, aspect)
    if archive is not None:
        split = arguments.split(wanted.split, archive.name)
        pair = read_npz_pair(archive, (f"input_{split}", f"target_{split}"), "inputs")
        return read_two(*pair, wanted._replace(split="train"))
    if not isinstance(source, np.ndarray):
        raise ValueError(
            "Argument `inputs` must, without `targets`, be a folder of pictures side by side, the path "
            "of an .npz file with 'input_train' and 'target_train', or an array of pictures side by "
            f"side. Received: inputs={describe(source)[:200]}. Pass `targets`, or `make` to make "
            "inputs from pictures."
        )
    return read_two(*_halves(check_images(source, "inputs")), wanted)


def _halves(pictures: np.ndarray) -> Arrays:
    if pictures.shape[2] % 2:
        raise ValueError(
            "Argument `inputs` must, without `targets`, be pictures side by side, of an even width. "
            f"Received: shape {pictures.shape}. Pass `targets`, or `make` to make inputs from pictures."
        )
    if pictures.shape[1] == pictures.shape[2]:
        pair_files.warn_of_squares("these images")
    return pair_files.halves(pictures)


def read_two(inputs: Images, targets: Images, wanted: Wanted) -> Arrays:
    """Reads two sources whose images belong together."""
    size, split, channels, samples, aspect = wanted
    folders = tuple(map(folder_of, (inputs, targets)))
    if all(folders):
        folders = tuple(pair_files.split_folder(folder, split) for folder in folders)
        return pair_files.read_matched(folders, size, channels, samples, aspect)
    if any(folders):
        raise ValueError(
            "Arguments `inputs` and `targets` must both be folders, or none of them, as pictures in "
            f"folders are paired by their names. Received: inputs={describe(inputs)[:200]}, "
            f"targets={describe(targets)[:200]}."
        )
    first = read(inputs, size, split, channels[0], None, "inputs", aspect).images
    second = read(targets, size, split, channels[1], None, "targets", aspect).images
    if len(first) != len(second):  # thinned, they could be equally many: `PairDataset` refuses these
        return first, second
    chosen = arguments.spread(len(first), samples)
    return (first, second) if len(chosen) == len(first) else (first[chosen], second[chosen])


def both_domains(a: Images, split: str) -> tuple[Images, Images]:
    """Returns the two sets that an .npz file or a folder holds."""
    arguments.split(split, "`a`")
    names = f"{split}A", f"{split}B"
    folder, archive = folder_of(a), _archive(a)
    if archive is not None:
        return read_npz_pair(archive, names, "a")
    if folder is not None and all((folder / name).is_dir() for name in names):
        return folder / names[0], folder / names[1]
    raise ValueError(
        f"Argument `a` must, without `b`, be the path of an .npz file with the arrays {names[0]!r} and "
        f"{names[1]!r}, or of a folder with sub-folders of these names. Received: "
        f"a={describe(a)[:200]}. Pass `b`, or another `split`."
    )
