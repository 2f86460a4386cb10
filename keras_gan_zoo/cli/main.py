"""The command line: `keras-gan-zoo list | train | generate | translate | style | interpolate ...`.

Keras is imported only once the arguments are known to be right.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.cli import evaluate as cli_evaluate
from keras_gan_zoo.cli import latent as cli_latent
from keras_gan_zoo.cli import style as cli_style
from keras_gan_zoo.cli import train as cli_train
from keras_gan_zoo.cli import translate as cli_translate
from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    check_model_file,
    import_keras,
    load_model,
    positive,
    reported,
)
from keras_gan_zoo.utils import files


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"{message}. See `{self.prog} --help`.")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program's name. None: those of the process.

    Returns:
        The exit status: 0, 2 for wrong arguments or data, 130 for Ctrl-C.
    """
    try:
        arguments = _parser().parse_args(argv)
        if getattr(arguments, "backend", None):
            os.environ["KERAS_BACKEND"] = arguments.backend
        return arguments.run(arguments)
    except UsageError as error:
        print(f"keras-gan-zoo: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("keras-gan-zoo", description="GANs for Keras 3.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    command = commands.add_parser("list", help="the models and what they are")
    command.set_defaults(run=run_list)
    cli_train.add_train(commands.add_parser("train", help="train a model"))
    cli_translate.add_translate(commands.add_parser("translate", help="pictures into other pictures"))
    cli_style.add_style(commands.add_parser("style", help="a picture painted like another one"))
    _add_generate(commands.add_parser("generate", help="make pictures with a trained model"))
    cli_latent.add_interpolate(commands.add_parser("interpolate", help="a walk through latent space"))
    cli_latent.add_arithmetic(commands.add_parser("arithmetic", help="a sum of a model's samples"))
    cli_evaluate.add_evaluate(commands.add_parser("evaluate", help="measure how good a model is"))
    cli_evaluate.add_compare(commands.add_parser("compare", help="measure models side by side"))
    return parser


def _add_generate(command):
    add = command.add_argument
    add("model", type=Path, metavar="MODEL.keras")
    add("--n", type=positive, default=64, help="how many images (default: %(default)s)")
    add(
        "--out", type=Path, default=Path("grid.png"), help="the picture to write (default: %(default)s)"
    )
    add("--columns", type=positive, help="default: as square as possible")
    add("--label", type=int, metavar="CLASS", help="of a conditional model; default: a row for each")
    add("--seed", type=int, help="default: other images every time")
    add_backend(command)
    command.set_defaults(run=run_generate)


def run_list(arguments) -> int:
    """Print every model with the first line of its docstring."""
    import_keras()
    for name, path in {**registry.MODELS, **registry.STYLE_MODELS}.items():
        print(f"{name:<19}{registry.load(path).__doc__.splitlines()[0]}")
    return 0


def run_generate(arguments) -> int:
    """Write a grid of images from a saved model."""
    if arguments.out.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise UsageError(f"--out must end in .png, .jpg or .webp. Received: {arguments.out}")
    with reported():
        files.writable_folder(arguments.out.parent, "--out")
    check_model_file(arguments.model)
    import_keras()
    from keras_gan_zoo.plots import grids

    with reported():
        model, columns = load_model(arguments.model), arguments.columns
        if not hasattr(model, "latents"):
            raise UsageError(
                f"{arguments.model} holds a {type(model).__name__}, which makes images from images: "
                "use `keras-gan-zoo translate`"
            )
        if model.condition is not None and arguments.label is None:
            images, rows = model.generate_grid(arguments.n, seed=arguments.seed)
            columns = columns or rows
        else:
            images = model.generate(arguments.n, labels=arguments.label, seed=arguments.seed)
        grids.grid(images, arguments.out, columns)
    print(arguments.out)
    return 0
