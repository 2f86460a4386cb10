"""Tiny conditional GANs and their attributes."""

import numpy as np
from tools import tiny


def conditional(conditioning="concat", **arguments):
    return tiny("ConditionalGAN", conditioning=conditioning, **arguments)


def with_attributes(conditioning="concat", **arguments):
    """Model with two attributes."""
    return conditional(conditioning, num_classes=None, attributes=2, **arguments)


def attributes(n=24):
    return np.random.default_rng(2).integers(0, 2, (n, 2)).astype("float32")
