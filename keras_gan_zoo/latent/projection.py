"""The way back: latents whose image is like a given one."""

from typing import NamedTuple

import numpy as np

from keras_gan_zoo.latent import shared
from keras_gan_zoo.latent.projector import Projector
from keras_gan_zoo.metrics.extractors import get_extractor
from keras_gan_zoo.training.data_checks import check_images
from keras_gan_zoo.utils import checks


class Projection(NamedTuple):
    """What was found for n images.

    Args:
        latents: float32 (n, latent_dim).
        images: float32 (n, height, width, channels), what `generate` makes of them, in [-1, 1].
        errors: float32 (n,), mean absolute differences to the given images.
        labels: what the generator was told, (n,) classes or (n, attributes); None: it takes none.
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
    """Latents whose images come near to given ones, by descent from several random starts.

    Adam moves the noise, with a learning rate that falls to 0 (Lipton & Tripathi 2017, arXiv
    1702.05739, show that a generator's own images are found again). The starts are those of many random
    latents whose images are nearest. InfoGAN's continuous codes move within [-1, 1], its
    categories stay those of the start.

    Args:
        model: a model that makes images from noise.
        images: (n, height, width, channels) in [-1, 1], of the model's shape.
        labels: of a conditional model, as `generate` takes classes or attributes. None: the restarts
            try the classes in turn; pass as many `restarts` as there are classes to try all.
        steps: of Adam.
        restarts: starts for each image; the best result counts.
        pixel: weight of the mean squared difference of pixels.
        feature: weight of the squared distance of features over their squared length: more likeness of
            kind, less of place.
        extractor: of features, see `keras_gan_zoo.metrics.get_extractor`. None: the shipped one that
            fits.
        prior: weight of the squared excess of the noise's mean square over what that of normal noise
            hardly ever is, three standard deviations over 1: other tools take longer latents badly.
        learning_rate: of Adam at the start.
        candidates: random latents to choose the starts from, at least `restarts`.
        seed: of the candidates, see `generate`.
        batch_size: restarts of images that are improved at the same time.
        verbose: 0: silent; 1 or `"auto"`: a progress bar for each batch.

    Raises:
        ValueError: images of another shape or range, weights that are all 0, or an argument that breaks
            its rule.

    Example:

    >>> found = kgz.latent.project(model, photographs, restarts=8)
    >>> morph = kgz.latent.walk(model, latents=found.latents, frames=60)
    """
    shared.check_model(model)
    images = np.asarray(images)
    check_images(images, model.image_shape)
    for name, value in (("steps", steps), ("restarts", restarts), ("batch_size", batch_size)):
        checks.positive_integer(name, value)
    weights = {"pixel": pixel, "feature": feature, "prior": prior}
    weights = {name: checks.non_negative(name, value) for name, value in weights.items()}
    if weights["pixel"] == weights["feature"] == 0.0:
        raise ValueError(
            "One of the arguments `pixel` and `feature` must be more than 0, else the images do "
            f"not count. Received: pixel={pixel}, feature={feature}."
        )
    if checks.non_negative("learning_rate", learning_rate) == 0.0:
        raise ValueError("Argument `learning_rate` must be more than 0. Received: 0.")
    if labels is not None and model.condition is None:
        model.generate(1, labels=labels)  # says what is wrong
    if checks.positive_integer("candidates", candidates) < restarts:
        raise ValueError(
            "Argument `candidates` must be `restarts` at least. Received: "
            f"candidates={candidates}, restarts={restarts}."
        )
    if weights["feature"]:
        extractor = get_extractor(extractor, model.image_shape)
    starts, told = _starts(model, images, labels, restarts, candidates, shared.drawn_seed(seed))
    rows = min(batch_size, len(starts))
    projector = Projector(model, extractor, weights, rows, steps, learning_rate)
    targets = np.repeat(images, restarts, axis=0)
    found, losses = _in_batches(projector, targets, starts, told, rows, verbose)
    best = losses.reshape(-1, restarts).argmin(1) + restarts * np.arange(len(images))
    latents, told = found[best], told if told is None else told[best]
    made = model.generate(latents=latents, labels=told, batch_size=batch_size)
    return Projection(latents, made, np.abs(made - images).mean((1, 2, 3)), told)


def _in_batches(projector, targets, starts, labels, rows, verbose):
    """Latents and their losses; the last batch is filled up with its own last row."""
    found = []
    for part in shared.parts(len(starts), rows):
        chosen = np.minimum(np.arange(part.start, part.start + rows), len(starts) - 1)
        told = labels if labels is None else labels[chosen]
        found.append(projector.run(targets[chosen], starts[chosen], told, verbose))
    latents, losses = (np.concatenate(arrays)[: len(starts)] for arrays in zip(*found, strict=True))
    if not np.isfinite(losses).all():
        raise ValueError(
            "The descent did not stay finite. Received: NaN or infinity. Pass a smaller "
            "`learning_rate`, or look whether the model's weights are finite."
        )
    return latents, losses


def _starts(model, images, labels, restarts, candidates, seed):
    """The nearest candidates of each image (n * restarts, d), and their labels or None."""
    latents = model.latents(candidates, seed)
    told = None
    if model.condition is not None:
        told = _labels(model.condition, len(images), labels, restarts)
    nearest = np.empty((len(images), restarts), "int64")
    for label, places in _by_label(told, len(images), restarts):
        made = model.generate(latents=latents, labels=label).reshape(candidates, -1)
        for image in np.unique(places[0]):
            columns = places[1][places[0] == image]
            distances = np.square(made - images[image].reshape(1, -1)).sum(1)
            nearest[image, columns] = np.argsort(distances)[: len(columns)]
    return latents[nearest.reshape(-1)], told


def _labels(condition, n, labels, restarts):
    if labels is None:
        return np.tile(condition.pick(restarts), n)
    return np.repeat(condition.pick(n, labels), restarts, axis=0)


def _by_label(told, n, restarts):
    """Each label, and the (images, restarts) that have it."""
    if told is None:
        return [(None, np.indices((n, restarts)).reshape(2, -1))]
    labels, which = np.unique(told, axis=0, return_inverse=True)
    which = which.reshape(n, restarts)
    return [(label, np.nonzero(which == index)) for index, label in enumerate(labels)]
