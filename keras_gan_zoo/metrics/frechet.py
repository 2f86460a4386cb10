"""Fréchet distance between two sets of features."""

import numpy as np

from keras_gan_zoo.metrics import arrays


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared Fréchet distance between Gaussians fitted to two sets of features.

    Heusel et al. 2017, arXiv 1706.08500. On features of the 2015 Inception network this is the
    Fréchet Inception Distance (FID) of papers. On features of any other network it is comparable
    only with values of that network. It is biased upwards for few samples: compare values of equal
    sample sizes only.

    The trace of the square root of the product of the covariances is computed as the sum of the
    square roots of the eigenvalues of the symmetric matrix L'SL, where S is one covariance and LL'
    is the other: in float64, and never complex.

    Args:
        real, fake: Features of shape (n, d), each with n > d.

    Returns:
        The distance, at least 0; 0 for equal means and covariances.

    Raises:
        ValueError: The shapes are wrong, a value is not finite, or there are too few samples to
            estimate a covariance.
    """
    real, fake = arrays.as_feature_pair(real, fake)
    for name, features in (("real", real), ("fake", fake)):
        n, d = features.shape
        if n <= d:
            raise ValueError(
                "The Fréchet distance needs more samples than feature dimensions, otherwise a "
                f"covariance is singular. Received: {n} in `{name}`, {d} dimensions. Pass at least "
                f"{d + 1} samples (10 times as many are usual), or use the kernel distance, which "
                "allows small sets."
            )
    return distance_of_moments(*moments(real), *moments(fake))


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and unbiased covariance (d, d) of features (n, d), in float64."""
    n, d = features.shape
    mean = np.mean(features, axis=0, dtype="float64")
    covariance = np.zeros((d, d))
    for block in arrays.float64_blocks(features):
        centred = block - mean
        covariance += centred.T @ centred
    return mean, covariance / (n - 1)


def distance_of_moments(mean_a, covariance_a, mean_b, covariance_b) -> float:
    """Squared Fréchet distance between Gaussians with means (d,) and covariances (d, d)."""
    root = _factor(covariance_a)
    eigenvalues = np.linalg.eigvalsh(root.T @ covariance_b @ root)
    trace_of_root = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    total = np.trace(covariance_a) + np.trace(covariance_b)
    return float(max(np.square(mean_a - mean_b).sum() + total - 2.0 * trace_of_root, 0.0))


def _factor(covariance):
    """Matrix L with LL' equal to the covariance."""
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:  # singular: a feature is constant or a combination of others
        values, vectors = np.linalg.eigh(covariance)
        return vectors * np.sqrt(np.maximum(values, 0.0))
