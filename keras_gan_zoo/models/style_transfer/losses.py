"""How far a picture is from a content and from a style (Gatys et al. 2015, arXiv 1508.06576).

All are relative to the size of what is wanted: so weights mean the same for every network and layer.
Features and images are (n, height, width, channels), results (n,).
"""

from keras import ops

_TINY = 1e-8


def gram(features):
    """Products of channels, averaged over positions: (n, channels, channels).

    The gradient is right for what is symmetric in the two channels, such as `style_distance`: then
    both factors have the same one, and it is computed once.
    """
    n, height, width, channels = ops.shape(features)
    flat = ops.reshape(features, (n, height * width, channels))
    half = ops.matmul(ops.transpose(ops.stop_gradient(flat), (0, 2, 1)), flat) / (height * width)
    return 2.0 * half - ops.stop_gradient(half)


def power(features):
    """Mean square of what is wanted, (n,)."""
    return ops.mean(ops.square(features), (1, 2, 3))


def content_distance(features, wanted, power):
    """Mean squared difference of features, as a part of `power`, that of the wanted ones."""
    return ops.mean(ops.square(features - wanted), (1, 2, 3)) / (power + _TINY)


def style_distance(grams, wanted, weights):
    """Mean squared difference of Gram matrices, as a part of the wanted ones' mean square.

    Args:
        grams: (n, channels, channels).
        wanted: (n, styles, channels, channels).
        weights: of the styles, (styles,) or (n, styles); they sum to 1.
    """
    distances = ops.mean(ops.square(grams[:, None] - wanted), (2, 3))
    return ops.sum(weights * distances / (ops.mean(ops.square(wanted), (2, 3)) + _TINY), -1)


def variation(images):
    """Mean squared difference of neighbouring pixels, down and across (Rudin et al. 1992)."""
    down = ops.mean(ops.square(images[:, 1:] - images[:, :-1]), (1, 2, 3))
    across = ops.mean(ops.square(images[:, :, 1:] - images[:, :, :-1]), (1, 2, 3))
    return down + across
