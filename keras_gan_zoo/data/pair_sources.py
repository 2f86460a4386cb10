"""Readers of the sources of `paired` and `unpaired`, which return two arrays."""

import os
from collections.abc import Callable

import numpy as np

from keras_gan_zoo.data import input_transforms, pair_files
from keras_gan_zoo.data.npz import read_npz_pair
from keras_gan_zoo.data.pair_files import Arrays, PairOptions
from keras_gan_zoo.data.pictures import adapt, check_images
from keras_gan_zoo.data.reading import ReadOptions, check_split, select
from keras_gan_zoo.data.sources import describe, folder_path, npz_path, read

Images = str | os.PathLike | np.ndarray


def read_set(name: str, source: Images, options: ReadOptions) -> np.ndarray:
    """Read one set of images, from the sub-folder of the split where a folder has one.

    Args:
        name: Name of the argument with the source, for the messages.
        source: Any source of `load`.
        options: See `ReadOptions`.
    """
    folder = folder_path(source)
    if folder is not None:
        source = pair_files.split_folder(folder, options.split)
        options = options._replace(split="train")
    return read(source, options, name).images


def read_with_transform(
    source: Images, make: str | Callable[[np.ndarray], np.ndarray], options: PairOptions
) -> Arrays:
    """Read target pictures and compute their inputs."""
    make = input_transforms.get(make)
    pictures = read_set("inputs", source, options[1])
    return adapt(input_transforms.apply(pictures, make), None, options[0].channels), pictures


def read_combined(source: Images, options: PairOptions) -> Arrays:
    """Read a single source that holds inputs and targets."""
    folder, archive, split = folder_path(source), npz_path(source), options[0].split
    if folder is not None:
        return pair_files.read_side_by_side(pair_files.split_folder(folder, split), options)
    if archive is not None:
        check_split(split, archive.name)
        arrays = read_npz_pair(archive, (f"input_{split}", f"target_{split}"), "inputs")
        return read_separate(*arrays, with_split(options, "train"))
    if not isinstance(source, np.ndarray):
        raise ValueError(
            "Argument `inputs` must, without `targets`, be a folder of pictures side by side, the path "
            "of an .npz file with 'input_train' and 'target_train', or an array of pictures side by "
            f"side. Received: inputs={describe(source)[:200]}. Pass `targets`, or `make` to compute "
            "inputs from pictures."
        )
    return read_separate(*_halves(check_images(source, "inputs")), options)


def with_split(options: PairOptions, split: str) -> PairOptions:
    """Return the options of both sets with another split."""
    return options[0]._replace(split=split), options[1]._replace(split=split)


def _halves(pictures: np.ndarray) -> Arrays:
    if pictures.shape[2] % 2:
        raise ValueError(
            "Argument `inputs` must, without `targets`, be pictures side by side, of an even width. "
            f"Received: shape {pictures.shape}. Pass `targets`, or `make` to compute inputs from "
            "pictures."
        )
    if pictures.shape[1] == pictures.shape[2]:
        pair_files.warn_of_squares("these images")
    return pair_files.halves(pictures)


def read_separate(inputs: Images, targets: Images, options: PairOptions) -> Arrays:
    """Read two sources whose images belong together."""
    folders = tuple(map(folder_path, (inputs, targets)))
    if all(folders):
        folders = tuple(pair_files.split_folder(folder, options[0].split) for folder in folders)
        return pair_files.read_matched(folders, options)
    if any(folders):
        raise ValueError(
            "Arguments `inputs` and `targets` must both be folders, or none of them, as pictures in "
            f"folders are paired by their names. Received: inputs={describe(inputs)[:200]}, "
            f"targets={describe(targets)[:200]}."
        )
    # Selected afterwards: with `samples`, sets of different lengths could become equally long.
    first = read(inputs, options[0]._replace(samples=None), "inputs").images
    second = read(targets, options[1]._replace(samples=None), "targets").images
    if len(first) != len(second):
        return first, second  # for the error of `PairDataset`
    chosen = select(len(first), options[0].samples, "inputs", "pairs")
    return (first, second) if len(chosen) == len(first) else (first[chosen], second[chosen])


def split_domains(a: Images, split: str) -> tuple[Images, Images]:
    """Return the two sets of an .npz file or a folder with both domains."""
    check_split(split, "`a`")
    names = f"{split}A", f"{split}B"
    folder, archive = folder_path(a), npz_path(a)
    if archive is not None:
        return read_npz_pair(archive, names, "a")
    if folder is not None and all((folder / name).is_dir() for name in names):
        return folder / names[0], folder / names[1]
    raise ValueError(
        f"Argument `a` must, without `b`, be the path of an .npz file with the arrays {names[0]!r} and "
        f"{names[1]!r}, or of a folder with sub-folders of these names. Received: "
        f"a={describe(a)[:200]}. Pass `b`, or another `split`."
    )
