"""The part of InfoGAN's latents that can be read off the images: categories and numbers in [-1, 1]."""

from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.utils import checks


class LatentParts(NamedTuple):
    """Which numbers of a latent are what.

    Args:
        noise: standard normal ones.
        categories: one-hot codes.
        numbers: codes in [-1, 1].
    """

    noise: slice
    categories: slice = slice(0, 0)
    numbers: slice = slice(0, 0)


class Codes:
    """Vectors (n, width): a one-hot code for each of `categorical`, then `continuous` numbers.

    Args:
        categorical: how many categories each categorical code has; () for none.
        continuous: how many continuous codes there are.

    Raises:
        ValueError: no positive integers, or no codes at all.
    """

    def __init__(self, categorical: tuple[int, ...], continuous: int):
        self.categorical = [checks.positive_integer("categorical", size) for size in categorical]
        self.continuous = checks.non_negative_integer("continuous", continuous)
        self.width = sum(self.categorical) + self.continuous
        if self.width == 0:
            raise ValueError(
                "Arguments `categorical` and `continuous` must make at least one code. Received: "
                "categorical=(), continuous=0. Pass for example categorical=(10,)."
            )

    def sample(self, n, seed: keras.random.SeedGenerator):
        """Random codes, a tensor: categories are equally likely, numbers uniform in [-1, 1]."""
        found = [
            ops.one_hot(keras.random.randint((n,), 0, size, seed=seed), size, dtype="float32")
            for size in self.categorical
        ]
        if self.continuous:
            found.append(keras.random.uniform((n, self.continuous), -1.0, 1.0, "float32", seed))
        return ops.concatenate(found, 1)

    def loss(self, told, codes):
        """Mean over a batch of the negative log-likelihood of codes, without constants.

        Args:
            told: logits of the categories, and means of Gaussians with variance 1: (n, width).
            codes: (n, width).
        """
        codes, start, total = ops.cast(codes, told.dtype), 0, 0.0
        for size in self.categorical:
            part = slice(start, start + size)
            total = total - ops.sum(codes[:, part] * ops.log_softmax(told[:, part]), 1)
            start += size
        return ops.mean(total + 0.5 * ops.sum(ops.square(codes[:, start:] - told[:, start:]), 1))

    def pick(self, n: int, seed: int, categorical=None, continuous=None) -> np.ndarray:
        """The given codes, checked, and random ones in the place of None: float32 (n, width).

        Args:
            n: how many vectors.
            seed: of the random ones.
            categorical, continuous: see `InfoGAN.latents`.
        """
        sizes, numbers = self.categorical, [None] * self.continuous
        drawn = iter(np.random.default_rng((seed, 1)).random((n, len(sizes) + len(numbers))).T)
        columns = []
        for size, value in zip(sizes, _each("categorical", categorical, len(sizes)), strict=True):
            random = np.floor(next(drawn) * size)
            chosen = random if value is None else _categories(value, n, size)
            columns.append(np.eye(size)[chosen.astype("int64")])
        for value in _each("continuous", continuous, len(numbers)):
            random = 2 * next(drawn) - 1
            columns.append((random if value is None else _numbers("continuous", value, n))[:, None])
        return np.concatenate(columns, 1).astype("float32")


def _each(name, values, count):
    """A value, or None, for each of `count` codes."""
    values = [None] * count if values is None else values
    if not isinstance(values, list | tuple) or len(values) != count:
        raise ValueError(
            f"Argument `{name}` must be a list with a value for each of the model's {count} codes. "
            f"Received: {name}={values!r}. Put None in the place of a random one."
        )
    return values


def _numbers(name, value, n):
    """One finite number, or n of them, as an array (n,)."""
    value = np.asarray(value, "float64")
    if value.shape not in ((), (n,)) or not np.isfinite(value).all():
        raise ValueError(
            f"A code of `{name}` must be a finite number, or one for each of the {n} images. Received: "
            f"{value.tolist()}."
        )
    return np.broadcast_to(value, (n,))


def _categories(value, n, size):
    """One category, or n of them, as an array (n,)."""
    value = _numbers("categorical", value, n)
    if (value != np.floor(value)).any() or value.min() < 0 or value.max() >= size:
        raise ValueError(
            f"A code of `categorical` must be an integer in 0..{size - 1}. Received: "
            f"{np.unique(value).tolist()}."
        )
    return value
