"""Grouped convolutions, for which TensorFlow and XLA have no fast form on a CPU."""

from keras import ops


def split(conv, x, kernel, stride, padding):
    """The grouped convolution as one convolution for each group.

    `conv` is the backend's for one group; `kernel` is (h, w, in / groups, out).
    """
    groups = x.shape[-1] // kernel.shape[2]
    pairs = zip(ops.split(x, groups, -1), ops.split(kernel, groups, -1), strict=True)
    return ops.concatenate([conv(*pair, stride, padding) for pair in pairs], -1)
