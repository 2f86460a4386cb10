"""Grouped convolutions, for which TensorFlow and XLA have no fast form on a CPU."""

import numpy as np
from keras import ops

# The filter of `binomial_blur`.
SMOOTH = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def split(conv, x, kernel, stride, padding):
    """The grouped convolution as one convolution for each group.

    `conv` is the backend's for one group; `kernel` is (h, w, in / groups, out).
    """
    groups = x.shape[-1] // kernel.shape[2]
    pairs = zip(ops.split(x, groups, -1), ops.split(kernel, groups, -1), strict=True)
    return ops.concatenate([conv(*pair, stride, padding) for pair in pairs], -1)
