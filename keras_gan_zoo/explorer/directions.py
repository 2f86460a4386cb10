"""Directions for the sliders: principal components of a model, and directions from a file."""

import os

import numpy as np

from keras_gan_zoo import latent
from keras_gan_zoo.explorer.points import default_labels
from keras_gan_zoo.models.noise_to_image.labels import Attributes


def principal(model, components: int) -> dict[str, np.ndarray]:
    """Return principal directions by name, such as "component 1 (24 %)", see
    `latent.principal_directions`.

    The percentage is the part of the variance of the generator's first layer.

    Args:
        model: a model that makes images from noise.
        components: integer of 0 or more, number of directions; at most `latent_dim` are returned.
    """
    components = min(components, model.latent_dim)
    if not components:
        return {}
    samples = max(1000, 2 * model.latent_dim)
    labels = default_labels(model, samples) if isinstance(model.condition, Attributes) else None
    found = latent.principal_directions(
        model, components=components, samples=samples, labels=labels, seed=0
    )
    pairs = zip(found.vectors, found.variance, strict=True)
    return {f"component {n} ({part:.0%})": vector for n, (vector, part) in enumerate(pairs, 1)}


def read(path: str | os.PathLike, latent_dim: int) -> dict[str, np.ndarray]:
    """Read directions by name from an `.npz` file, such as
    `np.savez("directions.npz", slant=kgz.latent.direction(model, slant).vector)`.

    Args:
        path: file with one array (latent_dim,) for each direction. Lengths are ignored.
        latent_dim: positive integer, see `NoiseToImage`.

    Returns:
        float32 arrays (latent_dim,) of length 1.

    Raises:
        ValueError: the file is missing or damaged, or an array is no direction of the model.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = dict(archive)
    except Exception as error:
        # NumPy's parser and the decompression raise errors of any type on damaged files.
        raise ValueError(
            "Argument `directions` must be an intact .npz file of plain arrays. Received: directions="
            f"{str(path)!r} ({str(error)[:200]}). Write it with np.savez(path, name=direction.vector)."
        ) from error
    for name, vector in arrays.items():
        is_direction = vector.shape == (latent_dim,) and vector.dtype.kind in "fiu"
        if not is_direction or not np.isfinite(vector).all() or not vector.any():
            raise ValueError(
                f"Argument `directions` must hold arrays ({latent_dim},) of finite numbers, not all 0, "
                f"for this model. Received: {name!r} of shape {vector.shape}, dtype {vector.dtype}."
            )
    return {name: (x / np.linalg.norm(x)).astype("float32") for name, x in arrays.items()}
