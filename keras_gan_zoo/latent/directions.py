"""Attribute directions: where to go in latent space for more of something."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from keras_gan_zoo.latent import shared
from keras_gan_zoo.utils import checks


class Direction(NamedTuple):
    """Where a score grows.

    Args:
        vector: float32 (d,), of length 1.
        slope: how much the score grows for each unit of length, by the regression.
        fit: share of the score's variance that a straight line explains (R squared), in [0, 1]. Near
            0, the direction means little: take more samples, or another score.
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
    """The direction in which a score of the images grows, by regression on random samples.

    Args:
        model: a model that makes images from noise.
        score: takes images (n, height, width, channels) in [-1, 1], and gives a number for each, (n,):
            any function, such as mean brightness or the logit of a classifier; yes and no are fine.
        samples: random images that are scored, more than `latent_dim`; ten times as many are good.
        labels: of a conditional model's samples, as `generate` takes them; differences between classes
            do not count. Neither do those between InfoGAN's categories.
        seed: of the samples, see `generate`.
        batch_size: images per pass of the generator.

    Raises:
        ValueError: too few samples, or scores that are not finite numbers or all the same.

    Example:

    >>> found = kgz.latent.direction(model, lambda images: images.mean((1, 2, 3)), seed=0)
    >>> latents = kgz.latent.move(model.latents(8, seed=1), found.vector, np.linspace(-3, 3, 7))
    >>> images = model.generate(latents=latents.reshape(-1, model.latent_dim))
    """
    shared.check_model(model)
    _check_samples(checks.positive_integer("samples", samples), model.latent_dim)
    latents = model.latents(samples, seed)
    if model.condition is not None:
        labels = model.condition.vectors(samples, labels)
    scores = []
    for part in shared.parts(samples, 16 * batch_size):
        told = labels if labels is None else labels[part]
        images = model.generate(latents=latents[part], labels=told, batch_size=batch_size)
        scores.append(_one_each(score(images), len(images)))
    return regress(latents, np.concatenate(scores), shared.groups(model, latents, labels))


def regress(latents, scores, groups=None) -> Direction:
    """The direction in which scores, or labels of yes and no, grow: least squares.

    Of normal latents these find the direction even where the score is no straight line but any
    monotone function of it, such as yes and no (Brillinger 1982).

    Args:
        latents: (n, d), with n > d.
        scores: (n,), finite numbers or booleans.
        groups: (n,), whatever tells apart samples that are compared only with their like, such as
            those of a class. None: all are alike.

    Raises:
        ValueError: see `direction`.
    """
    latents, scores = np.asarray(latents, "float64"), np.asarray(scores)
    scores = _one_each(scores, len(latents))
    _check_samples(*latents.shape)
    if not np.isfinite(scores).all() or np.ptp(scores) == 0.0:
        broken = np.flatnonzero(~np.isfinite(scores))
        found = f"{scores[broken[0]]} for image {broken[0]}" if len(broken) else f"{scores[0]} for all"
        raise ValueError(
            f"Scores must be finite numbers that differ. Received: {found}. Mend the scoring function, "
            "or leave such samples out."
        )
    groups = np.zeros(len(latents), int) if groups is None else np.asarray(groups)
    z, y = shared.centred(latents, groups), shared.centred(scores[:, None], groups)[:, 0]
    coefficients = np.linalg.lstsq(z, y, rcond=None)[0]
    slope = float(np.linalg.norm(coefficients))
    fit = 1.0 - np.square(y - z @ coefficients).sum() / max(np.square(y).sum(), 1e-300)
    return Direction((coefficients / max(slope, 1e-300)).astype("float32"), slope, float(fit))


def _check_samples(samples, latent_dim):
    if samples <= latent_dim:
        raise ValueError(
            f"A regression needs more samples than the latents have numbers, {latent_dim}. Received: "
            f"{samples}. Ten times as many are good."
        )


def _one_each(scores, n):
    scores = np.asarray(scores)
    if scores.shape not in ((n,), (n, 1)) or scores.dtype.kind not in "fiub":
        raise ValueError(
            f"Scores must be numbers, one for each of the {n} images. Received: shape {scores.shape}, "
            f"dtype {scores.dtype}. Return an array (n,)."
        )
    return scores.reshape(n).astype("float64")
