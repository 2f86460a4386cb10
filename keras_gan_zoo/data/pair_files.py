"""Pairs of pictures in files: side by side in one file, or of the same name in two folders."""

from pathlib import Path

import numpy as np
from PIL import ImageOps

from keras_gan_zoo.data.folder import decode, find_pictures, warn_of_skipped
from keras_gan_zoo.data.messages import warn
from keras_gan_zoo.data.pictures import Transparency, adapt, from_pillow, open_picture, read_picture
from keras_gan_zoo.data.reading import ReadOptions, check_split, select

Arrays = tuple[np.ndarray, np.ndarray]
PairOptions = tuple[ReadOptions, ReadOptions]  # of the two sets, which differ in `channels` only

_SPLITS = ("train", "val", "test")


def split_folder(folder: Path, split: str) -> Path:
    """Return the sub-folder `split`, or, for "train", a folder without such sub-folders itself.

    Raises:
        ValueError: If there is no such sub-folder, and the folder has other splits or `split` is not
            "train".
    """
    check_split(split, str(folder))
    if (folder / split).is_dir():
        return folder / split
    others = [name for name in _SPLITS if (folder / name).is_dir()]
    if split == "train" and not others:
        return folder
    rule = f"one of {others}" if others else "'train', as the folder has no sub-folders for splits"
    raise ValueError(
        f"Argument `split` must be {rule}. Received: split={split!r} for {str(folder)!r}. Pass "
        "another, or the folder of the pictures themselves."
    )


def read_matched(folders: tuple[Path, Path], options: PairOptions) -> Arrays:
    """Read the pictures of the same name, up to the extension, in two folders.

    Args:
        folders: Folders of the inputs and of the targets; names are relative to them, at any depth.
        options: See `ReadOptions`. `channels=None` means 3, `samples` limits the pairs.

    Raises:
        ValueError: If a picture has no partner, two have the same name, none can be read, or sizes
            differ without a `size`.
    """
    names = ("inputs", "targets")
    paths = [_by_stem(*pair) for pair in zip(folders, names, strict=True)]
    _check_partners(*paths)
    stems = sorted(paths[0])
    stems = [stems[i] for i in select(len(stems), options[0].samples, "inputs", "pairs")]
    images, skipped = [], set()
    for folder, name, by_stem, chosen in zip(folders, names, paths, options, strict=True):
        settings = (chosen.size, chosen.channels or 3, chosen.aspect)
        files = [by_stem[stem] for stem in stems]
        array, unreadable = decode(
            files, folder, name, lambda path, seen, s=settings: read_picture(path, *s, seen)
        )
        warn_of_skipped(unreadable, files, folder, also=", and their partners")
        images.append(array)
        skipped |= set(unreadable)
    return _without_skipped(images, skipped, folders)


def read_side_by_side(folder: Path, options: PairOptions) -> Arrays:
    """Read pictures that consist of a left and a right half.

    Args:
        folder: Folder of the pictures, at any depth.
        options: See `ReadOptions`, for the left and the right halves. `channels=None` means 3.

    Raises:
        ValueError: If no picture can be read, or sizes differ without a `size`.
    """
    size, aspect = options[0].size, options[0].aspect
    left, right = (chosen.channels or 3 for chosen in options)
    files = find_pictures(folder, "inputs")
    files = [files[i] for i in select(len(files), options[0].samples, "inputs", "pairs")]
    sizes: set[tuple[int, int]] = set()

    def read(path: Path, transparency: Transparency) -> np.ndarray:
        with open_picture(path) as image:
            ImageOps.exif_transpose(image, in_place=True)
            pixels = from_pillow(image, None, max(left, right), transparency=transparency)
        sizes.add(pixels.shape[:2])
        return adapt(np.stack(halves(pixels)), size, None, aspect)

    images, skipped = decode(files, folder, "inputs", read)
    warn_of_skipped(skipped, files, folder)
    if all(height == width for height, width in sizes):
        warn_of_squares(f"the pictures in {str(folder)!r}")
    images = images[[i for i in range(len(files)) if i not in skipped]] if skipped else images
    return adapt(images[:, 0], None, left), adapt(images[:, 1], None, right)


def halves(images: np.ndarray) -> Arrays:
    """Return the left and the right half of images `(..., h, 2w, c)`."""
    width = images.shape[-2]
    if width % 2:
        raise ValueError(f"pictures side by side need an even width, not {width}")
    return images[..., : width // 2, :], images[..., width // 2 :, :]


def warn_of_squares(pictures: str) -> None:
    """Warn that square `pictures` are unlikely to consist of two halves."""
    warn(
        f"Without `targets`, inputs and targets are the halves of each picture, but {pictures} are as "
        "wide as high. If they are not side by side, pass `targets`, or make='edges' or 'grey'."
    )


def _by_stem(folder: Path, name: str) -> dict[str, Path]:
    """Return the pictures of a folder by their relative path without the extension."""
    paths: dict[str, Path] = {}
    for path in find_pictures(folder, name):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in paths:
            raise ValueError(
                f"Argument `{name}` must be a folder whose pictures differ in more than the extension. "
                f"Received: {paths[stem].name!r} and {path.name!r} in {str(path.parent)!r}. Remove one."
            )
        paths[stem] = path
    return paths


def _check_partners(inputs: dict[str, Path], targets: dict[str, Path]) -> None:
    only_inputs, only_targets = set(inputs) - set(targets), set(targets) - set(inputs)
    if only_inputs or only_targets:
        raise ValueError(
            "Each picture must have a partner of the same name, up to the extension, in the other "
            f"folder. Received: without a partner, in `inputs` {_first(only_inputs)}; in "
            f"`targets` {_first(only_targets)}. Remove or rename them, or use `unpaired`."
        )


def _first(stems: set[str]) -> str:
    """Return the number of names, and the first of them."""
    if not stems:
        return "none"
    shown = ", ".join(map(repr, sorted(stems)[:5]))
    return f"{len(stems)} ({shown}{', ...' if len(stems) > 5 else ''})"


def _without_skipped(images: list[np.ndarray], skipped: set[int], folders: tuple[Path, Path]) -> Arrays:
    """Return both arrays without the rows in `skipped`."""
    if not skipped:
        return images[0], images[1]
    kept = [i for i in range(len(images[0])) if i not in skipped]
    if not kept:
        raise ValueError(
            "No pair is left, as a picture of each pair cannot be read. Received: "
            f"inputs={str(folders[0])!r}, targets={str(folders[1])!r}. Replace the files that the "
            "warnings name."
        )
    return images[0][kept], images[1][kept]
