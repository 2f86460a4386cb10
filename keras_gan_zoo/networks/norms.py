"""Normalization and initialization of convolutional networks."""

from keras import initializers

from keras_gan_zoo.layers import BatchNormalization, InstanceNormalization

NORMS = ("instance", "batch")


def normal() -> dict:
    """Arguments of a convolution that starts with normal weights of deviation 0.02, its own ones: an
    initializer that several layers share gives all of them the same weights."""
    return {"kernel_initializer": initializers.RandomNormal(0.0, 0.02)}


def add_norm(x, norm: str):
    """Images `x` of a functional model, normalized.

    Args:
        x: (n, height, width, channels).
        norm: `"instance"`, without weights, as in the code of Zhu et al. 2017 (arXiv 1703.10593); or
            `"batch"`.
    """
    if norm == "instance":
        return InstanceNormalization(scale=False, center=False)(x)
    return batch_norm()(x)


def batch_norm() -> BatchNormalization:
    """Batch normalization as the authors of DCGAN have it, and many after them."""
    gamma = initializers.RandomNormal(1.0, 0.02)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=gamma)
