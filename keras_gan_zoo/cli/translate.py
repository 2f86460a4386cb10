"""`keras-gan-zoo translate`: a folder of pictures through an image-to-image model."""

import sys
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    check_model_file,
    import_keras,
    load_model,
    positive,
    reported,
    size,
)
from keras_gan_zoo.utils import files


def add_translate(command):
    """Arguments of `translate`."""
    add = command.add_argument
    add("model", type=Path, metavar="MODEL.keras")
    add("source", type=Path, metavar="IN_DIR", help="pictures, also in sub-folders")
    add("out", type=Path, metavar="OUT_DIR", help="for pictures of the same names")
    add("--direction", default="a_to_b", help="a_to_b, or b_to_a where a model has it")
    add("--image-size", type=size, metavar="N|HxW", help="default: what the model was trained with")
    add("--batch-size", type=positive, default=8)
    add("--seed", type=int, default=0, help="of what the model draws itself (default: %(default)s)")
    add_backend(command)
    command.set_defaults(run=run_translate)


def run_translate(arguments) -> int:
    """Write a picture for each one in a folder; go on after those that cannot be read."""
    if not arguments.source.is_dir():
        raise UsageError(f"IN_DIR must be a folder. Received: {arguments.source}")
    check_model_file(arguments.model)
    import_keras()
    from keras_gan_zoo.data import folder
    from keras_gan_zoo.models.image_to_image.base import ImageToImage

    with reported():
        found = folder.find_pictures(arguments.source, "IN_DIR")
        targets = [arguments.out / path.relative_to(arguments.source) for path in found]
        _check_targets(found, targets)
        files.writable_folder(arguments.out, "OUT_DIR")
        model = load_model(arguments.model)
        if not isinstance(model, ImageToImage):
            raise UsageError(
                f"{arguments.model} holds a {type(model).__name__}, which makes images from noise: use "
                "`keras-gan-zoo generate`"
            )
        channels = model.network(arguments.direction).input_shape[-1]
        if channels not in (1, 3):
            raise UsageError(f"pictures are grey or RGB; this model takes {channels} channels")
        wanted = arguments.image_size or model.image_shape[:2]
        sides = (wanted, wanted) if isinstance(wanted, int) else wanted
        skipped = 0
        for start in range(0, len(found), arguments.batch_size):
            part = slice(start, start + arguments.batch_size)
            read = list(_read(found[part], targets[part], sides, channels))
            skipped += len(found[part]) - len(read)
            _write(model, read, arguments)
            print(
                f"\r{min(start + arguments.batch_size, len(found))} of {len(found)}", end="", flush=True
            )
    print(f"\n{arguments.out}: {len(found) - skipped} pictures, {skipped} skipped")
    return 0 if skipped < len(found) else 2


def _check_targets(found, targets):
    """Refuse to write over what is to be read."""
    inputs = {path.resolve() for path in found}
    clash = next((path for path in targets if path.resolve() in inputs), None)
    if clash is not None:
        raise UsageError(f"OUT_DIR must not be where the pictures are: {clash} is one of them")


def _read(paths, targets, sides, channels):
    """(array, target) for each picture that can be read."""
    from keras_gan_zoo.data.pictures import read_picture

    for path, target in zip(paths, targets, strict=True):
        try:
            yield read_picture(path, sides, channels), target
        except Exception as error:
            # Pillow's decoders raise whatever a broken file makes them run into.
            print(f"\nkeras-gan-zoo: warning: skipped {path}: {str(error)[:100]}", file=sys.stderr)


def _write(model, read, arguments):
    import numpy as np

    from keras_gan_zoo.data.pictures import scaled
    from keras_gan_zoo.plots import grids

    if not read:
        return
    images = scaled(np.stack([picture for picture, _ in read]))
    made = model.translate(images, arguments.direction, arguments.seed, arguments.batch_size)
    for image, (_, target) in zip(made, read, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        grids.save(grids.picture(image), target)
