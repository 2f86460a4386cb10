"""Projection of images to latents."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.latent import common
from keras_gan_zoo.latent.projector import Projector
from keras_gan_zoo.metrics.extractors import get_extractor
from keras_gan_zoo.training.data_checks import check_images
from keras_gan_zoo.utils import checks


class Projection(NamedTuple):
    """Latents of n images, and the images that they generate.

    Args:
        latents: float32 `(n, latent_dim)`.
        images: float32 `(n, height, width, channels)` in [-1, 1], generated from the latents.
        errors: float32 `(n,)`, mean absolute differences from the target images.
        labels: Labels of the generated images, classes `(n,)` or attributes `(n, attributes)`. `None`
            for an unconditional model.
    """

    latents: np.ndarray
    images: np.ndarray
    errors: np.ndarray
    labels: np.ndarray | None = None


def project(
    model,
    images,
    labels=None,
    steps: int = 300,
    restarts: int = 4,
    pixel: float = 1.0,
    feature: float = 0.0,
    extractor=None,
    prior: float = 0.1,
    learning_rate: float = 0.2,
    candidates: int = 500,
    seed: int | None = None,
    batch_size: int = 64,
    verbose="auto",
) -> Projection:
    """Find latents that generate given images, by gradient descent from several starts.

    Adam optimizes the noise, with a learning rate that decays to 0 (Lipton & Tripathi 2017, arXiv
    1702.05739, show that this recovers the latents of a generator's own images). Each image starts from
    the random latents whose images are nearest. InfoGAN's continuous codes stay within [-1, 1], its
    categories stay those of the start.

    Args:
        model: A model that makes images from noise.
        images: Target images `(n, height, width, channels)` in [-1, 1], of the model's shape.
        labels: Labels of a conditional model, classes or attributes, see `generate`. `None`: the
            restarts take the classes in turn; pass as many `restarts` as there are classes to try all.
        steps: Updates of Adam.
        restarts: Starts for each image, of which the best result is returned.
        pixel: Weight of the mean squared difference of pixels.
        feature: Weight of the squared distance of features, relative to the squared length of the
            target features: similarity of the content more than of the position.
        extractor: Feature extractor, see `keras_gan_zoo.metrics.get_extractor`. `None` for the one of
            this package for the model's shape.
        prior: Weight of the squared excess of the noise's mean square over 1 plus three standard
            deviations of that of normal noise. Longer latents are unsuitable for the other tools.
        learning_rate: Initial learning rate of Adam.
        candidates: Number of random latents that the starts are chosen from, at least `restarts`.
        seed: Seed of the candidates, see `generate`.
        batch_size: Number of starts that are optimized at the same time.
        verbose: 0 for silence, 1 or `"auto"` for a progress bar for each batch.

    Returns:
        A `Projection`.

    Raises:
        ValueError: If images have another shape or range, the weights are all 0, or an argument breaks
            its rule.

    Example:

    >>> projection = kgz.latent.project(model, photographs, restarts=8)
    >>> morph = kgz.latent.walk(model, latents=projection.latents, frames=60)
    """
    common.check_model(model)
    images = np.asarray(images)
    check_images(images, model.image_shape)
    for name, value in (("steps", steps), ("restarts", restarts), ("batch_size", batch_size)):
        checks.positive_integer(name, value)
    weights = _check_weights(pixel, feature, prior)
    if checks.non_negative("learning_rate", learning_rate) == 0.0:
        raise ValueError("Argument `learning_rate` must be more than 0. Received: 0.")
    common.check_labels_allowed(model, labels)
    if checks.positive_integer("candidates", candidates) < restarts:
        raise ValueError(
            "Argument `candidates` must be `restarts` at least. Received: "
            f"candidates={candidates}, restarts={restarts}."
        )
    if weights["feature"]:
        extractor = get_extractor(extractor, model.image_shape)
    seed = common.resolve_seed(seed)
    starts, labels = _choose_starts(model, images, labels, restarts, candidates, seed)
    rows = min(batch_size, len(starts))
    projector = Projector(model, extractor, weights, rows, steps, learning_rate)
    targets = np.repeat(images, restarts, axis=0)
    latents, losses = _run_in_batches(projector, targets, starts, labels, rows, verbose)
    best = losses.reshape(-1, restarts).argmin(1) + restarts * np.arange(len(images))
    latents, labels = latents[best], labels if labels is None else labels[best]
    generated = model.generate(latents=latents, labels=labels, batch_size=batch_size)
    return Projection(latents, generated, np.abs(generated - images).mean((1, 2, 3)), labels)


def _check_weights(pixel, feature, prior):
    weights = {"pixel": pixel, "feature": feature, "prior": prior}
    weights = {name: checks.non_negative(name, value) for name, value in weights.items()}
    if weights["pixel"] == weights["feature"] == 0.0:
        raise ValueError(
            "One of the arguments `pixel` and `feature` must be more than 0, else the images do "
            f"not count. Received: pixel={pixel}, feature={feature}."
        )
    return weights


def _run_in_batches(projector, targets, starts, labels, rows, verbose):
    """Return latents and their losses; the last batch is padded with its last row."""
    results = []
    for part in common.batch_slices(len(starts), rows):
        chosen = np.minimum(np.arange(part.start, part.start + rows), len(starts) - 1)
        part_labels = labels if labels is None else labels[chosen]
        results.append(projector.run(targets[chosen], starts[chosen], part_labels, verbose))
    latents, losses = (np.concatenate(arrays)[: len(starts)] for arrays in zip(*results, strict=True))
    if not np.isfinite(losses).all():
        raise ValueError(
            "The losses must stay finite. Received: NaN or infinity. Pass a smaller `learning_rate`, "
            "or check whether the model's weights are finite."
        )
    return latents, losses


def _choose_starts(model, images, labels, restarts, candidates, seed):
    """Return the nearest candidates of each image `(n * restarts, d)`, and their labels or `None`."""
    latents = model.latents(candidates, seed)
    if model.condition is not None:
        labels = _labels_of_starts(model.condition, len(images), labels, restarts)
    nearest = np.empty((len(images), restarts), "int64")
    for label, (rows, columns) in _group_by_label(labels, len(images), restarts):
        generated = model.generate(latents=latents, labels=label).reshape(candidates, -1)
        for image in np.unique(rows):
            distances = np.square(generated - images[image].reshape(1, -1)).sum(1)
            of_image = columns[rows == image]
            nearest[image, of_image] = np.argsort(distances)[: len(of_image)]
    return latents[nearest.reshape(-1)], labels


def _labels_of_starts(condition, n, labels, restarts):
    if labels is None:
        return np.tile(condition.pick(restarts), n)
    return np.repeat(condition.pick(n, labels), restarts, axis=0)


def _group_by_label(labels, n, restarts):
    """Return each label with the (images, restarts) that have it."""
    if labels is None:
        return [(None, np.indices((n, restarts)).reshape(2, -1))]
    distinct, ids = np.unique(labels, axis=0, return_inverse=True)
    ids = ids.reshape(n, restarts)
    return [(label, np.nonzero(ids == index)) for index, label in enumerate(distinct)]
