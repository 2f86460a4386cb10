"""The commands `interpolate` and `arithmetic`: what is between and beyond a model's samples."""

import argparse
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    check_model_file,
    import_keras,
    load_generator,
    positive,
    reported,
)
from keras_gan_zoo.utils import files

_STILLS = (".png", ".jpg", ".jpeg", ".webp")


def add_interpolate(command):
    """Arguments of `interpolate`."""
    add = command.add_argument
    add("model", type=Path, metavar="MODEL.keras")
    out = "the file to write: .gif, .webp, .png (animated) or .mp4 (default: %(default)s)"
    add("--out", type=Path, default=Path("walk.gif"), help=out)
    add("--frames", type=positive, default=120, help="of the walk (default: %(default)s)")
    add("--fps", type=positive, default=25, help="frames in a second (default: %(default)s)")
    add("--loop", action="store_true", help="come back to the start")
    add("--stops", type=positive, help="random latents that the walk passes (default: 6)")
    add("--seed", type=int, help="of the stops; default: other ones every time")
    add("--seeds", type=_integers, metavar="SEED,...", help="a stop for each, instead of --seed")
    add("--labels", type=_integers, metavar="CLASS,...", help="of the stops (default: all in turn)")
    add("--hold", action="store_true", help="keep the latents, change only the class")
    methods = ("spherical", "linear")
    add("--method", choices=methods, default=methods[0], help="default: %(default)s")
    add("--walks", type=positive, default=1, help="side by side (default: %(default)s)")
    add("--scale", type=positive, help="enlarge pixels; default: twice under 48 pixels")
    add("--still", action="store_true", help="one picture with a row of frames for each walk")
    add_backend(command)
    command.set_defaults(run=run_interpolate)


def run_interpolate(arguments) -> int:
    """Write a walk as an animation, or as rows of frames."""
    from keras_gan_zoo.plots import animations

    if arguments.seeds and (arguments.walks > 1 or arguments.stops or arguments.hold):
        raise UsageError("--seeds names the stops of one walk: leave out --walks, --stops and --hold")
    with reported():
        if arguments.still:
            _check_still(arguments.out)
        else:
            animations.check_path(arguments.out, "--out")
    check_model_file(arguments.model)
    import_keras()
    import numpy as np

    from keras_gan_zoo.plots import grids

    with reported():
        model = load_generator(arguments.model)
        walks = [_walk(model, arguments, number) for number in range(arguments.walks)]
        images = np.stack([model.generate(latents=walk.latents, labels=walk.labels) for walk in walks])
        if arguments.still:
            flat = images.reshape(-1, *model.image_shape)
            grids.grid(flat, arguments.out, images.shape[1], arguments.scale)
        else:
            frames = [
                grids.grid(images[:, frame], scale=arguments.scale) for frame in range(images.shape[1])
            ]
            animations.save(frames, arguments.out, arguments.fps)
    print(arguments.out)
    return 0


def _walk(model, arguments, number):
    import numpy as np

    from keras_gan_zoo import latent

    stops, labels, latents = arguments.stops, arguments.labels, None
    seed = None if arguments.seed is None else arguments.seed + number
    if arguments.seeds:
        latents = np.concatenate([model.latents(1, seed) for seed in arguments.seeds])
    if arguments.hold:
        if model.num_classes is None:
            raise UsageError(f"--hold is for models with classes: {arguments.model} has none")
        latents = model.latents(1, seed)[0]
    if labels is not None and len(labels) == 1:
        labels = labels[0]
    elif labels is not None and arguments.stops and arguments.stops != len(labels):
        raise UsageError(
            f"--labels must name {arguments.stops} classes, one for each of the --stops, or one"
        )
    return latent.walk(
        model, arguments.frames, stops, latents, labels, arguments.loop, arguments.method, seed
    )


def add_arithmetic(command):
    """Arguments of `arithmetic`."""
    add = command.add_argument
    add("model", type=Path, metavar="MODEL.keras")
    terms = "samples to add, by their places in `generate --seed`, from 0; 3/4/8 is a mean of three"
    add("--plus", type=_terms, required=True, metavar="N,...", help=terms)
    add("--minus", type=_terms, default=[], metavar="N,...", help="samples to subtract")
    add("--seed", type=int, default=0, help="of the samples (default: %(default)s)")
    add("--label", type=int, metavar="CLASS", help="of a conditional model's pictures (default: 0)")
    add("--normalize", action="store_true", help="give the sum the length of a sample")
    add("--out", type=Path, default=Path("row.png"), help="the picture (default: %(default)s)")
    add("--scale", type=positive, help="enlarge pixels; default: twice under 48 pixels")
    add_backend(command)
    command.set_defaults(run=run_arithmetic)


def run_arithmetic(arguments) -> int:
    """Write the terms and their sum as one row."""
    with reported():
        _check_still(arguments.out)
    check_model_file(arguments.model)
    import_keras()
    import numpy as np

    from keras_gan_zoo import latent
    from keras_gan_zoo.plots import grids

    with reported():
        model = load_generator(arguments.model)
        label = arguments.label
        if label is None and model.num_classes is not None:
            label = 0
        samples = model.latents(1 + max(map(max, arguments.plus + arguments.minus)), arguments.seed)
        plus, minus = ([samples[term] for term in side] for side in (arguments.plus, arguments.minus))
        noise = model.latent_parts.noise
        total = latent.arithmetic(plus, minus, arguments.normalize, noise)
        latents = np.stack([*(term.mean(0) for term in plus + minus), total])
        images = model.generate(latents=latents, labels=label)
        signs = " " + "+" * (len(plus) - 1) + "-" * len(minus) + "="
        grids.save(grids.equation(images, signs, arguments.scale), arguments.out)
    print(arguments.out)
    return 0


def _check_still(path):
    if path.suffix.lower() not in _STILLS:
        raise UsageError(f"--out must end in .png, .jpg or .webp. Received: {path}")
    files.writable_folder(path.parent, "--out")


def _integers(text: str) -> list[int]:
    """An argument such as `3,7,5`."""
    found = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in found):
        raise argparse.ArgumentTypeError(
            f"must be integers of 0 or more with commas between. Received: {text}"
        )
    return [int(part) for part in found]


def _terms(text: str) -> list[list[int]]:
    """An argument such as `3,7` or `3/4/8,7`."""
    return [_integers(part.replace("/", ",")) for part in text.split(",")]
