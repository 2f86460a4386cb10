"""`keras-gan-zoo train`: train a model on a dataset."""

import contextlib
import math
import shlex
import signal
import sys
import warnings
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.cli import data as cli_data
from keras_gan_zoo.cli import distribute, method, option_names, resume, stopping, train_checks
from keras_gan_zoo.cli.shared import (
    add_backend,
    import_keras,
    non_negative,
    positive,
    reported,
)
from keras_gan_zoo.presets import catalog
from keras_gan_zoo.utils import files, locks

MODEL_FILE = "model.keras"
LOG_FILE = "training.log"
CSV_FILE = "log.csv"
DEFAULT_STEPS = 5000  # enough for recognizable images of 64 pixels with the default of DCGAN
STEPS_BETWEEN_FILES = 100  # at least, without --epochs: few images make short epochs


def add_train(command):
    """Add the arguments of `train`."""
    add = command.add_argument
    add("model", metavar="MODEL", help="a name from `keras-gan-zoo list`")
    cli_data.add_data(command)
    epochs = f"including those before --resume (default: as many as make {DEFAULT_STEPS:,} steps)"
    add("--epochs", type=positive, help=f"passes over the data, {epochs}")
    add("--out", type=Path, required=True, metavar="DIR", help="folder for grids, logs and the model")
    add("--set", nargs="+", default=[], metavar="NAME=VALUE", help="model arguments, such as width=32")
    add("--seed", type=non_negative, help="of weights, latents and the data's order (default: 0)")
    one = f"(default: 1; without --epochs, as many as make {STEPS_BETWEEN_FILES} steps)"
    add("--snapshot-every", type=positive, metavar="EPOCHS", help=f"epochs between two grids {one}")
    every = f"steps between two checkpoints {one.replace('1;', 'one epoch;')}"
    add("--checkpoint-every", type=positive, metavar="STEPS", help=every)
    start = command.add_mutually_exclusive_group()
    start.add_argument("--resume", action="store_true", help="continue the training of DIR")
    start.add_argument("--overwrite", action="store_true", help="replace the model and grids of DIR")
    preset = "start from the generator of a preset, see `keras-gan-zoo presets`"
    add("--from", dest="preset", metavar="PRESET", help=preset)
    method.add_method(command.add_argument_group("training method"))
    distribute.add_distribute(command)
    add_backend(command)
    command.set_defaults(run=run_train)


def run_train(arguments) -> int:
    """Train a model, with an image grid, log entries and a checkpoint after every epoch."""
    checkpoint = arguments.out / MODEL_FILE
    settings = train_checks.check(arguments, checkpoint)
    with contextlib.ExitStack() as stack:
        with reported():
            files.writable_folder(arguments.out, "--out")
            folder = files.writable_folder(arguments.out / resume.FOLDER, "--out")
            if distribute.process(arguments) == 0:
                stack.enter_context(locks.exclusive(folder / ".lock", "--out"))
        arguments.files = stack.enter_context(distribute.files_of_process(arguments))
        names = option_names.of(arguments)
        stack.enter_context(_warnings_as_lines(lambda line, file: print(line, file=file), names))
        return _train(arguments, settings, checkpoint)


def _train(arguments, settings, checkpoint):
    import_keras()
    distribute.start(arguments)
    import keras_gan_zoo as kgz

    with reported():
        model_class = registry.load(registry.MODELS[arguments.model])
        model = resume.load(arguments, arguments.start) if arguments.resume else None
        dataset = cli_data.load(kgz, model_class, arguments, _scale(model, settings, arguments))
        if model is None:
            model = _make_model(model_class, dataset, settings, arguments)
        cli_data.use_labels(model, dataset, arguments.data)
        _set_epochs(arguments, len(dataset))
        done, step = resume.place(model, dataset, arguments.start) if arguments.resume else (0, 0)
        if done >= arguments.epochs:
            print(
                f"{checkpoint} is finished: it was trained for {done} epochs, --epochs "
                f"{arguments.epochs} asks for no more. To continue its training, pass a larger number, "
                f"such as --epochs {2 * done}."
            )
            return 0
        callbacks = method.callbacks(kgz, model, dataset, arguments)
    if arguments.overwrite and distribute.process(arguments) == 0:
        _remove_old_files(arguments.out)
    return _fit(model, dataset, arguments, arguments.files / MODEL_FILE, (done, step), callbacks)


def _scale(model, settings, arguments):
    """Return the argument `scale` of an `SRGAN`; other models ignore it."""
    if model is not None:
        return getattr(model, "scale", None)
    given = settings if arguments.preset is None else catalog.read(arguments.preset).config
    return given.get("scale", 4)


def _set_epochs(arguments, steps):
    """Set `epochs`, if it was not given, and `every`, the epochs between two files."""
    arguments.every = 1
    if arguments.epochs is None:
        arguments.every = math.ceil(STEPS_BETWEEN_FILES / steps)
        arguments.epochs = arguments.every * math.ceil(DEFAULT_STEPS / (arguments.every * steps))


