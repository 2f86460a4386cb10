"""`batch_mean`: the mean over a batch, whose rows several processes may share."""

from typing import Any

from keras import ops

from keras_gan_zoo import backend


def batch_mean(x, axis=None, keepdims: bool = False) -> Any:
    """Return `ops.mean(x, axis, keepdims)` over the rows of all replicas, differentiable.

    Losses that are linear in the mean of a batch need it not: gradients are averaged.

    Args:
        x: tensor whose first axis, one of `axis`, is the batch.
        axis, keepdims: as in `keras.ops.mean`.
    """
    return backend.mean_over_replicas(ops.mean(x, axis, keepdims))
