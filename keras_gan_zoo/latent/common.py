"""Helpers that the latent-space tools share."""

from collections.abc import Iterator

import numpy as np

from keras_gan_zoo.models.noise_to_image.base import NoiseToImage
from keras_gan_zoo.models.noise_to_image.labels import Attributes


def check_model(model) -> None:
    """Raise TypeError unless `model` makes images from noise."""
    if not isinstance(model, NoiseToImage):
        raise TypeError(
            "Argument `model` must be a model that makes images from noise, such as "
            f"`keras_gan_zoo.DCGAN`. Received: {type(model).__name__}."
        )


def check_labels_allowed(model, labels) -> None:
    """Raise the error of `generate` if an unconditional model is given labels."""
    if labels is not None and model.condition is None:
        model.generate(1, labels=labels)


def resolve_seed(seed: int | None) -> int:
    """Return the seed, or a random one from numpy's global generator for `None`."""
    return np.random.randint(2**31) if seed is None else seed


def batch_slices(n: int, size: int) -> Iterator[slice]:
    """Return consecutive slices of length `size` that cover `range(n)`."""
    return (slice(start, start + size) for start in range(0, n, size))


def group_ids(model, latents: np.ndarray, labels) -> np.ndarray:
    """Return ids `(n,)`, equal for latents of the same class and categorical codes.

    Args:
        model: Model that makes images from noise.
        latents: `(n, latent_dim)`.
        labels: Labels of a conditional model, see `generate`.
    """
    keys = [latents[:, model.latent_parts.categories]]
    if model.condition is not None and not isinstance(model.condition, Attributes):
        keys.append(model.condition.vectors(len(latents), labels))
    return np.unique(np.concatenate(keys, 1), axis=0, return_inverse=True)[1].reshape(-1)


def center_groups(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return float64 values `(n, d)` minus the mean of their group, to remove class differences."""
    values = np.asarray(values, "float64")
    _, groups = np.unique(groups, return_inverse=True)
    sums = np.zeros((groups.max() + 1, values.shape[1]))
    np.add.at(sums, groups, values)
    return values - (sums / np.bincount(groups)[:, None])[groups]
