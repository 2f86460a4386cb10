"""Arithmetic, moves and truncation of latents."""

from collections.abc import Sequence

import numpy as np

from keras_gan_zoo.latent.common import check_model, resolve_seed
from keras_gan_zoo.utils import checks


def arithmetic(
    plus: Sequence, minus: Sequence = (), normalize: bool = False, noise: slice = slice(None)
) -> np.ndarray:
    """Add and subtract latents, such as a - b + c (Radford et al. 2015, arXiv 1511.06434, section 6.3).

    Args:
        plus: Terms to add; each is a latent `(d,)`, or several of one kind `(n, d)`, which count as
            their mean. Means of a few samples give more stable results than single samples.
        minus: Terms to subtract.
        normalize: Whether to scale the result to the mean length of all samples. Sums of single samples
            are longer than the latents of the training.
        noise: Slice of the d numbers that is scaled, such as `model.latent_parts.noise` for InfoGAN.

    Returns:
        float32 array `(d,)`.

    Raises:
        ValueError: If there are no terms to add, or shapes do not match.

    Example:

    >>> z = model.latents(64, seed=0)
    >>> latent = kgz.latent.arithmetic([z[[3, 4, 8]], z[7]], [z[[5, 6]]])
    >>> image = model.generate(latents=latent[None])[0]
    """
    terms = [[np.atleast_2d(np.asarray(term, "float64")) for term in side] for side in (plus, minus)]
    samples = [*terms[0], *terms[1]]
    if not terms[0] or any(term.ndim != 2 or term.shape[1] != samples[0].shape[1] for term in samples):
        raise ValueError(
            "Argument `plus` must have at least one term, and all terms be latents (d,) or (n, d) of "
            f"the same d. Received: {[[np.shape(term) for term in side] for side in (plus, minus)]}."
        )
    added, subtracted = (sum(term.mean(0) for term in side) for side in terms)
    total = added - subtracted
    if normalize:
        length = np.linalg.norm(np.concatenate(samples)[:, noise], axis=1).mean()
        total[noise] *= length / max(np.linalg.norm(total[noise]), 1e-12)
    return total.astype("float32")


def move(latents, direction, amounts) -> np.ndarray:
    """Move latents along a direction, by each of several amounts.

    Args:
        latents: `(d,)` or `(n, d)`.
        direction: `(d,)`, such as `direction(...).vector`.
        amounts: `(steps,)`, in lengths of the direction.

    Returns:
        float32 array `(steps, d)` or `(n, steps, d)`.

    Raises:
        ValueError: If shapes do not match.
    """
    latents, direction, amounts = (np.asarray(a, "float32") for a in (latents, direction, amounts))
    if direction.ndim != 1 or amounts.ndim != 1 or latents.shape[-1:] != direction.shape:
        raise ValueError(
            "Arguments `latents`, `direction` and `amounts` must have the shapes (n, d), (d,) and "
            f"(steps,). Received: {latents.shape}, {direction.shape} and {amounts.shape}."
        )
    return latents[..., None, :] + amounts[:, None] * direction


def truncate(latents, psi: float = 0.7, center=0.0) -> np.ndarray:
    """Scale latents towards a center, for more typical and less varied images (Karras et al. 2018,
    arXiv 1812.04948).

    Args:
        latents: `(..., d)`.
        psi: Factor of the distance from the center: 1 for unchanged latents, 0 for the center.
        center: `(d,)` or a number, such as the mean of many latents.

    Returns:
        float32 array `(..., d)`, `center + psi * (latents - center)`.

    Raises:
        ValueError: If `psi` is not a finite number.
    """
    psi = checks.finite("psi", psi)
    return (center + psi * (np.asarray(latents, "float32") - center)).astype("float32")


def truncated(model, n: int, threshold: float = 1.0, seed: int | None = None) -> np.ndarray:
    """Draw random latents whose noise is resampled beyond a threshold (the truncation trick of BigGAN,
    Brock et al. 2018, arXiv 1809.11096).

    Args:
        model: A model that makes images from noise.
        n: Number of latents.
        threshold: Largest absolute value of the noise, 0.01 or more. Smaller values give more typical
            and less varied images.
        seed: Seed, see `generate`. Latents within the threshold are those of `model.latents`.

    Returns:
        float32 array `(n, latent_dim)`.

    Raises:
        ValueError: If `threshold` is below 0.01.
    """
    check_model(model)
    if checks.non_negative("threshold", threshold) < 0.01:
        raise ValueError(f"Argument `threshold` must be 0.01 or more. Received: threshold={threshold}.")
    seed = resolve_seed(seed)
    latents, rng = model.latents(n, seed), np.random.default_rng((seed, 1))
    noise = latents[:, model.latent_parts.noise]
    while (outside := np.abs(noise) > threshold).any():
        noise[outside] = rng.standard_normal(outside.sum(), "float32")
    return latents
