"""Attribute directions in latent space, by linear regression."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from keras_gan_zoo.latent import common
from keras_gan_zoo.utils import checks


class Direction(NamedTuple):
    """Direction of increasing scores.

    Args:
        vector: float32 `(d,)`, of length 1.
        slope: Increase of the score per unit of length, by the regression.
        fit: Coefficient of determination (R squared) of the regression, in [0, 1]. Near 0, the
            direction means little: take more samples, or another score.
    """

    vector: np.ndarray
    slope: float
    fit: float


def direction(
    model,
    score: Callable[[np.ndarray], np.ndarray],
    samples: int = 2000,
    labels=None,
    seed: int | None = None,
    batch_size: int = 64,
) -> Direction:
    """Find the latent direction along which a score of the images increases.

    The direction is a linear regression of the scores of random samples on their latents. Differences
    between classes, and between the categories of InfoGAN, are removed beforehand.

    Args:
        model: A model that makes images from noise.
        score: Function of images `(n, height, width, channels)` in [-1, 1] that returns a number or a
            boolean for each, `(n,)`, such as the mean brightness or the logit of a classifier.
        samples: Number of random samples, more than `latent_dim`; ten times as many are recommended.
        labels: Labels of the samples of a conditional model, see `generate`.
        seed: Seed of the samples, see `generate`.
        batch_size: Images per pass of the generator.

    Returns:
        A `Direction`.

    Raises:
        ValueError: If there are too few samples, or scores are not finite or all the same.

    Example:

    >>> brightness = kgz.latent.direction(model, lambda images: images.mean((1, 2, 3)), seed=0)
    >>> steps = np.linspace(-3, 3, 7)
    >>> latents = kgz.latent.move(model.latents(8, seed=1), brightness.vector, steps)
    >>> images = model.generate(latents=latents.reshape(-1, model.latent_dim))
    """
    common.check_model(model)
    _check_samples(checks.positive_integer("samples", samples), model.latent_dim)
    latents = model.latents(samples, seed)
    if model.condition is not None:
        labels = model.condition.vectors(samples, labels)
    scores = []
    for part in common.batch_slices(samples, 16 * batch_size):
        part_labels = labels if labels is None else labels[part]
        images = model.generate(latents=latents[part], labels=part_labels, batch_size=batch_size)
        scores.append(_check_scores(score(images), len(images)))
    return regress(latents, np.concatenate(scores), common.group_ids(model, latents, labels))


def regress(latents, scores, groups=None) -> Direction:
    """Find the direction of increasing scores, or boolean labels, by least squares.

    For normal latents, the regression also finds the direction of scores that are a nonlinear monotone
    function of it, such as booleans (Brillinger 1982).

    Args:
        latents: `(n, d)`, with n > d.
        scores: `(n,)`, finite numbers or booleans.
        groups: `(n,)`, ids of groups of samples, such as classes, whose differences are removed. `None`
            for one group.

    Returns:
        A `Direction`.

    Raises:
        ValueError: See `direction`.
    """
    latents, scores = np.asarray(latents, "float64"), np.asarray(scores)
    scores = _check_scores(scores, len(latents))
    _check_samples(*latents.shape)
    if not np.isfinite(scores).all() or np.ptp(scores) == 0.0:
        bad = np.flatnonzero(~np.isfinite(scores))
        received = f"{scores[bad[0]]} for image {bad[0]}" if len(bad) else f"{scores[0]} for all"
        raise ValueError(
            f"Scores must be finite numbers that differ. Received: {received}. Correct the scoring "
            "function, or leave such samples out."
        )
    groups = np.zeros(len(latents), int) if groups is None else np.asarray(groups)
    x, y = common.center_groups(latents, groups), common.center_groups(scores[:, None], groups)[:, 0]
    coefficients = np.linalg.lstsq(x, y, rcond=None)[0]
    slope = float(np.linalg.norm(coefficients))
    fit = 1.0 - np.square(y - x @ coefficients).sum() / max(np.square(y).sum(), 1e-300)
    return Direction((coefficients / max(slope, 1e-300)).astype("float32"), slope, float(fit))


def _check_samples(samples, latent_dim):
    if samples <= latent_dim:
        raise ValueError(
            f"A regression needs more samples than the latents have numbers, {latent_dim}. Received: "
            f"{samples}. Ten times as many are recommended."
        )


def _check_scores(scores, n):
    """Return scores as float64 `(n,)`."""
    scores = np.asarray(scores)
    if scores.shape not in ((n,), (n, 1)) or scores.dtype.kind not in "fiub":
        raise ValueError(
            f"Scores must be numbers, one for each of the {n} images. Received: shape {scores.shape}, "
            f"dtype {scores.dtype}. Return an array (n,)."
        )
    return scores.reshape(n).astype("float64")