def _fit(model, dataset, arguments, model_file, place, callbacks):
    keras = import_keras()
    from keras_gan_zoo.callbacks import Checkpoint, ImageSnapshots, Report
    from keras_gan_zoo.cli.progress import TrainingProgress

    def save(epoch, logs=None):
        if (epoch + 1) % arguments.every == 0 and model.non_finite() is None:
            model.save(model_file)

    out, (done, _) = arguments.out, place
    snapshots = ImageSnapshots(out, arguments.snapshot_every or arguments.every)
    if arguments.resume:
        resume.trim_log(arguments.files / CSV_FILE, done)
    logger = keras.callbacks.CSVLogger(arguments.files / CSV_FILE, append=arguments.resume)
    log = arguments.files / LOG_FILE
    progress = TrainingProgress(log, len(dataset), done, arguments.epochs, arguments.every)
    checkpoint = Checkpoint(
        out / resume.FOLDER, arguments.every, every_steps=arguments.checkpoint_every
    )
    report = Report(out, _settings(dataset, arguments))
    progress.write(_opening(model, dataset, arguments, place))
    if arguments.preset is not None:
        steps = f"alone in the first {method.WARMUP_STEPS} steps"
        progress.write(f"Generator of {arguments.preset}; a new discriminator, {steps}")
    if not arguments.resume:
        progress.write(method.describe_recipe(arguments, model))
    has_checkpoint = arguments.resume and arguments.start.parent.name == resume.FOLDER
    start = {"resume": checkpoint.folder} if has_checkpoint else {"initial_epoch": done}
    try:
        with (
            _warnings_as_lines(progress.write, option_names.of(arguments)),
            stopping.on_signal(checkpoint.request_stop) as signals,
        ):
            model.fit(
                dataset,
                **start,
                epochs=arguments.epochs,
                verbose=0,
                callbacks=[
                    *callbacks,
                    snapshots,
                    keras.callbacks.LambdaCallback(on_epoch_end=save),
                    logger,
                    progress,
                    report,
                    checkpoint,
                ],
            )
    except FloatingPointError as error:
        logger.on_train_end()
        progress.write(f"keras-gan-zoo: error: {method.advice(error, model_file)}", sys.stderr)
        report.end(f"Stopped: {error}")
        return 1
    except KeyboardInterrupt:
        with reported():
            checkpoint.wait()
        state = "nothing was saved yet"
        if checkpoint.latest is not None:
            command = stopping.resuming_command(arguments.argv)
            state = f"{checkpoint.latest} holds its state. To continue: {command}"
        progress.write(f"Stopped; {state}")
        snapshots.animate()
        report.end(f"Stopped; {state}")
        return 128 + (signals[0] if signals else signal.SIGINT)
    except OSError as error:
        print(f"keras-gan-zoo: error: {' '.join(str(error).split())}", file=sys.stderr)
        distribute.leave_after(error, arguments)
        return 1
    finally:
        if logger.csv_file is not None and not logger.csv_file.closed:
            logger.csv_file.close()
    print(f"Grids: {out}/epoch_*.png\nAnimation: {snapshots.animation}\nModel: {model_file}")
    print(f"Report: {report.path}")
    return 0


def _settings(dataset, arguments):
    """Settings for the report besides those of the model."""
    return {
        "command": shlex.join(["keras-gan-zoo", *map(str, arguments.argv)]),
        "data": f"{arguments.data}, {cli_data.describe(dataset)}, batches of {dataset.batch_size}",
    }


def _opening(model, dataset, arguments, place):
    done, step = place
    steps = len(dataset)
    total = (arguments.epochs - done) * steps - step
    return (
        f"Training {type(model).__name__} on {arguments.data}: {cli_data.describe(dataset)}, {steps:,} "
        f"steps of {dataset.batch_size} per epoch, epochs {done + 1} to {arguments.epochs} ({total:,} "
        f"steps), backend {import_keras().backend.backend()}. Image grids, {MODEL_FILE}, log.csv and "
        f"{LOG_FILE} go to {arguments.out}"
    )


@contextlib.contextmanager
def _warnings_as_lines(write, names):
    """Write warnings as one line each, without their place in the code."""

    def show(message, *place):
        text = option_names.translate(str(message), names)
        write(f"keras-gan-zoo: warning: {text}", sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def _remove_old_files(folder):
    from keras_gan_zoo.plots.report import FILES

    checkpoints = (folder / resume.FOLDER).glob("epoch_*_step_*.keras*")
    others = [folder / name for name in (LOG_FILE, *FILES)]
    for old in [*folder.glob("epoch_*.png"), *others, *checkpoints]:
        old.unlink(missing_ok=True)


def _make_model(model_class, dataset, settings, arguments):
    if model_class.needs_labels and not {"num_classes", "attributes"} & set(settings):
        cli_data.check_labels(model_class.__name__, dataset, arguments.data)
        settings = settings | {"num_classes": dataset.num_classes}
    settings = method.choose_recipe(arguments, model_class, dataset, settings) | settings
    if arguments.preset is None:
        model = model_class(**cli_data.shapes(dataset) | settings, seed=arguments.seed)
    else:
        model = model_class.from_preset(arguments.preset, seed=arguments.seed)
        cli_data.check_shapes(model, dataset, arguments.preset)
    model.compile(**method.compile_arguments(arguments))
    return model
