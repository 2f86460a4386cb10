"""The commands `evaluate` and `compare`: metrics of generated images."""

import argparse
import sys
import warnings
import zipfile
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    damaged,
    import_keras,
    load_generator,
    non_negative,
    positive,
    preset_folder,
    reported,
    size,
    source,
    trained_steps,
)
from keras_gan_zoo.plots import tables
from keras_gan_zoo.utils import archives, files

_SAMPLES = 5000


def add_evaluate(command):
    """Add the arguments of `evaluate`."""
    add_model(command)
    help_json = "the file to write (default: evaluation.json beside the model; here for a preset)"
    command.add_argument("--json", type=Path, metavar="FILE", help=help_json)
    _add_measurement(command)
    command.set_defaults(run=run_evaluate)


def add_compare(command):
    """Add the arguments of `compare`."""
    command.add_argument(
        "models", type=Path, nargs="+", metavar="MODEL.keras", help="or names of presets"
    )
    command.add_argument("--json", type=Path, metavar="FILE", help="also write the values to a file")
    _add_measurement(command)
    command.set_defaults(run=run_compare)


def _add_measurement(command):
    add = command.add_argument
    data = "real images: digits, mnist, tfds:NAME, a folder, an .npz"
    add("--data", type=source, required=True, metavar="SOURCE", help=data)
    add("--split", default="train", help="train, test, ... (default: %(default)s)")
    add("--image-size", type=size, metavar="N|HxW", help="resize real images (default: their size)")
    add("--channels", type=int, choices=(1, 3), help="convert real images to grey or RGB")
    metrics = f"{', '.join(registry.METRICS)} (default: %(default)s)"
    add("--metrics", type=_metrics, default="frechet,kernel,prdc", metavar="NAME,...", help=metrics)
    add("--samples", type=positive, help="real and generated images each (default: 5000, or all)")
    extractors = f"{', '.join(registry.EXTRACTORS)} or a Keras model's file (default: by image size)"
    add("--extractor", type=_extractor, metavar="NAME|FILE", help=extractors)
    networks = (
        f"file or preset of a network of papers, {', '.join(registry.NETWORKS)}; can be repeated "
        "(default: downloaded on first use)"
    )
    add("--network", type=_network, action="append", default=[], metavar="NAME=SOURCE", help=networks)
    seed = "of the latents and the choice of real images (default: %(default)s)"
    add("--seed", type=non_negative, default=0, help=seed)
    add_backend(command)


def run_evaluate(arguments) -> int:
    """Print the metrics of a model as a table, and write them as JSON."""
    beside = Path() if preset_folder(arguments.model) else arguments.model.parent
    path = arguments.json or beside / "evaluation.json"
    values = _measured(arguments, [arguments.model], path)[0]
    with reported():
        tables.write_json(values, path)
    _print_figures({"value": values}, arguments)
    print(f"\nWritten: {files.printable(path)}")
    return 0


def run_compare(arguments) -> int:
    """Print the metrics of several models side by side."""
    headings = _headings(arguments.models)
    values = _measured(arguments, arguments.models, arguments.json)
    if arguments.json:
        with reported():
            tables.write_json({"models": values}, arguments.json)
    _print_figures(dict(zip(headings, values, strict=True)), arguments)
    if arguments.json:
        print(f"\nWritten: {files.printable(arguments.json)}")
    return 0


def _measured(arguments, paths, json) -> list[dict]:
    """Return the metrics of every model against the same real images, as JSON types."""
    for path in paths:
        check_model_file(path)
    if json is not None:
        _check_writable(json)
    import_keras()
    with reported():
        models = {path: load_generator(path) for path in paths}
        reference = _reference(arguments, models)
        return [_figures(arguments, path, model, reference) for path, model in models.items()]


def _check_writable(json):
    if json.is_dir():
        raise UsageError(f"--json must be a file. Received the folder {json}")
    with reported():
        files.writable_folder(json.parent, "--json")


