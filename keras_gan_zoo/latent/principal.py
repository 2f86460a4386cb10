"""Directions of the largest variation of a generator, found without labels."""

from typing import NamedTuple

import keras
import numpy as np

from keras_gan_zoo import backend
from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.latent import common
from keras_gan_zoo.models.noise_to_image.codes import draw_latents
from keras_gan_zoo.utils import checks


class PrincipalDirections(NamedTuple):
    """Directions in decreasing order of the variance.

    Args:
        vectors: float32 `(components, latent_dim)`, of length 1, for `move`.
        variance: float32 `(components,)`, fractions of the total variance, in [0, 1].
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
    """Find the latent directions of the principal components of a layer's activations, by regression
    (GANSpace, Härkönen et al. 2020, arXiv 2004.02546).

    Differs from the paper: the decomposition is exact, with all activations in memory at once,
    `samples` times the size of the layer's output.

    Args:
        model: A model that makes images from noise.
        layer: Name of a layer of the generator. `"latents"` for the latents themselves, which makes
            sense only with given `latents`, such as those of projected images. `None` for the first
            layer that has weights, other than those with labels as input.
        components: Number of directions, at most `latent_dim`. `None` for 10, or the maximum if it is
            smaller.
        samples: Number of random latents, more than `latent_dim`.
        latents: `(n, latent_dim)`, instead of random ones. `None` for random ones.
        labels: Labels of a conditional model, see `direction`. Differences between classes are removed.
        seed: Seed of random latents, see `generate`.
        batch_size: Latents per pass of the generator.

    Returns:
        `PrincipalDirections`.

    Raises:
        ValueError: If the layer is unknown (the message lists the known ones), or a number breaks its
            rule.
    """
    common.check_model(model)
    samples = checks.positive_integer("samples", samples) if latents is None else len(latents)
    latents = model.latents(samples, seed) if latents is None else latents
    latents = draw_latents(None, model.latent_dim, latents)
    maximum = min(model.latent_dim, samples - 1)
    components = min(10, maximum) if components is None else components
    if checks.positive_integer("components", components) > maximum:
        raise ValueError(
            f"Argument `components` must be {maximum} at most, with latents of {model.latent_dim} "
            f"numbers and {samples} samples. Received: components={components}."
        )
    if layer == "latents":
        activations = latents
    else:
        activations = _activations(model, _get_layer(model, layer), latents, labels, batch_size)
    groups = common.group_ids(model, latents, labels)
    activations, latents = (common.center_groups(x, groups) for x in (activations, latents))
    return _decompose(activations, latents, components)


def _decompose(activations, latents, components):
    """Return the principal components of centred activations, as directions of centred latents."""
    # The cost is that of a matrix of min(n, d) squared, for n samples and d activations.
    left, singular_values, _ = np.linalg.svd(activations, full_matrices=False)
    variance = np.square(singular_values) / max(np.square(singular_values).sum(), 1e-300)
    vectors = left[:, :components].T @ latents  # least squares: the components are orthonormal
    signs = np.sign(np.take_along_axis(vectors, np.abs(vectors).argmax(1, keepdims=True), 1))
    lengths = signs * np.linalg.norm(vectors, axis=1, keepdims=True)  # the largest number is positive
    vectors = vectors / np.where(lengths == 0.0, 1.0, lengths)
    return PrincipalDirections(vectors.astype("float32"), variance[:components].astype("float32"))


def _get_layer(model, name):
    """Return the layer of the generator for the argument `layer`."""
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


def _activations(model, layer, latents, labels, batch_size):
    """Return the flattened activations of a layer, `(n, d)`."""
    inputs = latents
    if model.condition is not None:
        inputs = [latents, model.condition.pick(len(latents), labels)]
    backend.sync(model)
    whole = model.best_generator()
    is_model = isinstance(layer, keras.Model)
    output = keras_private.output_in(whole, layer) if is_model else layer.output
    network = keras.Model(whole.inputs, output)
    activations = backend.predict(network, inputs, batch_size)
    return np.asarray(activations).reshape(len(latents), -1)
