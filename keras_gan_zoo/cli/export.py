"""`keras-gan-zoo export`: write the generator of a model for another runtime."""

import argparse
from importlib import metadata
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    RunError,
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    import_keras,
    one_line,
    open_model,
    real,
    reported,
    size,
)
from keras_gan_zoo.export import formats
from keras_gan_zoo.utils import files


def add_export(command):
    """Add the arguments of `export`."""
    add_model(command)
    add = command.add_argument
    add("--to", required=True, choices=tuple(formats.FORMATS), help="format of the file")
    add("--out", type=Path, help="file to write (default: the name of the model, in this folder)")
    add("--uint8", action="store_true", help="images as integers in 0..255, not as floats in [-1, 1]")
    add("--direction", help="a_to_b, or b_to_a of models with two domains")
    sizes = "size of the images of models from images; any leaves it open (default: as in training)"
    add("--image-size", type=_size, metavar="N|HxW|any", help=sizes)
    factor = real("of any size", lambda number: True)
    add("--truncation", type=factor, metavar="PSI", help="of StyleGAN2 (default: 1, none)")
    add("--overwrite", action="store_true", help="replace an existing file")
    add_backend(command)
    command.set_defaults(run=run_export)


def run_export(arguments) -> int:
    """Write one file, and print how far its images are from those of the model."""
    kind, out = formats.FORMATS[arguments.to], _out(arguments)
    with reported():
        formats.check_path(out, arguments.to)
    if out.exists() and not arguments.overwrite:
        raise UsageError(f"{out} exists. Pass --overwrite to replace it, or another --out")
    check_model_file(arguments.model)
    keras = import_keras()
    with reported():
        formats.check_backend(arguments.to, keras.backend.backend())
        model = open_model(arguments.model)
        options = {
            name: getattr(arguments, name)
            for name in ("direction", "image_size", "truncation")
            if getattr(arguments, name) is not None
        }
        if not hasattr(model, "export_graph"):
            raise UsageError(
                f"{arguments.model} holds a {type(model).__name__}, which is not of this library"
            )
        try:
            difference = model.export(out, arguments.to, False, uint8=arguments.uint8, **options)
        except RuntimeError as error:
            raise RunError(one_line(error)) from error
    print(f"{files.printable(out)}: {_comparison(difference, kind, arguments.uint8)}")
    return 0


def _size(text):
    if text == "any":
        return text
    try:
        return size(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}, or any") from None


def _out(arguments):
    if arguments.out is not None:
        return arguments.out
    name = arguments.model.name.removesuffix(".keras")
    return Path(name + (formats.FORMATS[arguments.to].suffix or f"_{arguments.to}"))


def _comparison(difference, kind, uint8):
    if difference is None:
        return (
            f"not compared with the model: {kind.runtime} is not installed "
            f'(pip install "keras-gan-zoo[{kind.extra}]")'
        )
    where = "" if kind.runtime is None else f" in {kind.runtime} {_version(kind.runtime)}"
    unit = " grey levels" if uint8 else ""
    return f"differs from the model by at most {difference:.2g}{unit}{where}"


def _version(module):
    distributions = metadata.packages_distributions().get(module, [module])
    return metadata.version(distributions[0])
