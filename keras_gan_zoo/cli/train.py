"""`keras-gan-zoo train`."""

import ast
import contextlib
import inspect
import sys
import warnings
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.cli import data as cli_data
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

MODEL_FILE = "model.keras"


def add_train(command):
    """Arguments of `train`."""
    add = command.add_argument
    add("model", metavar="MODEL", help="a name from `keras-gan-zoo list`")
    cli_data.add_data(command)
    add("--epochs", type=positive, default=10, help="passes over the data, all runs together")
    add("--out", type=Path, required=True, metavar="DIR", help="for pictures, logs and the model")
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
    add("--instance-noise", type=float, metavar="STD", help="on all that is judged, such as 0.1")
    add("--seed", type=int, default=0)
    add("--snapshot-every", type=positive, default=1, metavar="EPOCHS")
    add("--resume", action="store_true", help="go on with the model in DIR")
    add("--overwrite", action="store_true", help="start anew: replace the model and grids in DIR")
    add_backend(command)
    command.set_defaults(run=run_train)


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
        kind = registry.load(path)
        dataset = cli_data.load(kgz, kind, arguments)
        model = load_model(checkpoint) if arguments.resume else _make(kind, dataset, arguments)
        _feed_labels(model, dataset, arguments.data)
        done = _epochs_done(model, dataset, checkpoint)
        helpers = _helpers(kgz, model, arguments)
    if arguments.overwrite:
        for old in arguments.out.glob("epoch_*.png"):
            old.unlink()
    snapshots = kgz.callbacks.ImageSnapshots(arguments.out, arguments.snapshot_every)
    logger = keras.callbacks.CSVLogger(arguments.out / "log.csv", append=arguments.resume)
    print(
        f"{type(model).__name__} on {keras.backend.backend()}: {cli_data.described(dataset)}, "
        f"{len(dataset)} steps an epoch, epochs {done + 1} to "
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


def _helpers(kgz, model, arguments):
    """Callbacks that steady a training and that watch it."""
    found = []
    if arguments.label_smoothing is not None:
        smoothing = kgz.callbacks.LabelSmoothing(arguments.label_smoothing)
        smoothing.check(model)
        found.append(smoothing)
    if arguments.instance_noise is not None:
        found.append(kgz.callbacks.InstanceNoise(arguments.instance_noise))
    try:
        kgz.metrics.get_extractor(None, model.image_shape)
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
    known = {name for cls in kind.__mro__ for name in _parameters(cls)} - {
        "image_shape",
        "input_channels",
        "seed",
    }
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
    model = kind(**cli_data.shapes(dataset) | given, seed=arguments.seed)
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
    if dataset.label_error is not None:
        raise UsageError(
            f"labels must be integers in 0..num_classes-1; in {source}, {dataset.label_error}"
        )
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
    shape = cli_data.shapes(dataset)["image_shape"]
    if model.image_shape != shape:
        raise UsageError(f"{checkpoint} makes images of {model.image_shape}, the data has {shape}")
    done, rest = divmod(model.steps, len(dataset))
    if rest:
        raise UsageError(
            f"{checkpoint} was trained with other data or another --batch-size: its {model.steps} "
            f"steps are no multiple of {len(dataset)}"
        )
    return done
