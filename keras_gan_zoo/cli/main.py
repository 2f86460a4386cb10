"""The command line: `keras-gan-zoo list | presets | train | generate | translate | style ...`.

Arguments are checked before Keras is imported, which takes seconds.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from keras_gan_zoo import __version__, registry
from keras_gan_zoo.cli import evaluate as cli_evaluate
from keras_gan_zoo.cli import explore as cli_explore
from keras_gan_zoo.cli import export as cli_export
from keras_gan_zoo.cli import latent as cli_latent
from keras_gan_zoo.cli import model_source, option_names
from keras_gan_zoo.cli import presets as cli_presets
from keras_gan_zoo.cli import report as cli_report
from keras_gan_zoo.cli import style as cli_style
from keras_gan_zoo.cli import train as cli_train
from keras_gan_zoo.cli import translate as cli_translate
from keras_gan_zoo.cli import upscale as cli_upscale
from keras_gan_zoo.cli.shared import (
    RunError,
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    check_picture,
    import_keras,
    load_model,
    non_negative,
    one_line,
    positive,
    reported,
)
from keras_gan_zoo.utils import files


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        raise UsageError(f"{message}. See `{self.prog} --help`.")


class _Version(argparse.Action):
    def __call__(self, parser, *others):
        print(f"{parser.prog} {__version__}")
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: arguments without the program's name. Defaults to `None`, the arguments of the process.

    Returns:
        The exit status: 0, 1 for a damaged file or a failure such as a full disk, 2 for wrong arguments
        or data, 130 for Ctrl-C, 143 for SIGTERM.
    """
    argv = sys.argv[1:] if argv is None else argv
    arguments = argparse.Namespace(argv=argv)
    try:
        _parser().parse_args(argv, arguments)
        if getattr(arguments, "backend", None):
            os.environ["KERAS_BACKEND"] = arguments.backend
        return arguments.run(arguments)
    except (UsageError, RunError, OSError, MemoryError) as error:
        names = option_names.of(arguments) if hasattr(arguments, "run") else {}
        message = files.printable(option_names.translate(one_line(error), names))
        print(f"keras-gan-zoo: error: {message}", file=sys.stderr)
        return 2 if isinstance(error, UsageError) else 1
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        # TensorFlow reports an OSError of the data as text, with its traceback.
        reason = re.search(r"^OSError: (.+)$", str(error), re.MULTILINE)
        if reason is None or type(error).__name__ != "UnknownError":
            raise
        print(f"keras-gan-zoo: error: {files.printable(reason[1])}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser("keras-gan-zoo", description="GANs for Keras 3.")
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    command = commands.add_parser("list", help="list the models")
    command.set_defaults(run=run_list)
    cli_presets.add_presets(commands.add_parser("presets", help="list the trained models"))
    cli_train.add_train(commands.add_parser("train", help="train a model"))
    cli_translate.add_translate(commands.add_parser("translate", help="translate a folder of images"))
    cli_upscale.add_upscale(commands.add_parser("upscale", help="enlarge pictures with an SRGAN"))
    cli_style.add_style(commands.add_parser("style", help="render an image in the style of another"))
    _add_generate(commands.add_parser("generate", help="generate images with a trained model"))
    cli_latent.add_interpolate(commands.add_parser("interpolate", help="animate a latent walk"))
    cli_latent.add_arithmetic(commands.add_parser("arithmetic", help="add and subtract latents"))
    cli_explore.add_explore(commands.add_parser("explore", help="open a page to explore a model"))
    cli_evaluate.add_evaluate(commands.add_parser("evaluate", help="measure the quality of a model"))
    cli_evaluate.add_compare(commands.add_parser("compare", help="measure models side by side"))
    cli_report.add_report(commands.add_parser("report", help="write the report of a training again"))
    cli_export.add_export(commands.add_parser("export", help="write a generator for another runtime"))
    return parser


def _add_generate(command):
    add_model(command)
    add = command.add_argument
    add("--n", type=positive, default=64, help="number of images (default: %(default)s)")
    add("--out", type=Path, default=Path("grid.png"), help="image file (default: %(default)s)")
    add("--columns", type=positive, help="columns of the grid (default: as square as possible)")
    add(
        "--label",
        type=non_negative,
        metavar="CLASS",
        help="class, for conditional models (default: all, one row each)",
    )
    add("--seed", type=non_negative, help="of the latents (default: different in every run)")
    add_backend(command)
    command.set_defaults(run=run_generate)


def run_list(arguments) -> int:
    """Print every model with the first line of its docstring."""
    for name in (*registry.MODELS, *registry.STYLE_MODELS):
        print(f"{name:<19}{model_source.read(name).summary}")
    return 0


def run_generate(arguments) -> int:
    """Write a grid of images generated by a saved model."""
    check_picture(arguments.out)
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
    print(files.printable(arguments.out))
    return 0
