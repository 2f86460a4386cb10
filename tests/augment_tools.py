"""Helpers of the tests of augmentations: images, tensors, fixed random numbers."""

import keras
import numpy as np
import pytest
from keras import ops
from tools import BACKEND

from keras_gan_zoo import augment
from keras_gan_zoo.augment import ada, diffaugment

SHAPES = [(8, 8, 3), (6, 9, 1), (5, 5, 2), (1, 6, 1)]


BOTH = {"diffaugment": augment.DiffAugment(), "ada": augment.ADA()}


EVERY = {
    **BOTH,
    **{f"diffaugment {part}": augment.DiffAugment(part) for part in diffaugment.POLICY},
    **{f"ada {part}": augment.ADA(categories=part) for part in ada.CATEGORIES},
}


both = pytest.mark.parametrize("augmentation", BOTH.values(), ids=BOTH)


every = pytest.mark.parametrize("augmentation", EVERY.values(), ids=EVERY)


def pictures(n, shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, *shape)).astype("float32")


def tensors(*values, dtype="float32"):
    return [ops.convert_to_tensor(np.asarray(value), dtype=dtype) for value in values]


def array(tensor):
    return np.array(ops.convert_to_numpy(tensor))


def quick(function):
    """Compile a function on JAX, where eager operations are slow."""
    if BACKEND == "jax":
        import jax

        return jax.jit(function)
    return function


def augmented(augmentation, images, probability=1.0, seed=0):
    def function(images):
        return augmentation(images, keras.random.SeedGenerator(seed), probability)

    return array(quick(function)(*tensors(images)))


def close(result, expected, tolerance=1e-5):
    np.testing.assert_allclose(array(result), expected, rtol=tolerance, atol=tolerance)


def function_of(augmentation, seed=5, probability=1.0):
    """The augmentation with an integer seed, that is, with the same random numbers in every call."""
    return lambda images: augmentation(images, seed, probability)


def share_of_changed(augmentation, probability, n=400, shape=(8, 8, 3)):
    images = pictures(n, shape)
    changes = augmented(augmentation, images, probability) != images
    return changes.any(axis=(1, 2, 3)).mean()
