"""Scopes in which a model builds its networks."""

import contextlib
import random
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def network_scope(seed: int | None, dtype_policy: keras.DTypePolicy) -> Iterator[None]:
    """Give the layers that are created in this block a dtype policy and seeds that depend on `seed`.

    Keras draws the seeds of initializers and dropout from Python's `random`, whose state is restored
    afterwards.

    Args:
        seed: None leaves the seeds to the process.
        dtype_policy: replaces the global policy.
    """
    state, policy = random.getstate(), keras.config.dtype_policy()
    if seed is not None:
        random.seed(seed)
    keras.config.set_dtype_policy(dtype_policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        if seed is not None:
            random.setstate(state)
