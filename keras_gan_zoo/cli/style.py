"""`keras-gan-zoo style`: render a picture in the style of another one."""

import sys
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    check_model_file,
    check_picture,
    import_keras,
    non_negative,
    open_model,
    positive,
    preset_folder,
    real,
    reported,
    weight,
)
from keras_gan_zoo.utils import files


def add_style(command):
    """Add the arguments of `style`."""
    _add_pictures(command.add_argument)
    _add_method(command.add_argument)
    add_backend(command)
    command.set_defaults(run=run_style)


def _add_pictures(add):
    add("content", type=Path, metavar="CONTENT", help="the picture to render")
    add(
        "style",
        type=Path,
        nargs="+",
        metavar="STYLE",
        help="pictures with the style; or the MODEL.keras or the preset of a FastStyleTransfer",
    )
    add("--out", type=Path, required=True, metavar="PICTURE", help="the file to write")
    add("--size", type=positive, default=512, help="longer side in pixels (default: %(default)s)")
    style_size = "longer side of the styles; a larger one gives larger strokes (default: --size)"
    add("--style-size", type=positive, help=style_size)
    add("--snapshots", type=Path, metavar="DIR", help="folder for ten pictures of the last level")
    add("--overwrite", action="store_true", help="replace an existing PICTURE")


def _add_method(add):
    add("--steps", type=positive, default=500, help="steps at each level (default: %(default)s)")
    add(
        "--levels",
        type=positive,
        default=2,
        help="number of sizes, each twice the one before, for strokes of all sizes "
        "(default: %(default)s)",
    )
    networks = "vgg19, or rgb64, which needs no download (default: %(default)s)"
    add("--network", choices=registry.STYLE_NETWORKS, default="vgg19", help=networks)
    add("--optimizer", choices=("adam", "lbfgs"), help="default: adam with a learning rate of 0.03")
    starts = ("content", "recoloured", "noise")
    add("--start", choices=starts, default=starts[0], help="first image (default: %(default)s)")
    for term in ("content", "style", "variation"):
        add(f"--{term}-weight", type=weight, metavar="W", help=f"weight of the {term} loss")
    add("--style-weights", type=weight, nargs="+", metavar="W", help="weights of several styles")
    colours = "keep the colours of CONTENT"
    add("--preserve-colour", choices=("luminance", "histogram"), help=colours)
    memory = real("above 0", lambda number: number > 0)
    add("--memory", type=memory, metavar="GB", help="limit (default: half of the machine's memory)")
    add("--which", type=non_negative, default=0, help="style of a MODEL.keras (default: %(default)s)")
    add("--seed", type=non_negative, default=0, help="of the noise (default: %(default)s)")


def run_style(arguments) -> int:
    """Render one picture."""
    _check_files(arguments)
    _check_weights(arguments)
    import_keras()
    from keras_gan_zoo.plots import grids

    render = _by_model if _is_model(arguments.style[0]) else _by_steps
    with reported():
        grids.save(grids.picture(render(arguments)), arguments.out)
    print(files.printable(arguments.out))
    return 0


def _check_files(arguments):
    """Raise UsageError for files that cannot be read or written."""
    out = arguments.out
    check_picture(out)
    for path in (arguments.content, *arguments.style):
        if not path.is_file() and (path is arguments.content or not _is_model(path)):
            raise UsageError(f"there is no picture at {path}")
        if path.resolve() == out.resolve():
            raise UsageError(f"--out must not be an input file. Received: {out}")
    if len(arguments.style) > 1 and any(map(_is_model, arguments.style)):
        raise UsageError(
            "STYLE must be pictures, or one MODEL.keras. Received: both, or several models"
        )
    if out.exists() and not arguments.overwrite:
        raise UsageError(f"{out} exists. Pass --overwrite to replace it, or another --out")
    if arguments.snapshots is not None:
        with reported():
            files.writable_folder(arguments.snapshots, "--snapshots")


def _is_model(path):
    return path.suffix == ".keras" or preset_folder(path) is not None


def _check_weights(arguments):
    weights, styles = arguments.style_weights, len(arguments.style)
    if weights is not None and (len(weights) != styles or not any(weights)):
        given = " ".join(f"{number:g}" for number in weights)
        raise UsageError(
            f"--style-weights must be one number for each STYLE, {styles} in all, and not only 0. "
            f"Received: {given}"
        )
    if arguments.content_weight == 0 and arguments.style_weight == 0 and not arguments.variation_weight:
        raise UsageError(
            "one of --content-weight, --style-weight and --variation-weight must be above 0"
        )


def _by_steps(arguments):
    import keras_gan_zoo as kgz
    from keras_gan_zoo.data.pictures import adapt

    model = kgz.StyleTransfer(
        arguments.network, preserve_colour=arguments.preserve_colour, seed=arguments.seed
    )
    model.compile(
        arguments.optimizer,
        content_weight=arguments.content_weight,
        style_weight=arguments.style_weight,
        variation_weight=arguments.variation_weight,
    )
    contents, styles = _read(kgz.data.picture, arguments)
    model.check_memory((1, *contents[-1].shape), arguments.memory, "CONTENT")
    image, callbacks = arguments.start, []
    for content, level_styles in zip(contents, styles, strict=True):
        if arguments.snapshots is not None and content is contents[-1]:
            every = max(1, arguments.steps // 10)
            for old in arguments.snapshots.glob("step_*.png") if arguments.overwrite else ():
                old.unlink()
            callbacks = [kgz.callbacks.ImageSnapshots(arguments.snapshots, every_steps=every)]
        model.fit(
            content,
            level_styles,
            epochs=1,
            steps_per_epoch=arguments.steps,
            start=image if isinstance(image, str) else adapt(image, content.shape[:2], None),
            style_weights=arguments.style_weights,
            memory=arguments.memory,
            callbacks=callbacks,
            verbose=1 if sys.stdout.isatty() else 2,
        )
        image = model.pictures()
    return image[0]


def _read(picture, arguments):
    """Return the content and the styles at every size, the smallest first."""

    def sizes(side):
        return [max(8, side >> level) for level in reversed(range(arguments.levels))]

    contents = [picture(arguments.content, size) for size in sizes(arguments.size)]
    styles = sizes(arguments.style_size or arguments.size)
    return contents, [[picture(path, size) for path in arguments.style] for size in styles]


def _by_model(arguments):
    import keras_gan_zoo as kgz

    (path,) = arguments.style
    check_model_file(path)
    model = open_model(path)
    if not isinstance(model, kgz.FastStyleTransfer):
        raise UsageError(f"{path} holds a {type(model).__name__}, not a FastStyleTransfer")
    content = kgz.data.picture(arguments.content, arguments.size, model.image_shape[2])
    return model.translate(content[None], arguments.which, memory=arguments.memory)[0]
