"""Pairs of pictures in files: side by side in one, or under the same name in two folders."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from keras_gan_zoo.data import arguments
from keras_gan_zoo.data.folder import decode, find, report
from keras_gan_zoo.data.pictures import adapt, from_pillow, read_picture
from keras_gan_zoo.data.progress import warn

Size = tuple[int, int] | None
Arrays = tuple[np.ndarray, np.ndarray]

_SPLITS = ("train", "val", "test")


def split_folder(folder: Path, split: str) -> Path:
    """Returns the sub-folder `split`, or, for "train", a folder without such sub-folders itself.

    Raises:
        ValueError: If there is no such sub-folder, and the folder is divided or not all "train".
    """
    arguments.split(split, str(folder))
    if (folder / split).is_dir():
        return folder / split
    others = [name for name in _SPLITS if (folder / name).is_dir()]
    if split == "train" and not others:
        return folder
    rule = f"one of {others}" if others else "'train', as the folder has no sub-folders for splits"
    raise ValueError(
        f"Argument `split` must be {rule}. Received: split={split!r} for {str(folder)!r}. Pass "
        "another, or the folder of the pictures that are wanted."
    )


def read_matched(
    folders: tuple[Path, Path],
    size: Size,
    channels: tuple[int | None, int | None],
    samples: int | None,
    aspect: str,
) -> Arrays:
    """Reads the pictures that have the same name, up to the extension, in two folders.

    Args:
        folders: Of the inputs and of the targets; names count from there on, at any depth.
        size: (height, width), or None when all pictures have one size.
        channels: 1 or 3 for each of them; None means 3.
        samples: At most this many pairs, evenly spaced; None means all.
        aspect: One of `arguments.ASPECTS`.

    Raises:
        ValueError: If a picture has no partner, two have the same name, none can be read, or sizes
            differ and `size` is None.
    """
    names = ("inputs", "targets")
    found = [_by_stem(*pair) for pair in zip(folders, names, strict=True)]
    _check_partners(found)
    stems = sorted(found[0])
    stems = [stems[i] for i in arguments.spread(len(stems), samples)]
    images, skipped = [], set()
    for folder, name, paths, count in zip(folders, names, found, channels, strict=True):
        files = [paths[stem] for stem in stems]
        array, unreadable = decode(
            files, folder, name, lambda path, count=count: read_picture(path, size, count or 3, aspect)
        )
        report(unreadable, files, folder, also=", and their partners")
        images.append(array)
        skipped |= set(unreadable)
    return _without(images, skipped, folders)


def read_side_by_side(
    folder: Path,
    size: Size,
    channels: tuple[int | None, int | None],
    samples: int | None,
    aspect: str,
) -> Arrays:
    """Reads pictures that consist of a left and a right half.

    Args:
        folder: Where they are, at any depth.
        size: (height, width) of a half, or None when all have one size.
        channels: 1 or 3 for the left and the right half; None means 3.
        samples: At most this many pictures, evenly spaced; None means all.
        aspect: How halves of another shape become `size`, one of `arguments.ASPECTS`.

    Raises:
        ValueError: If no picture can be read, or sizes differ and `size` is None.
    """
    files = find(folder, "inputs")
    files = [files[i] for i in arguments.spread(len(files), samples)]
    left, right = (count or 3 for count in channels)
    sizes: set[tuple[int, int]] = set()

    def read(path: Path) -> np.ndarray:
        with Image.open(path) as image:
            image = from_pillow(ImageOps.exif_transpose(image), None, max(left, right))
        sizes.add(image.shape[:2])
        return adapt(np.stack(halves(image)), size, None, aspect)

    images, skipped = decode(files, folder, "inputs", read)
    report(skipped, files, folder)
    if all(height == width for height, width in sizes):
        warn_of_squares(f"the pictures in {str(folder)!r}")
    images = images[[i for i in range(len(files)) if i not in skipped]] if skipped else images
    return adapt(images[:, 0], None, left), adapt(images[:, 1], None, right)


def halves(images: np.ndarray) -> Arrays:
    """Returns the left and the right half of images `(..., h, 2w, c)`."""
    width = images.shape[-2]
    if width % 2:
        raise ValueError(f"pictures side by side need an even width, not {width}")
    return images[..., : width // 2, :], images[..., width // 2 :, :]


def warn_of_squares(what: str) -> None:
    """Warns that pictures do not look as if there were two in each."""
    warn(
        f"Without `targets`, inputs and targets are the halves of each picture, but {what} are as "
        "wide as high. If they are not side by side, pass `targets`, or make='edges' or 'grey'."
    )


def _by_stem(folder: Path, name: str) -> dict[str, Path]:
    """Returns the pictures of a folder by their path in it, without the extension."""
    found: dict[str, Path] = {}
    for path in find(folder, name):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        if stem in found:
            raise ValueError(
                f"Argument `{name}` must be a folder whose pictures differ in more than the extension. "
                f"Received: {found[stem].name!r} and {path.name!r} in {str(path.parent)!r}. Remove one."
            )
        found[stem] = path
    return found


def _check_partners(found: list[dict[str, Path]]) -> None:
    inputs, targets = map(set, found)
    if inputs != targets:
        raise ValueError(
            "Each picture must have a partner of the same name, up to the extension, in the other "
            f"folder. Received: without a partner, in `inputs` {_first(inputs - targets)}; in "
            f"`targets` {_first(targets - inputs)}. Remove or rename them, or use `unpaired`."
        )


def _first(stems: set[str]) -> str:
    """Returns how many names there are, and the first of them."""
    if not stems:
        return "none"
    shown = ", ".join(map(repr, sorted(stems)[:5]))
    return f"{len(stems)} ({shown}{', ...' if len(stems) > 5 else ''})"


def _without(images: list[np.ndarray], skipped: set[int], folders: tuple[Path, Path]) -> Arrays:
    """Returns both arrays without the rows in `skipped`."""
    if not skipped:
        return images[0], images[1]
    kept = [i for i in range(len(images[0])) if i not in skipped]
    if not kept:
        raise ValueError(
            "No pair is left: of each, a picture cannot be read. Received: "
            f"inputs={str(folders[0])!r}, targets={str(folders[1])!r}. Replace the files that the "
            "warnings name."
        )
    return images[0][kept], images[1][kept]
