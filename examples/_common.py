"""Options of the examples, and the synthetic data of their `--smoke` runs."""

import argparse
import pathlib

import numpy as np

import keras_gan_zoo as kgz

_HELP = {
    "data": "a source of keras_gan_zoo.data.load, such as mnist, digits or an .npz file",
    "to": "the other domain, unless --data has both",
    "size": "side of the images in pixels",
    "image_size": "side of the images in pixels (default: that of the source)",
    "epochs": "passes over the data",
    "width": "channels of the layers next to the image",
    "out": "folder for pictures and the model",
}
_INTEGERS = ("image_size", "style_size")  # options without a default


def parse_options(doc: str, smoke: dict, positional: dict | None = None, help=(), **options):
    """Parse the command line of an example.

    Args:
        doc: docstring of the example, whose first line is the description.
        smoke: values of options that replace the others with `--smoke`.
        positional: names and descriptions of positional arguments, required without `--smoke`; those
            of a name that ends in `*` are a list.
        help: descriptions of options, as pairs or a dict; those above are the default.
        **options: default values by name, for an option with choices a tuple of them.

    Returns:
        The options, with `smoke`, whether this is a short run on synthetic data.
    """
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    positional = positional or {}
    for name, text in positional.items():
        parser.add_argument(name.rstrip("*"), nargs="*" if name.endswith("*") else "?", help=text)
    descriptions = _HELP | dict(help)
    for name, default in options.items():
        arguments = {"help": descriptions.get(name), "default": default}
        if isinstance(default, tuple):
            arguments |= {"choices": default, "default": default[0]}
        elif default is None:
            arguments["type"] = int if name in _INTEGERS else str
        else:
            arguments["type"] = type(default)
        parser.add_argument(f"--{name.replace('_', '-')}", **arguments)
    parser.add_argument("--smoke", action="store_true", help="run for seconds, on synthetic data")
    parsed = parser.parse_args()
    if parsed.smoke:
        vars(parsed).update(smoke)
    elif not all(getattr(parsed, name.rstrip("*")) for name in positional):
        parser.error(f"pass {' and '.join(name.rstrip('*') for name in positional)}, or --smoke")
    parsed.out = pathlib.Path(parsed.out)
    return parsed


def noise(count: int, side: int) -> np.ndarray:
    """Return colour images of noise, uint8 (count, side, side, 3)."""
    return np.random.default_rng(0).integers(0, 256, (count, side, side, 3), dtype="uint8")


def synthetic_domains():
    """Return digits and their negatives, the two domains of CycleGAN and DiscoGAN for `--smoke`."""
    digits = kgz.data.load("digits", image_size=32, channels=3, batch_size=32, samples=32).images
    return kgz.data.unpaired(digits[:16], 255 - digits[16:], batch_size=4)
