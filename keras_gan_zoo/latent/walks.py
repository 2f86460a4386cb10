"""Walks through latent space, for animations."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.latent import interpolation
from keras_gan_zoo.latent.common import check_labels_allowed, check_model, resolve_seed
from keras_gan_zoo.models.noise_to_image.codes import draw_latents
from keras_gan_zoo.utils import checks


class Walk(NamedTuple):
    """Arguments of `model.generate(latents=walk.latents, labels=walk.labels)` for all frames.

    Args:
        latents: float32 `(frames, latent_dim)`.
        labels: `None`, or float32 `(frames, num_classes)`, weights of the classes, or float32 `(frames,
            attributes)`.
    """

    latents: np.ndarray
    labels: np.ndarray | None = None


def walk(
    model,
    frames: int = 120,
    stops: int | None = None,
    latents=None,
    labels=None,
    loop: bool = False,
    method: str = "spherical",
    seed: int | None = None,
) -> Walk:
    """Interpolate from stop to stop, with the labels of a conditional model.

    `method` interpolates the noise; InfoGAN's codes and labels are interpolated linearly.

    Args:
        model: A model that makes images from noise.
        frames: Number of latents, 2 or more.
        stops: Number of stops. `None` for the number of given latents or labels, else 6.
        latents: Latents of the stops, `(stops, latent_dim)`, or a constant one, `(latent_dim,)`. `None`
            for random ones.
        labels: Labels of the stops, see `generate`. `None` for the classes in turn.
        loop: Whether the walk returns from the last stop to the first one. The frames then are one
            round, without the first frame at its end; otherwise the last frame is the last stop.
        method: `"spherical"` or `"linear"`.
        seed: Seed of random latents, see `generate`.

    Returns:
        A `Walk`.

    Raises:
        ValueError: If an argument breaks its rule, or latents or labels do not match the stops.

    Example:

    >>> walk = kgz.latent.walk(model, frames=60, labels=[3, 7, 1], loop=True, seed=0)
    >>> images = model.generate(latents=walk.latents, labels=walk.labels)
    """
    check_model(model)
    frames = interpolation.at_least_two("frames", frames)
    checks.one_of("method", method, tuple(interpolation.METHODS))
    stops = _number_of_stops(stops, latents, labels)
    if latents is None:
        latents = model.latents(stops, seed)
    else:
        latents = _latents_of_stops(latents, stops, model.latent_dim)
    check_labels_allowed(model, labels)
    vectors = None if model.condition is None else model.condition.vectors(stops, labels)
    path = _along(latents, frames, loop, "linear")
    noise = model.latent_parts.noise
    path[:, noise] = _along(latents[:, noise], frames, loop, method)
    return Walk(path, None if vectors is None else _along(vectors, frames, loop, "linear"))


def _number_of_stops(stops, latents, labels):
    if stops is not None:
        return interpolation.at_least_two("stops", stops)
    # A single latent is (latent_dim,), a single label is ().
    lists = [latents] if latents is not None and np.ndim(latents) == 2 else []
    lists += [labels] if labels is not None and np.ndim(labels) > 0 else []
    return max(map(len, lists), default=6)


def _latents_of_stops(latents, stops, latent_dim):
    latents = np.asarray(latents, "float32")
    if latents.ndim == 1:
        latents = np.broadcast_to(latents, (stops, len(latents)))
    return draw_latents(stops, latent_dim, latents)


def _along(points, frames, loop, method):
    """Interpolate `frames` latents, evenly spaced in time, on the path through `points` (stops, d)."""
    segments = len(points) if loop else max(1, len(points) - 1)
    times = np.arange(frames) * segments / (frames if loop else frames - 1)
    segment = np.minimum(times.astype("int64"), segments - 1)
    ends = np.roll(points, -1, 0)
    return interpolation.between(method, points[segment], ends[segment], times - segment)


def random_walk(
    model, frames: int = 120, step: float = 0.1, latents=None, seed: int | None = None
) -> np.ndarray:
    """Rotate the noise a little in a new random direction at every frame.

    Standard normal latents stay standard normal. InfoGAN's codes stay constant.

    Args:
        model: A model that makes images from noise.
        frames: Number of latents, including the start.
        step: Rotation of the noise per frame, in radians.
        latents: Start of the walk, `(latent_dim,)`, or of n walks, `(n, latent_dim)`. `None` for a
            random start.
        seed: Seed of the walk, and of a random start, see `generate`.

    Returns:
        float32 array `(frames, latent_dim)` or `(n, frames, latent_dim)`.

    Raises:
        ValueError: If an argument breaks its rule, or the latents have another shape.
    """
    check_model(model)
    frames = checks.positive_integer("frames", frames)
    step = checks.non_negative("step", step)
    seed = resolve_seed(seed)
    starts = model.latents(1, seed)[0] if latents is None else np.asarray(latents, "float32")
    draw_latents(None, model.latent_dim, np.atleast_2d(starts))
    rng, noise = np.random.default_rng((seed, 1)), model.latent_parts.noise
    path = np.repeat(starts[..., None, :], frames, -2)
    for frame in range(1, frames):
        previous = path[..., frame - 1, noise]
        random_direction = rng.standard_normal(previous.shape, "float32")
        path[..., frame, noise] = np.cos(step) * previous + np.sin(step) * random_direction
    return path
