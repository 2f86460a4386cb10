"""Directions in which a generator's images vary most, found without labels."""

from typing import NamedTuple

import keras
import numpy as np

from keras_gan_zoo import backend
from keras_gan_zoo.latent import shared
from keras_gan_zoo.models.noise_to_image.base import draw_latents
from keras_gan_zoo.utils import checks


class PrincipalDirections(NamedTuple):
    """What varies most, first.

    Args:
        vectors: float32 (components, latent_dim), of length 1, for `move`.
        variance: float32 (components,), shares of the whole variance, in [0, 1].
    """

    vectors: np.ndarray
    variance: np.ndarray


def principal_directions(
    model,
    layer: str | None = None,
    components: int | None = None,
    samples: int = 1000,
    latents=None,
    labels=None,
    seed: int | None = None,
    batch_size: int = 64,
) -> PrincipalDirections:
    """Principal components of what a layer makes of latents, carried back to the latents by regression
    (GANSpace, Härkönen et al. 2020, arXiv 2004.02546).

    Differs from the paper: all features are in memory at once, `samples` times the size of the layer's
    output, and the decomposition is exact.

    Args:
        model: a model that makes images from noise.
        layer: name of a layer of the generator. `"latents"`: the latents themselves, which makes sense
            only with `latents` of your own, such as those of projected images. None: the first
            layer that has weights, other than those that read labels.
        components: how many directions, at most `latent_dim`. None: 10, or that.
        samples: random latents whose features are compared, more than `latent_dim`.
        latents: (n, latent_dim) to be compared instead.
        labels: as of `direction`; differences between classes do not count.
        seed: of random latents, see `generate`.
        batch_size: latents per pass.

    Raises:
        ValueError: an unknown layer, whose message lists the known ones, or a wrong number.
    """
    shared.check_model(model)
    samples = checks.positive_integer("samples", samples) if latents is None else len(latents)
    latents = model.latents(samples, seed) if latents is None else latents
    latents = draw_latents(None, model.latent_dim, latents)
    most = min(model.latent_dim, samples - 1)
    components = min(10, most) if components is None else components
    if checks.positive_integer("components", components) > most:
        raise ValueError(
            f"Argument `components` must be {most} at most, with latents of {model.latent_dim} numbers "
            f"and {samples} samples. Received: components={components}."
        )
    if layer == "latents":
        features = latents
    else:
        features = _features(model, _found(model, layer), latents, labels, batch_size)
    groups = shared.groups(model, latents, labels)
    return _decomposed(shared.centred(features, groups), shared.centred(latents, groups), components)


def _decomposed(features, latents, components):
    """Of both, centred: the components, and the latents that go with one step along each."""
    # Of n samples and d features, a matrix of min(n, d) squared tells all.
    left, sizes, _ = np.linalg.svd(features, full_matrices=False)
    shares = np.square(sizes) / max(np.square(sizes).sum(), 1e-300)
    vectors = left[:, :components].T @ latents  # least squares: the components are orthonormal
    signs = np.sign(np.take_along_axis(vectors, np.abs(vectors).argmax(1, keepdims=True), 1))
    lengths = signs * np.linalg.norm(vectors, axis=1, keepdims=True)  # the largest number is positive
    vectors = vectors / np.where(lengths == 0.0, 1.0, lengths)
    return PrincipalDirections(vectors.astype("float32"), shares[:components].astype("float32"))


def _found(model, name):
    network = model.best_generator()
    layers = {layer.name: layer for layer in network.layers}
    layers = {k: v for k, v in layers.items() if not isinstance(v, keras.layers.InputLayer)}
    if name is None:
        labels = network.inputs[1:]
        return next(
            layer
            for layer in layers.values()
            if layer.weights and not any(layer.input is label for label in labels)
        )
    checks.one_of("layer", name, (None, "latents", *layers))
    return layers[name]


def _features(model, layer, latents, labels, batch_size):
    given = latents
    if model.condition is not None:
        given = [latents, model.condition.pick(len(latents), labels)]
    backend.sync(model)
    network = keras.Model(model.best_generator().inputs, layer.output)
    found = network.predict(given, batch_size=batch_size, verbose=0)
    return np.asarray(found).reshape(len(latents), -1)
