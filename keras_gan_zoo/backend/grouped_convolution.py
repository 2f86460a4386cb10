"""Grouped convolutions for TensorFlow and XLA, which have no fast CPU implementation of them."""

import numpy as np
from keras import ops

# Kernel of `binomial_blur`: the outer product of [1, 3, 3, 1] / 8 with itself.
BINOMIAL_KERNEL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def conv_per_group(conv, x, kernel, stride, padding):
    """A grouped convolution, computed as one ungrouped convolution per group.

    Args:
        conv: the backend's ungrouped convolution.
        x: (n, h, w, in).
        kernel: (h, w, in / groups, out).
        stride, padding: as in `backend.conv`.
    """
    groups = x.shape[-1] // kernel.shape[2]
    pairs = zip(ops.split(x, groups, -1), ops.split(kernel, groups, -1), strict=True)
    return ops.concatenate([conv(*pair, stride, padding) for pair in pairs], -1)
