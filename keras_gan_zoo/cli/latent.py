"""The commands `interpolate` and `arithmetic`: walks through latent space and sums of latents."""

import argparse
from pathlib import Path

from keras_gan_zoo.cli.shared import (
    UsageError,
    add_backend,
    add_model,
    check_model_file,
    check_picture,
    import_keras,
    load_generator,
    non_negative,
    positive,
    reported,
)
from keras_gan_zoo.utils import files


def add_interpolate(command):
    """Add the arguments of `interpolate`."""
    add_model(command)
    add = command.add_argument
    out = "the file to write: .gif, .webp, .png (animated) or .mp4 (default: %(default)s)"
    add("--out", type=Path, default=Path("walk.gif"), help=out)
    add("--frames", type=_frames, default=120, help="number of frames (default: %(default)s)")
    add("--fps", type=positive, default=25, help="frames per second (default: %(default)s)")
    add("--loop", action="store_true", help="return to the start")
    add("--stops", type=positive, help="number of random latents on the walk (default: 6)")
    add("--seed", type=non_negative, help="of the stops (default: different in every run)")
    add("--seeds", type=_integers, metavar="SEED,...", help="one stop per seed, instead of --seed")
    add("--labels", type=_integers, metavar="CLASS,...", help="classes of the stops (default: all)")
    add("--hold", action="store_true", help="keep the latents and change only the class")
    methods = ("spherical", "linear")
    add("--method", choices=methods, default=methods[0], help="default: %(default)s")
    add("--walks", type=positive, default=1, help="walks side by side (default: %(default)s)")
    add("--scale", type=positive, help="enlargement of pixels (default: 2 under 48 pixels)")
    add("--still", action="store_true", help="write one picture with a row of frames for each walk")
    add_backend(command)
    command.set_defaults(run=run_interpolate)


def run_interpolate(arguments) -> int:
    """Write a walk as an animation, or as rows of frames."""
    from keras_gan_zoo.plots import animations

    _check_stops(arguments)
    if arguments.still:
        check_picture(arguments.out)
    else:
        with reported():
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
    print(files.printable(arguments.out))
    return 0


def _check_stops(arguments):
    if arguments.seeds and (arguments.walks > 1 or arguments.stops or arguments.hold):
        raise UsageError("--seeds names the stops of one walk: leave out --walks, --stops and --hold")
    labels = len(arguments.labels or ())
    if arguments.stops and labels > 1 and arguments.stops != labels:
        raise UsageError(
            f"--labels must name {arguments.stops} classes, one for each of the --stops, or one"
        )


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
    return latent.walk(
        model, arguments.frames, stops, latents, labels, arguments.loop, arguments.method, seed
    )


def add_arithmetic(command):
    """Add the arguments of `arithmetic`."""
    add_model(command)
    add = command.add_argument
    terms = "samples to add, by their index in `generate --seed`, from 0; 3/4/8 is a mean of three"
    add("--plus", type=_terms, required=True, metavar="N,...", help=terms)
    add("--minus", type=_terms, default=[], metavar="N,...", help="samples to subtract")
    add("--seed", type=non_negative, default=0, help="of the samples (default: %(default)s)")
    label = "class, for conditional models (default: 0)"
    add("--label", type=non_negative, metavar="CLASS", help=label)
    add("--normalize", action="store_true", help="scale the sum to the length of a sample")
    add("--out", type=Path, default=Path("row.png"), help="image file (default: %(default)s)")
    add("--scale", type=positive, help="enlargement of pixels (default: 2 under 48 pixels)")
    add_backend(command)
    command.set_defaults(run=run_arithmetic)


def run_arithmetic(arguments) -> int:
    """Write the terms and their sum as one row."""
    check_picture(arguments.out)
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
    print(files.printable(arguments.out))
    return 0


def _frames(text: str) -> int:
    """Parse an integer >= 2."""
    if positive(text) < 2:
        raise argparse.ArgumentTypeError(f"must be 2 or more. Received: {text}")
    return int(text)


def _integers(text: str) -> list[int]:
    """Parse a list such as `3,7,5`."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise argparse.ArgumentTypeError(
            f"must be integers of 0 or more with commas between. Received: {text}"
        )
    return [int(part) for part in parts]


def _terms(text: str) -> list[list[int]]:
    """Parse a list of indices or means of them, such as `3,7` or `3/4/8,7`."""
    return [_integers(part.replace("/", ",")) for part in text.split(",")]
