"""Content, style and variation losses of style transfer (Gatys et al. 2015, arXiv 1508.06576).

Content and style losses are divided by the mean square of their target, so a weight has the same effect
for every network and layer. Features and images have the shape (n, height, width, channels), losses
the shape (n,).
"""

from keras import ops

_EPSILON = 1e-8


def gram_matrix(features):
    """Products of channels, averaged over positions: (n, channels, channels).

    The gradient is only correct for functions that are symmetric in the two channels, such as
    `style_loss`: both factors then have the same gradient, which is computed once.
    """
    n, height, width, channels = ops.shape(features)
    flat = ops.reshape(features, (n, height * width, channels))
    half = ops.matmul(ops.transpose(ops.stop_gradient(flat), (0, 2, 1)), flat) / (height * width)
    return 2.0 * half - ops.stop_gradient(half)


def mean_square(features):
    """Mean square of the features of each image, (n,)."""
    return ops.mean(ops.square(features), (1, 2, 3))


def content_loss(features, target, target_mean_square):
    """Mean squared difference of features, divided by the mean square of the target, (n,)."""
    return ops.mean(ops.square(features - target), (1, 2, 3)) / (target_mean_square + _EPSILON)


def style_loss(grams, targets, weights):
    """Mean squared difference of Gram matrices, divided by the mean square of the target, (n,).

    Args:
        grams: (n, channels, channels).
        targets: (n or 1, styles, channels, channels).
        weights: weights of the styles, (styles,) or (n, styles), with a sum of 1.
    """
    differences = ops.mean(ops.square(grams[:, None] - targets), (2, 3))
    return ops.sum(weights * differences / (ops.mean(ops.square(targets), (2, 3)) + _EPSILON), -1)


def variation_loss(images):
    """Mean squared difference of vertical and horizontal neighbours, (n,) (Rudin et al. 1992)."""
    vertical = ops.mean(ops.square(images[:, 1:] - images[:, :-1]), (1, 2, 3))
    horizontal = ops.mean(ops.square(images[:, :, 1:] - images[:, :, :-1]), (1, 2, 3))
    return vertical + horizontal
