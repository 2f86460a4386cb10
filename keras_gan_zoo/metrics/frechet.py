"""Fréchet distance of two sets of features."""

import numpy as np

from keras_gan_zoo.metrics import arrays


def frechet_distance(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared Fréchet distance of the Gaussians that fit two sets of features, the FID.

    Heusel et al. 2017, arXiv 1706.08500. With the features of another network than Inception it is
    comparable only to values of that network. It is biased upwards for few samples: compare values
    of equal sample sizes only.

    The trace of the square root of the two covariances' product is the sum of the roots of
    the eigenvalues of the symmetric matrix L'SL, with S one covariance and LL' the other: in float64,
    and never complex.

    Args:
        real, fake: features (n, d), each with n > d.

    Returns:
        The distance, 0 or more; 0 for equal means and covariances.

    Raises:
        ValueError: another shape, NaN, or too few samples to determine a covariance.
    """
    real, fake = arrays.pair(real, fake)
    for name, features in (("real", real), ("fake", fake)):
        n, d = features.shape
        if n <= d:
            raise ValueError(
                f"The Fréchet distance needs more samples than feature dimensions, else a covariance "
                f"is singular and the distance says nothing. Received: {n} in `{name}`, {d} "
                f"dimensions. Pass at least {d + 1} samples (10 times as many are usual), an extractor "
                "with fewer features, or ask for the kernel distance, which small sets allow."
            )
    return distance_of_moments(*moments(real), *moments(fake))


def moments(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (d,) and unbiased covariance (d, d) of features (n, d), in float64."""
    n, d = features.shape
    mean = np.mean(features, axis=0, dtype="float64")
    covariance = np.zeros((d, d))
    for part in arrays.blocks(features):
        centred = part - mean
        covariance += centred.T @ centred
    return mean, covariance / (n - 1)


def distance_of_moments(mean_a, covariance_a, mean_b, covariance_b) -> float:
    """The same of means (d,) and covariances (d, d)."""
    root = _factor(covariance_a)
    eigenvalues = np.linalg.eigvalsh(root.T @ covariance_b @ root)
    shared = np.sqrt(np.maximum(eigenvalues, 0.0)).sum()
    total = np.trace(covariance_a) + np.trace(covariance_b)
    return float(max(np.square(mean_a - mean_b).sum() + total - 2.0 * shared, 0.0))


def _factor(covariance):
    """L with LL' = covariance."""
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:  # singular: some feature is constant or depends on others
        values, vectors = np.linalg.eigh(covariance)
        return vectors * np.sqrt(np.maximum(values, 0.0))
