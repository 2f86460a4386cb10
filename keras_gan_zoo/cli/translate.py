"""`keras-gan-zoo translate`: apply an image-to-image model to a folder of pictures."""

import sys
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    import_keras,
    load_model,
    non_negative,
    positive,
    reported,
    size,
)
from keras_gan_zoo.utils import files


def add_translate(command):
    """Add the arguments of `translate`."""
    add_model(command)
    add = command.add_argument
    add("in_dir", type=Path, metavar="IN_DIR", help="folder of pictures, also in sub-folders")
    add("out_dir", type=Path, metavar="OUT_DIR", help="folder for the results, with the same names")
    add("--direction", default="a_to_b", help="a_to_b, or b_to_a of models with two domains")
    add("--image-size", type=size, metavar="N|HxW", help="default: the size of the training images")
    add("--batch-size", type=positive, default=8, help="default: %(default)s")
    add("--seed", type=non_negative, default=0, help="of the model's dropout (default: %(default)s)")
    add_backend(command)
    command.set_defaults(run=run_translate)


def run_translate(arguments) -> int:
    """Translate every picture of a folder, and skip those that cannot be read."""
    if not arguments.in_dir.is_dir():
        raise UsageError(f"IN_DIR must be a folder. Received: {arguments.in_dir}")
    check_model_file(arguments.model)
    import_keras()
    from keras_gan_zoo.data import folder
    from keras_gan_zoo.models.image_to_image.base import ImageToImage

    with reported():
        paths = folder.find_pictures(arguments.in_dir, "IN_DIR")
        targets = [arguments.out_dir / path.relative_to(arguments.in_dir) for path in paths]
        _check_targets(paths, targets)
        files.writable_folder(arguments.out_dir, "OUT_DIR")
        model = load_model(arguments.model)
        if not isinstance(model, ImageToImage):
            raise UsageError(
                f"{arguments.model} holds a {type(model).__name__}, which makes images from noise: use "
                "`keras-gan-zoo generate`"
            )
        channels = model.network(arguments.direction).input_shape[-1]
        if channels not in (1, 3):
            raise UsageError(f"pictures are grey or RGB; this model takes {channels} channels")
        image_size = arguments.image_size or model.image_shape[:2]
        sides = (image_size, image_size) if isinstance(image_size, int) else image_size
        skipped = 0
        for start in range(0, len(paths), arguments.batch_size):
            part = slice(start, start + arguments.batch_size)
            batch = list(_read(paths[part], targets[part], sides, channels))
            skipped += len(paths[part]) - len(batch)
            _write(model, batch, arguments)
            done = min(start + arguments.batch_size, len(paths))
            print(f"\r{done} of {len(paths)}", end="", flush=True)
    print(f"\n{files.printable(arguments.out_dir)}: {len(paths) - skipped} pictures, {skipped} skipped")
    return 0 if skipped < len(paths) else 2


def _check_targets(paths, targets):
    """Refuse to overwrite input pictures."""
    inputs = {path.resolve() for path in paths}
    clash = next((path for path in targets if path.resolve() in inputs), None)
    if clash is not None:
        raise UsageError(f"OUT_DIR must not be where the pictures are: {clash} is one of them")


def _read(paths, targets, sides, channels):
    """Yield (array, target) for each picture that can be read."""
    from keras_gan_zoo.data.pictures import read_picture

    for path, target in zip(paths, targets, strict=True):
        try:
            yield read_picture(path, sides, channels), target
        except Exception as error:
            # Pillow's decoders raise errors of many types for broken files.
            text = files.printable(f"skipped {path}: {str(error)[:100]}")
            print(f"\nkeras-gan-zoo: warning: {text}", file=sys.stderr)


def _write(model, batch, arguments):
    import numpy as np

    from keras_gan_zoo.data.pictures import scaled
    from keras_gan_zoo.plots import grids

    if not batch:
        return
    images = scaled(np.stack([picture for picture, _ in batch]))
    translated = model.translate(images, arguments.direction, arguments.seed, arguments.batch_size)
    for image, (_, target) in zip(translated, batch, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        grids.save(grids.picture(image), target)
