"""How much memory a network will take, known before it takes it."""

import math

import keras
import numpy as np

from keras_gan_zoo.utils import checks, machine

# What is held at once, in outputs of all layers: measured, on the backend that takes the most.
_TRAINING, _PREDICTING = 5.0, 1.5


def check(
    network: keras.Model,
    shape: tuple[int, ...],
    limit: float | None,
    subject: str,
    *,
    training: bool = True,
    optimizer_bytes: float = 0.0,
) -> None:
    """Refuse images for which a network would take too much memory.

    Args:
        network: functional, its first input takes images.
        shape: (n, height, width, channels) of the images.
        limit: gigabytes. None: half of the machine's memory.
        what: what the images are, for the message.
        training: whether there will be gradients.
        more: bytes per pixel that are needed besides.

    Raises:
        ValueError: the images would need more; the message names the limit and a size within it.
    """
    limit = machine.memory() / 2 if limit is None else checks.non_negative("memory", limit)
    n, height, width, _ = shape
    copies = _TRAINING if training else _PREDICTING
    needed = (
        copies * sum(_sizes(network, shape)) + optimizer_bytes * n * height * width
    ) / machine.GIGABYTE
    if needed > limit:
        side = int(max(height, width) * math.sqrt(limit / needed))
        count = f" ({n} of them)" if n > 1 else ""
        raise ValueError(
            f"{subject} of {height}x{width} pixels{count} would take about {needed:.2g} GB of memory. The "
            f"limit is memory={limit:.2g}: pass pictures with sides of at most {side} pixels, such as "
            f"`keras_gan_zoo.data.picture(path, size={side})` reads them, or a larger `memory`, in "
            "gigabytes."
        )


def output_bytes(network, shape):
    return sum(_sizes(network, shape))


def _sizes(network, shape):
    """Bytes of the outputs of each layer."""
    every = keras.Model(network.inputs, [layer.output for layer in network.layers])
    given = [shape, *((shape[0], *other.shape[1:]) for other in network.inputs[1:])]
    shapes = every.compute_output_shape(given if len(given) > 1 else shape)
    return [math.prod(found) * np.dtype(network.compute_dtype).itemsize for found in shapes]
