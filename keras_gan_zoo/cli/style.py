"""`keras-gan-zoo style`: a picture painted like another one."""

import sys
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    check_model_file,
    import_keras,
    positive,
    reported,
)
from keras_gan_zoo.utils import files

_FORMATS = (".png", ".jpg", ".jpeg", ".webp")


def add_style(command):
    """Arguments of `style`."""
    add = command.add_argument
    add("content", type=Path, metavar="CONTENT", help="the picture to paint")
    add(
        "style",
        type=Path,
        nargs="+",
        metavar="STYLE",
        help="pictures to paint it like; or one FastStyleTransfer's MODEL.keras",
    )
    add("--out", type=Path, required=True, metavar="PICTURE", help="the file to write")
    add("--size", type=positive, default=512, help="longer side in pixels (default: %(default)s)")
    add("--style-size", type=positive, help="the same of styles: larger strokes (default: as --size)")
    add("--steps", type=positive, default=500, help="default: %(default)s")
    add(
        "--levels",
        type=positive,
        default=2,
        help="sizes to paint at, each twice the one before, so that strokes of all sizes take part; "
        "the steps are made at each (default: %(default)s)",
    )
    add("--network", default="vgg19", help="vgg19, or rgb64, which needs no download")
    add("--optimizer", choices=("adam", "lbfgs"), help="default: adam, at a rate of 0.03")
    add(
        "--start",
        choices=("content", "recoloured", "noise"),
        default="content",
        help="default: content",
    )
    for term, what in (
        ("content", "what is there"),
        ("style", "the style"),
        ("variation", "smoothness"),
    ):
        add(f"--{term}-weight", type=float, metavar="W", help=f"of {what}")
    add("--style-weights", type=float, nargs="+", metavar="W", help="of several styles")
    add("--preserve-colour", choices=("luminance", "histogram"), help="keep the content's colours")
    add("--snapshots", type=Path, metavar="DIR", help="for the picture at every tenth of the steps")
    add("--memory", type=float, metavar="GB", help="what may be used (default: half of what there is)")
    add("--which", type=int, default=0, help="which style of a MODEL.keras (default: %(default)s)")
    add("--seed", type=int, default=0, help="of the noise")
    add("--overwrite", action="store_true", help="replace the picture that is there")
    add_backend(command)
    command.set_defaults(run=run_style)


def run_style(arguments) -> int:
    """Paint one picture."""
    _check_files(arguments)
    import_keras()
    from keras_gan_zoo.plots import grids

    paint = _by_model if arguments.style[0].suffix == ".keras" else _by_steps
    with reported():
        grids.save(grids.picture(paint(arguments)), arguments.out)
    print(arguments.out)
    return 0


def _check_files(arguments):
    """Refuse what cannot be read or written, before Keras is imported."""
    out = arguments.out
    if out.suffix.lower() not in _FORMATS:
        raise UsageError(f"--out must end in {', '.join(_FORMATS)}. Received: {out}")
    for path in (arguments.content, *arguments.style):
        if not path.is_file():
            raise UsageError(f"there is no picture at {path}")
        if path.resolve() == out.resolve():
            raise UsageError(f"--out must not be a file that is read. Received: {out}")
    if len(arguments.style) > 1 and any(path.suffix == ".keras" for path in arguments.style):
        raise UsageError(
            "STYLE must be pictures, or one MODEL.keras. Received: both, or several models"
        )
    if out.exists() and not arguments.overwrite:
        raise UsageError(f"{out} exists. Pass --overwrite to replace it, or another --out")
    with reported():
        files.writable_folder(out.parent, "--out")
        if arguments.snapshots is not None:
            files.writable_folder(arguments.snapshots, "--snapshots")


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
    for content, some in zip(contents, styles, strict=True):
        if arguments.snapshots is not None and content is contents[-1]:
            every = max(1, arguments.steps // 10)
            for old in arguments.snapshots.glob("step_*.png") if arguments.overwrite else ():
                old.unlink()
            callbacks = [kgz.callbacks.ImageSnapshots(arguments.snapshots, every_steps=every)]
        model.fit(
            content,
            some,
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
    """The content and the styles at every size, the smallest first."""

    def sizes(side):
        return [max(8, side >> level) for level in reversed(range(arguments.levels))]

    contents = [picture(arguments.content, size) for size in sizes(arguments.size)]
    styles = sizes(arguments.style_size or arguments.size)
    return contents, [[picture(path, size) for path in arguments.style] for size in styles]


def _by_model(arguments):
    import keras

    import keras_gan_zoo as kgz

    (path,) = arguments.style
    check_model_file(path)
    model = keras.models.load_model(path)
    if not isinstance(model, kgz.FastStyleTransfer):
        raise UsageError(f"{path} holds a {type(model).__name__}, not a FastStyleTransfer")
    content = kgz.data.picture(arguments.content, arguments.size, model.image_shape[2])
    return model.translate(content[None], arguments.which, memory=arguments.memory)[0]
