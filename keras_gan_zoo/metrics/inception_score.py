"""The score that asks a classifier whether images are clear and varied."""

import numpy as np

from keras_gan_zoo.metrics import arrays


def inception_score(logits: np.ndarray) -> float:
    """`exp` of the mean divergence of each image's classes from the classes of all.

    Salimans et al. 2016, arXiv 1606.03498, for the logits of any classifier; over all samples at
    once, without splits. Between 1 (all alike, or all unclear) and the number of classes.

    Args:
        logits: (n, classes) of a classifier, not probabilities.

    Raises:
        ValueError: another shape, NaN, or fewer samples than classes.
    """
    logits = arrays.features("logits", logits).astype("float64")
    n, classes = logits.shape
    if n < classes:
        raise ValueError(
            f"The inception score needs at least as many samples as classes. Received: {n} samples, "
            f"{classes} classes. Generate more."
        )
    logits = logits - logits.max(1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    p = np.exp(log_p)
    log_marginal = np.log(np.maximum(p.mean(0), np.finfo("float64").tiny))
    return float(np.exp((p * (log_p - log_marginal)).sum(1).mean()))
