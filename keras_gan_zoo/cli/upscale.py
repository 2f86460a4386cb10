"""`keras-gan-zoo upscale`: enlarge pictures with an SRGAN."""

from pathlib import Path

from keras_gan_zoo.cli.shared import (
    PICTURES,
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    check_picture,
    import_keras,
    load_model,
    positive,
    reported,
)
from keras_gan_zoo.utils import files


def add_upscale(command):
    """Add the arguments of `upscale`."""
    add_model(command)
    add = command.add_argument
    add("pictures", type=Path, nargs="+", metavar="PICTURE", help="picture files of any size")
    out = "folder for the results, as PICTURE.png; for one PICTURE also a picture file"
    add("--out", type=Path, required=True, metavar="PATH", help=out)
    tile = (
        "side of the tiles in pixels of PICTURE; smaller ones need less memory (default: %(default)s)"
    )
    add("--tile", type=positive, default=128, help=tile)
    add("--overwrite", action="store_true", help="replace existing results")
    add_backend(command)
    command.set_defaults(run=run_upscale)


def run_upscale(arguments) -> int:
    """Enlarge every picture."""
    targets = _targets(arguments)
    check_model_file(arguments.model)
    import_keras()
    import keras_gan_zoo as kgz
    from keras_gan_zoo.plots import grids

    with reported():
        model = load_model(arguments.model)
        if not isinstance(model, kgz.SRGAN):
            raise UsageError(f"{arguments.model} holds a {type(model).__name__}, not an SRGAN")
        channels, tile = model.image_shape[2], arguments.tile
        if channels not in (1, 3):
            raise UsageError(f"pictures are grey or RGB; this model takes {channels} channels")
        for path, target in zip(arguments.pictures, targets, strict=True):
            picture = kgz.data.picture(path, channels=channels)
            overlap = min(32, tile // 2)
            (enlarged,) = model.translate(picture[None], batch_size=1, tile=tile, overlap=overlap)
            grids.save(grids.picture(enlarged), target)
            print(files.printable(target))
    return 0


def _targets(arguments) -> list[Path]:
    """Return the file of each result.

    Raises:
        UsageError: a picture is missing, or a result would replace a file.
    """
    out, pictures = arguments.out, arguments.pictures
    for path in pictures:
        if not path.is_file():
            raise UsageError(f"there is no picture at {path}")
    if out.suffix.lower() in PICTURES and not out.is_dir():
        if len(pictures) > 1:
            raise UsageError(f"--out must be a folder for several pictures. Received: {out}")
        targets = [out]
        check_picture(out)
    else:
        targets = [out / f"{path.stem}.png" for path in pictures]
        with reported():
            files.writable_folder(out, "--out")
    if len(set(targets)) < len(targets):
        raise UsageError("two pictures have one name, and so would their results: pass them one by one")
    inputs = {path.resolve() for path in pictures}
    for target in targets:
        if target.resolve() in inputs:
            raise UsageError(f"--out must not be where the pictures are: {target} is one of them")
        if target.exists() and not arguments.overwrite:
            raise UsageError(f"{target} exists. Pass --overwrite to replace it, or another --out")
    return targets
