"""The command line: `keras-gan-zoo list | train | generate | evaluate | compare`.

Keras is imported only once the arguments are known to be right.
"""

import argparse
import ast
import contextlib
import inspect
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path

from keras_gan_zoo import cli_evaluate, files, registry
from keras_gan_zoo.cli_shared import (
    UsageError,
    add_backend,
    check_model_file,
    import_keras,
    load_model,
    positive,
    reported,
    size,
)

MODEL_FILE = "model.keras"


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
    _add_train(commands.add_parser("train", help="train a model"))
    _add_generate(commands.add_parser("generate", help="make pictures with a trained model"))
    cli_evaluate.add_evaluate(commands.add_parser("evaluate", help="measure how good a model is"))
    cli_evaluate.add_compare(commands.add_parser("compare", help="measure models side by side"))
    return parser


def _add_train(command):
    add = command.add_argument
    add("model", metavar="MODEL", help="a name from `keras-gan-zoo list`")
    add(
        "--data",
        default="digits",
        help="digits, mnist, tfds:NAME, a folder, an .npz (default: %(default)s)",
    )
    add("--epochs", type=positive, default=10, help="passes over the data, all runs together")
    add("--out", type=Path, required=True, metavar="DIR", help="for pictures, logs and the model")
    add("--image-size", type=size, metavar="N|HxW", help="resize images; default: as they are")
    add("--channels", type=int, choices=(1, 3), help="convert images to grey or RGB")
    add("--samples", type=positive, help="use so many images")
    add("--batch-size", type=positive, default=64)
    add("--set", nargs="+", default=[], metavar="NAME=VALUE", help="arguments of the model: width=32")
    add("--losses", help="non_saturating, hinge, ... (default: the paper's)")
    add("--recipe", choices=registry.RECIPES, help="a known combination of the options below")
    add(
        "--penalties",
        nargs="+",
        metavar="NAME[=WEIGHT]",
        help=f"on the discriminator's slope: {', '.join(registry.PENALTIES)}; or none",
    )
    add("--augment", choices=registry.AUGMENTATIONS, help="change what the discriminator sees")
    add("--updates", choices=("alternating", "simultaneous"), help="default: alternating")
    add("--d-steps", type=positive, help="discriminator updates per generator update")
    add("--ema", type=float, help="decay of the average of the generator's weights, such as 0.999")
    add("--label-smoothing", type=float, metavar="LABEL", help="label of real images, such as 0.9")
    add("--seed", type=int, default=0)
    add("--snapshot-every", type=positive, default=1, metavar="EPOCHS")
    add("--resume", action="store_true", help="go on with the model in DIR")
    add("--overwrite", action="store_true", help="start anew: replace the model and grids in DIR")
    add_backend(command)
    command.set_defaults(run=run_train)


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
    for name, path in registry.MODELS.items():
        print(f"{name:<16}{registry.load(path).__doc__.splitlines()[0]}")
    return 0


def run_train(arguments) -> int:
    """Train, with snapshots, a log and a checkpoint after every epoch."""
    path = registry.MODELS.get(_known_name(arguments.model))
    checkpoint = arguments.out / MODEL_FILE
    _check_start(arguments, checkpoint)
    with reported():
        files.writable_folder(arguments.out, "--out")
    keras = import_keras()
    import keras_gan_zoo as kgz

    with reported():
        dataset = kgz.data.load(
            arguments.data,
            arguments.image_size,
            arguments.batch_size,
            channels=arguments.channels,
            samples=arguments.samples,
            seed=arguments.seed,
        )
        if arguments.resume:
            model = load_model(checkpoint)
        else:
            model = _make(registry.load(path), dataset, arguments)
        _feed_labels(model, dataset, arguments.data)
        done = _epochs_done(model, dataset, checkpoint)
        helpers = _helpers(kgz, model, dataset, arguments)
    if arguments.overwrite:
        for old in arguments.out.glob("epoch_*.png"):
            old.unlink()
    snapshots = kgz.callbacks.ImageSnapshots(arguments.out, arguments.snapshot_every)
    logger = keras.callbacks.CSVLogger(arguments.out / "log.csv", append=arguments.resume)
    print(
        f"{type(model).__name__} on {keras.backend.backend()}: {len(dataset.images):,} images "
        f"{dataset.image_shape}, {len(dataset)} steps an epoch, epochs {done + 1} to "
        f"{arguments.epochs}. Pictures after every epoch: {arguments.out}",
        flush=True,
    )
    try:
        with _plain_warnings():
            model.fit(
                dataset,
                initial_epoch=done,
                epochs=arguments.epochs,
                verbose=1 if sys.stdout.isatty() else 2,
                callbacks=[*helpers, snapshots, keras.callbacks.ModelCheckpoint(checkpoint), logger],
            )
    except KeyboardInterrupt:
        snapshots.animate()
        logger.on_train_end()
        kept = f"{checkpoint} holds the last full epoch" if checkpoint.exists() else "no epoch was full"
        print(f"\nStopped; {kept}. The same command with --resume goes on from there.")
        return 130
    print(f"Grids: {arguments.out}/epoch_*.png\nAnimation: {snapshots.animation}\nModel: {checkpoint}")
    return 0