def _reference(arguments, models):
    """Return the reference of real images of the models' image shape."""
    import keras_gan_zoo as kgz
    from keras_gan_zoo.metrics import specs

    samples = arguments.samples or _SAMPLES
    _progress(f"Reading {arguments.data}")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Argument `samples` exceeds")
        images = kgz.data.load(
            arguments.data,
            arguments.image_size,
            batch_size=1,
            split=arguments.split,
            channels=arguments.channels,
            samples=specs.images_needed(arguments.metrics, samples),  # half of them for the floor
        ).images
    for path, model in models.items():
        _check_images(path, model, images.shape[1:])
    samples = arguments.samples or min(samples, len(images))
    _progress(f"Measuring real images, {samples:,} as the reference")
    return kgz.metrics.Reference(
        images,
        arguments.metrics,
        samples,
        _loaded_extractor(arguments.extractor),
        arguments.seed,
        cache=kgz.metrics.reference.cache_folder(),
        networks=dict(arguments.network),
    )


def _figures(arguments, path, model, reference):
    _progress(f"Generating and measuring {reference.samples:,} images of {path}")
    try:
        figures = reference.figures(model.generate(reference.samples, seed=arguments.seed))
    except ValueError as error:  # add the model to the message
        raise ValueError(f"{path}: {error}") from error
    about = {
        "model": str(path),
        "class": type(model).__name__,
        "steps": trained_steps(path, model),
        "data": arguments.data,
        "split": arguments.split,
        "image_shape": list(model.image_shape),
        "seed": arguments.seed,
        "backend": import_keras().backend.backend(),
    }
    return about | figures


def _check_images(path, model, shape):
    if model.image_shape != tuple(shape):
        height, width, channels = model.image_shape
        sides = height if height == width else f"{height}x{width}"
        raise UsageError(
            f"{path} makes images of {model.image_shape}, the data has {tuple(shape)}. Pass "
            f"--image-size {sides} --channels {channels}"
        )


def _loaded_extractor(name):
    if name is None or name in registry.EXTRACTORS:
        return name
    import keras_gan_zoo as kgz

    with damaged(name):
        archives.check_model(name)
        network = import_keras().models.load_model(name, compile=False)
    return kgz.metrics.Extractor(network, Path(name).stem)


def _headings(paths) -> list[str]:
    """Return the shortest endings of the paths that differ from each other."""
    if len(paths) < 2:
        raise UsageError("compare needs two models or more; `keras-gan-zoo evaluate` takes one")
    if len({path.resolve() for path in paths}) < len(paths):
        raise UsageError(f"compare got a model twice: {', '.join(map(str, paths))}")
    for depth in range(1, max(len(path.parts) for path in paths) + 1):
        headings = [str(Path(*path.parts[-depth:])) for path in paths]
        if len(set(headings)) == len(paths):
            break
    return headings


def _print_figures(figures, arguments):
    first = next(iter(figures.values()))
    print(files.printable(tables.header(first, f"{arguments.data} ({arguments.split})")))
    print()
    print(tables.table(figures))
    print("\nfloor: value of real images" + ("; *: the best" if len(figures) > 1 else ""))


def _progress(text):
    """Print to standard error; standard output is for the metrics."""
    print(f"{files.printable(text)} ...", file=sys.stderr, flush=True)


def _metrics(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in registry.METRICS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"must be of {', '.join(registry.METRICS)}, with commas between. Received: {text}"
        )
    return names


def _extractor(text: str) -> str:
    if text not in registry.EXTRACTORS and not zipfile.is_zipfile(text):
        raise argparse.ArgumentTypeError(
            f"must be {', '.join(registry.EXTRACTORS)} or a file that `model.save` wrote. "
            f"Received: {text}"
        )
    return text


def _network(text: str) -> tuple[str, str]:
    name, _, source = text.partition("=")
    if name not in registry.NETWORKS or not source:
        names = ", ".join(f"{name}=SOURCE" for name in registry.NETWORKS)
        raise argparse.ArgumentTypeError(f"must be one of {names}. Received: {text}")
    return name, source
