"""Normalization and initialization of convolutional networks."""

from keras import initializers

from keras_gan_zoo.layers import BatchNormalization, InstanceNormalization

NORMS = ("instance", "batch")


def normal() -> dict:
    """Arguments of a layer with weights from N(0, 0.02).

    Each call returns a new initializer, because layers that share one get equal weights.
    """
    return {"kernel_initializer": initializers.RandomNormal(0.0, 0.02)}


def add_norm(x, norm: str):
    """Add a normalization layer to a functional model.

    Args:
        x: Keras tensor (n, height, width, channels).
        norm: `"instance"`, without scale and offset, as in the code of Zhu et al. 2017 (arXiv
            1703.10593); or `"batch"`.

    Returns:
        Keras tensor of the same shape.
    """
    if norm == "instance":
        return InstanceNormalization(scale=False, center=False)(x)
    return batch_norm()(x)


def batch_norm() -> BatchNormalization:
    """Batch normalization with the hyperparameters of the authors' code of DCGAN."""
    gamma = initializers.RandomNormal(1.0, 0.02)
    return BatchNormalization(momentum=0.9, epsilon=1e-5, gamma_initializer=gamma)
