"""What the tools share."""

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


def drawn_seed(seed: int | None) -> int:
    """The given seed, or one from numpy's global generator."""
    return np.random.randint(2**31) if seed is None else seed


def parts(n: int, size: int) -> Iterator[slice]:
    """Slices of `size` that make up n."""
    return (slice(start, start + size) for start in range(0, n, size))


def groups(model, latents: np.ndarray, labels) -> np.ndarray:
    """Numbers that say which latents have the same class and the same categorical codes: (n,)."""
    known = [latents[:, model.latent_parts.categories]]
    if model.condition is not None and not isinstance(model.condition, Attributes):
        known.append(model.condition.vectors(len(latents), labels))
    return np.unique(np.concatenate(known, 1), axis=0, return_inverse=True)[1].reshape(-1)


def centred(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Values (n, d) without the mean of their group: what classes do does not count."""
    values = np.asarray(values, "float64")
    _, groups = np.unique(groups, return_inverse=True)
    sums = np.zeros((groups.max() + 1, values.shape[1]))
    np.add.at(sums, groups, values)
    return values - (sums / np.bincount(groups)[:, None])[groups]