def _helpers(kgz, model, dataset, arguments):
    """Callbacks that steady a training and that watch it."""
    found = []
    if arguments.label_smoothing is not None:
        smoothing = kgz.callbacks.LabelSmoothing(arguments.label_smoothing)
        smoothing.check(model)
        found.append(smoothing)
    try:
        kgz.metrics.get_extractor(None, dataset.image_shape)
    except ValueError:
        return found  # no network that ships with the package knows images of this size
    return [*found, kgz.callbacks.CollapseMonitor()]


@contextlib.contextmanager
def _plain_warnings():
    """Warnings as one line, without the place in the code that they come from."""
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *place: print(
            f"keras-gan-zoo: warning: {message}", file=sys.stderr, flush=True
        )
        yield


def run_generate(arguments) -> int:
    """Write a grid of images from a saved model."""
    if arguments.out.suffix.lower() not in (".png", ".jpg", ".jpeg", ".webp"):
        raise UsageError(f"--out must end in .png, .jpg or .webp. Received: {arguments.out}")
    with reported():
        files.writable_folder(arguments.out.parent, "--out")
    check_model_file(arguments.model)
    import_keras()
    from keras_gan_zoo import grids

    with reported():
        model, columns = load_model(arguments.model), arguments.columns
        if model.condition is not None and arguments.label is None:
            images, rows = model.generate_grid(arguments.n, seed=arguments.seed)
            columns = columns or rows
        else:
            images = model.generate(arguments.n, labels=arguments.label, seed=arguments.seed)
        grids.save(grids.grid(images, columns), arguments.out)
    print(arguments.out)
    return 0


def _known_name(name: str) -> str:
    names = {known.lower(): known for known in registry.MODELS}
    if name.lower() not in names:
        raise UsageError(f"MODEL must be one of {', '.join(registry.MODELS)}. Received: {name}")
    return names[name.lower()]


def _check_start(arguments, checkpoint):
    if arguments.resume and arguments.set:
        raise UsageError("--set has no effect on a model that exists; leave it out with --resume")
    if arguments.resume:
        check_model_file(checkpoint)
    elif checkpoint.exists() and not arguments.overwrite:
        raise UsageError(
            f"{checkpoint} exists. Pass --resume to go on with it, --overwrite to start anew, or "
            "another --out"
        )


def _make(kind, dataset, arguments):
    known = {name for cls in kind.__mro__ for name in _parameters(cls)} - {"image_shape", "seed"}
    given = {}
    for item in arguments.set:
        name, _, text = item.partition("=")
        if name not in known:
            raise UsageError(
                f"--set takes {', '.join(sorted(known))} for {kind.__name__}. Received: {item}"
            )
        try:
            given[name] = ast.literal_eval(text)
        except (ValueError, SyntaxError):
            given[name] = text
    if kind.needs_labels and not {"num_classes", "attributes"} & set(given):
        given["num_classes"] = dataset.num_classes
    model = kind(dataset.image_shape, seed=arguments.seed, **given)
    model.compile(
        losses=arguments.losses,
        recipe=arguments.recipe,
        penalties=_penalties(arguments.penalties),
        augment=arguments.augment,
        updates=arguments.updates,
        d_steps=arguments.d_steps,
        ema=arguments.ema,
    )
    return model


def _feed_labels(model, dataset, source):
    """Let the batches have labels if the model takes them."""
    if model.condition is None:
        return
    if model.num_classes is None:
        raise UsageError("the command line trains on classes; a model with attributes needs `fit`")
    if dataset.labels is None:
        raise UsageError(
            f"{type(model).__name__} needs labels, which {source} has not: a folder has them if all "
            "its images are in sub-folders, one for each class, an .npz in y_train"
        )
    if dataset.num_classes > model.num_classes:
        raise UsageError(
            f"{source} has {dataset.num_classes} classes, the model {model.num_classes}; pass --set "
            f"num_classes={dataset.num_classes}"
        )
    dataset.yield_labels = True


def _parameters(cls):
    """Names of the arguments that a model class of ours adds."""
    ours = cls.__module__.startswith("keras_gan_zoo.models") and "__init__" in vars(cls)
    names = inspect.signature(cls.__init__).parameters if ours else ()
    return set(names) - {"self", "kwargs"}


def _penalties(items):
    """Objects of `NAME` or `NAME=WEIGHT`; [] of `none`."""
    if items is None or items == ["none"]:
        return items and []
    from keras_gan_zoo.penalties import PENALTIES

    found = []
    for item in items:
        name, given, weight = item.partition("=")
        if name not in PENALTIES:
            raise UsageError(f"--penalties takes {', '.join(PENALTIES)} or none. Received: {item}")
        try:
            found.append(PENALTIES[name](float(weight)) if given else PENALTIES[name]())
        except ValueError as error:
            raise UsageError(f"--penalties NAME=WEIGHT needs a weight of 0 or more: {error}") from None
    return found


def _epochs_done(model, dataset, checkpoint) -> int:
    if model.image_shape != dataset.image_shape:
        raise UsageError(
            f"{checkpoint} makes images of {model.image_shape}, the data has {dataset.image_shape}"
        )
    done, rest = divmod(model.steps, len(dataset))
    if rest:
        raise UsageError(
            f"{checkpoint} was trained with other data or another --batch-size: its {model.steps} "
            f"steps are no multiple of {len(dataset)}"
        )
    return done
