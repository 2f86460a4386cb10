"""Estimates of the memory that style transfer takes, to refuse images that are too large."""

import math

import keras
import numpy as np

from keras_gan_zoo.utils import checks, machine

# Peak memory divided by the bytes of the outputs of all layers, on the backend that takes the most:
# measured by benchmarks/style_memory.py, table in benchmarks/README.md.
FEATURE_FACTOR = 4.0  # feature network, with gradients by the images
GENERATOR_FACTOR = 2.0  # generator in training
INFERENCE_FACTOR = 1.1  # generator in `translate`


def output_bytes(network: keras.Model, shape: tuple[int, ...]) -> int:
    """Bytes of the outputs of all layers together, for images of a shape.

    Args:
        network: functional network whose first input is images.
        shape: (n, height, width, channels) of the images.
    """
    all_outputs = keras.Model(network.inputs, [layer.output for layer in network.layers])
    shapes = [shape, *((shape[0], *other.shape[1:]) for other in network.inputs[1:])]
    outputs = all_outputs.compute_output_shape(shapes if len(shapes) > 1 else shape)
    return sum(math.prod(output) for output in outputs) * np.dtype(network.compute_dtype).itemsize


def check(needed: float, shape: tuple[int, ...], limit: float | None, subject: str) -> None:
    """Raise `ValueError` if images need more memory than the limit.

    Args:
        needed: bytes, in proportion to the number of pixels.
        shape: (n, height, width, channels) of the images.
        limit: gigabytes. `None` stands for half of the machine's memory.
        subject: description of the images for the message, such as `"A picture"`.

    Raises:
        ValueError: the images need more; the message names the limit and a size within it.
    """
    limit = machine.memory() / 2 if limit is None else checks.non_negative("memory", limit)
    needed = needed / machine.GIGABYTE
    if needed > limit:
        n, height, width, _ = shape
        side = int(max(height, width) * math.sqrt(limit / needed))
        count = f" ({n} of them)" if n > 1 else ""
        raise ValueError(
            f"{subject} of {height}x{width} pixels{count} needs about {needed:.2g} GB of memory. The "
            f"limit is memory={limit:.2g}: pass pictures with sides of at most {side} pixels, such as "
            f"`keras_gan_zoo.data.picture(path, size={side})`, or a larger `memory` in gigabytes."
        )
