"""Latents: standard normal ones, and the codes of InfoGAN."""

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.utils import checks


class LatentParts(NamedTuple):
    """Positions of the parts of a latent vector.

    Args:
        noise: standard normal numbers.
        categories: one-hot categorical codes.
        numbers: continuous codes in [-1, 1].
    """

    noise: slice
    categories: slice = slice(0, 0)
    numbers: slice = slice(0, 0)


class Codes:
    """Code vectors (n, width): concatenated one-hot categorical codes, then continuous codes.

    Args:
        categorical: number of categories of each categorical code; () for none.
        continuous: integer of 0 or more, number of continuous codes.

    Raises:
        ValueError: an invalid number, or no codes at all.
    """

    def __init__(self, categorical: tuple[int, ...], continuous: int):
        self.categorical = [checks.positive_integer("categorical", size) for size in categorical]
        self.continuous = checks.non_negative_integer("continuous", continuous)
        self.width = sum(self.categorical) + self.continuous
        if self.width == 0:
            raise ValueError(
                "Arguments `categorical` and `continuous` must define at least one code. Received: "
                "categorical=(), continuous=0. Pass for example categorical=(10,)."
            )

    def sample(self, n, seed: keras.random.SeedGenerator):
        """Random codes, a tensor (n, width): uniform categories, and uniform numbers in [-1, 1]."""
        parts = [
            ops.one_hot(keras.random.randint((n,), 0, size, seed=seed), size, dtype="float32")
            for size in self.categorical
        ]
        if self.continuous:
            parts.append(keras.random.uniform((n, self.continuous), -1.0, 1.0, "float32", seed))
        return ops.concatenate(parts, 1)

    def loss(self, predicted, codes):
        """Mean negative log-likelihood of the codes over a batch, without constants.

        Args:
            predicted: logits of the categories, then means of Gaussians with variance 1, (n, width).
            codes: true codes, (n, width).
        """
        codes, start, total = ops.cast(codes, predicted.dtype), 0, 0.0
        for size in self.categorical:
            part = slice(start, start + size)
            total = total - ops.sum(codes[:, part] * ops.log_softmax(predicted[:, part]), 1)
            start += size
        errors = ops.square(codes[:, start:] - predicted[:, start:])
        return ops.mean(total + 0.5 * ops.sum(errors, 1))

    def pick(self, n: int, seed: int, categorical=None, continuous=None) -> np.ndarray:
        """Given codes, with random ones in place of `None`: float32 array (n, width).

        Args:
            n: number of vectors.
            seed: integer, seed of the random codes.
            categorical, continuous: see `InfoGAN.latents`.

        Raises:
            ValueError: see `InfoGAN.latents`.
        """
        sizes = self.categorical
        draws = iter(np.random.default_rng((seed, 1)).random((n, len(sizes) + self.continuous)).T)
        columns = []
        categories = _check_list("categorical", categorical, len(sizes))
        for size, value in zip(sizes, categories, strict=True):
            random = np.floor(next(draws) * size)
            index = random if value is None else _check_categories(value, n, size)
            columns.append(np.eye(size)[index.astype("int64")])
        for value in _check_list("continuous", continuous, self.continuous):
            random = 2 * next(draws) - 1
            number = random if value is None else _check_numbers("continuous", value, n)
            columns.append(number[:, None])
        return np.concatenate(columns, 1).astype("float32")


def _check_list(name, values, count):
    """List of `count` values or `None`s, one for each code."""
    values = [None] * count if values is None else values
    if not isinstance(values, list | tuple) or len(values) != count:
        raise ValueError(
            f"Argument `{name}` must be a list with a value for each of the model's {count} codes. "
            f"Received: {name}={values!r}. Pass None for a random code."
        )
    return values


def _check_numbers(name, value, n):
    """One finite number or n numbers, as an array (n,)."""
    value = np.asarray(value, "float64")
    if value.shape not in ((), (n,)) or not np.isfinite(value).all():
        raise ValueError(
            f"A code of `{name}` must be a finite number, or one for each of the {n} images. Received: "
            f"{value.tolist()}."
        )
    return np.broadcast_to(value, (n,))


def _check_categories(value, n, size):
    """One category or n categories, as an array (n,)."""
    value = _check_numbers("categorical", value, n)
    if (value != np.floor(value)).any() or value.min() < 0 or value.max() >= size:
        raise ValueError(
            f"A code of `categorical` must be an integer in 0..{size - 1}. Received: "
            f"{np.unique(value).tolist()}."
        )
    return value


def draw_latents(n, latent_dim: int, latents=None, seed: int | None = None) -> np.ndarray:
    """Return validated or, by default, standard normal latents, float32 (n, latent_dim)."""
    if latents is None:
        n = checks.positive_integer("n", n)
        seed = np.random.randint(2**31) if seed is None else seed
        return np.random.default_rng(seed).standard_normal((n, latent_dim), "float32")
    latents = np.asarray(latents, "float32")
    if latents.ndim != 2 or latents.shape[1] != latent_dim or n not in (None, len(latents)):
        raise ValueError(
            f"Argument `latents` must have the shape ({n or 'n'}, {latent_dim}), with the model's "
            f"`latent_dim`. Received: {latents.shape}."
        )
    return latents
