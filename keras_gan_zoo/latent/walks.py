"""Ways through latent space, to be seen as animations."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.latent import interpolation
from keras_gan_zoo.latent.shared import check_model, drawn_seed
from keras_gan_zoo.models.noise_to_image.base import draw_latents
from keras_gan_zoo.utils import checks


class Walk(NamedTuple):
    """What `model.generate(latents=walk.latents, labels=walk.labels)` makes the pictures of.

    Args:
        latents: float32 (frames, latent_dim).
        labels: None, or float32 (frames, num_classes), weights of the classes, or float32 (frames,
            attributes).
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
    """A walk from stop to stop; a conditional model's labels change with the latents.

    Noise goes the way that `method` says, InfoGAN's codes and labels evenly.

    Args:
        model: a model that makes images from noise.
        frames: how many latents, 2 or more.
        stops: how many there are. None: as many as there are latents or labels, else 6.
        latents: of the stops, (stops, latent_dim), or one to stay at, (latent_dim,). None: random.
        labels: of the stops, as `generate` takes them. None: the classes in turn.
        loop: whether the last stop is followed by the way back to the first. The frames then are those
            of one round, without the first one again; else the last frame is the last stop.
        method: `"spherical"` or `"linear"`.
        seed: of random latents, see `generate`.

    Raises:
        ValueError: an argument breaks its rule, or latents or labels do not fit the stops.

    Example:

    >>> walk = kgz.latent.walk(model, frames=60, labels=[3, 7, 1], loop=True, seed=0)
    >>> images = model.generate(latents=walk.latents, labels=walk.labels)
    """
    check_model(model)
    frames = interpolation.at_least_two("frames", frames)
    checks.one_of("method", method, tuple(interpolation.METHODS))
    stops = _number_of_stops(stops, latents, labels)
    latents = (
        model.latents(stops, seed) if latents is None else _given(latents, stops, model.latent_dim)
    )
    if labels is not None and model.condition is None:
        model.generate(1, labels=labels)  # says what is wrong
    vectors = None if model.condition is None else model.condition.vectors(stops, labels)
    found = _along(latents, frames, loop, "linear")
    noise = model.latent_parts.noise
    found[:, noise] = _along(latents[:, noise], frames, loop, method)
    return Walk(found, None if vectors is None else _along(vectors, frames, loop, "linear"))


def _number_of_stops(stops, latents, labels):
    if stops is not None:
        return interpolation.at_least_two("stops", stops)
    lists = [given for given in (latents, labels) if given is not None and np.ndim(given) > 0]
    # One latent that is no list of them is (latent_dim,), one label that is none is ().
    lists = [given for given in lists if given is not latents or np.ndim(given) == 2]
    return max([len(given) for given in lists], default=6)


def _given(latents, stops, latent_dim):
    latents = np.asarray(latents, "float32")
    if latents.ndim == 1:
        latents = np.broadcast_to(latents, (stops, len(latents)))
    return draw_latents(stops, latent_dim, latents)


def _along(points, frames, loop, method):
    """So many places on the way through `points` (stops, d), evenly spaced in time."""
    legs = len(points) if loop else max(1, len(points) - 1)
    at = np.arange(frames) * legs / (frames if loop else frames - 1)
    leg = np.minimum(at.astype("int64"), legs - 1)
    following = np.roll(points, -1, 0)
    return interpolation.between(method, points[leg], following[leg], at - leg)


def random_walk(
    model, frames: int = 120, step: float = 0.1, latents=None, seed: int | None = None
) -> np.ndarray:
    """A walk without a goal: noise turns a little in a new random direction at every frame.

    Latents that are standard normal stay so. InfoGAN's codes stay as they are.

    Args:
        model: a model that makes images from noise.
        frames: how many latents, the start among them.
        step: how far the noise turns from one frame to the next, in radians.
        latents: where to start, (latent_dim,) or (n, latent_dim) for n walks. None: at a random one.
        seed: of the walk, and of a random start, see `generate`.

    Returns:
        float32 array (frames, latent_dim) or (n, frames, latent_dim).
    """
    check_model(model)
    frames = checks.positive_integer("frames", frames)
    step = checks.non_negative("step", step)
    seed = drawn_seed(seed)
    starts = model.latents(1, seed)[0] if latents is None else np.asarray(latents, "float32")
    draw_latents(None, model.latent_dim, np.atleast_2d(starts))
    rng, noise = np.random.default_rng((seed, 1)), model.latent_parts.noise
    found = np.repeat(starts[..., None, :], frames, -2)
    for frame in range(1, frames):
        before = found[..., frame - 1, noise]
        turn = rng.standard_normal(before.shape, "float32")
        found[..., frame, noise] = np.cos(step) * before + np.sin(step) * turn
    return found
