"""Normalization of image-to-image networks."""

from keras import initializers

from keras_gan_zoo.layers import BatchNormalization, InstanceNormalization

NORMS = ("instance", "batch")


def add_norm(x, norm: str):
    """Images `x` of a functional model, normalized.

    Args:
        x: (n, height, width, channels).
        norm: `"instance"`, without weights, as in the code of Zhu et al. 2017 (arXiv 1703.10593); or
            `"batch"`.
    """
    if norm == "instance":
        return InstanceNormalization(scale=False, center=False)(x)
    gamma = initializers.RandomNormal(1.0, 0.02)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=gamma)(x)
