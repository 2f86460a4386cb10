"""Sums, steps and truncation of latents."""

from collections.abc import Sequence

import numpy as np

from keras_gan_zoo.latent.shared import check_model, drawn_seed
from keras_gan_zoo.utils import checks


def arithmetic(
    plus: Sequence, minus: Sequence = (), normalize: bool = False, noise: slice = slice(None)
) -> np.ndarray:
    """The sum of the means of some samples less that of others: a - b + c (Radford et al. 2015, arXiv
    1511.06434, section 6.3).

    Args:
        plus: terms that are added; each is a latent (d,), or several of one kind (n, d), whose mean
            then is the term. Means of a few samples make steadier sums than single ones do.
        minus: terms that are subtracted.
        normalize: whether the sum gets the mean length of all samples: sums of single samples are
            longer than what the generator has seen in training.
        noise: which of the d numbers get that length, such as `model.latent_parts.noise` for InfoGAN.

    Returns:
        float32 array (d,).

    Raises:
        ValueError: no terms to add, or shapes that do not fit.

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
        wanted = np.linalg.norm(np.concatenate(samples)[:, noise], axis=1).mean()
        total[noise] *= wanted / max(np.linalg.norm(total[noise]), 1e-12)
    return total.astype("float32")


def move(latents, direction, amounts) -> np.ndarray:
    """Latents moved along a direction, by each of the amounts.

    Args:
        latents: (d,) or (n, d).
        direction: (d,), such as `direction(...).vector`.
        amounts: (steps,), in lengths of the direction.

    Returns:
        float32 array (steps, d) or (n, steps, d).
    """
    latents, direction, amounts = (np.asarray(a, "float32") for a in (latents, direction, amounts))
    if direction.ndim != 1 or amounts.ndim != 1 or latents.shape[-1:] != direction.shape:
        raise ValueError(
            "Arguments `latents`, `direction` and `amounts` must have the shapes (n, d), (d,) and "
            f"(steps,). Received: {latents.shape}, {direction.shape} and {amounts.shape}."
        )
    return latents[..., None, :] + amounts[:, None] * direction


def truncate(latents, psi: float = 0.7, center=0.0) -> np.ndarray:
    """Latents drawn towards a center: typical images, and less variety (Karras et al. 2018, arXiv
    1812.04948).

    Args:
        latents: (..., d).
        psi: how far from the center they stay: 1 all the way, 0 not at all.
        center: (d,) or a number, such as the mean of many latents.

    Returns:
        float32 array (..., d), `center + psi * (latents - center)`.
    """
    psi = checks.finite("psi", psi)
    return (center + psi * (np.asarray(latents, "float32") - center)).astype("float32")


def truncated(model, n: int, threshold: float = 1.0, seed: int | None = None) -> np.ndarray:
    """Random latents whose noise is drawn again where it is beyond a threshold (the truncation trick of
    BigGAN, Brock et al. 2018, arXiv 1809.11096).

    Args:
        model: a model that makes images from noise.
        n: how many.
        threshold: largest absolute value of the noise, 0.01 or more; less is more typical and less
            varied.
        seed: see `generate`; without a threshold that bites, the latents are those of `model.latents`.

    Returns:
        float32 array (n, latent_dim).
    """
    check_model(model)
    if checks.non_negative("threshold", threshold) < 0.01:
        raise ValueError(f"Argument `threshold` must be 0.01 or more. Received: threshold={threshold}.")
    seed = drawn_seed(seed)
    latents, rng = model.latents(n, seed), np.random.default_rng((seed, 1))
    noise = latents[:, model.latent_parts.noise]
    while (far := np.abs(noise) > threshold).any():
        noise[far] = rng.standard_normal(far.sum(), "float32")
    return latents
