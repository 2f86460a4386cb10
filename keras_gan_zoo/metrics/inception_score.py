"""Inception score of classifier logits."""

import numpy as np

from keras_gan_zoo.metrics import arrays


def inception_score(logits: np.ndarray) -> float:
    """Exponential of the mean KL divergence from per-image to marginal class probabilities.

    Salimans et al. 2016, arXiv 1606.03498, for the logits of any classifier, over all samples at
    once instead of in splits.

    Args:
        logits: Classifier outputs before the softmax, of shape (n, classes).

    Returns:
        A value between 1 (every image has the same or a uniform prediction) and the number of
        classes; higher is better.

    Raises:
        ValueError: The shape is wrong, a value is not finite, or there are fewer samples than
            classes.
    """
    logits = arrays.as_features("logits", logits).astype("float64")
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
