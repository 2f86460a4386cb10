"""The objective of `project`: similarity of generated images to target images."""

import math

import numpy as np
from keras import ops

from keras_gan_zoo.training.latent_search import LatentSearch
from keras_gan_zoo.utils.precision import at_least_float32


class Projector:
    """Search for the latents of target images, in batches of equal size.

    Args:
        model: Model whose generator makes images from the latents.
        extractor: Feature extractor, or `None` with `weights["feature"] == 0`.
        weights: Weights of `pixel`, `feature` and `prior`.
        rows: Latents per batch.
        steps: Updates of Adam.
        learning_rate: Initial learning rate, which decays to 0 as a cosine.
    """

    def __init__(self, model, extractor, weights, rows, steps, learning_rate):
        self.generator, self.whole_images = model.best_generator(), model.whole_images
        self.weights, self.parts = weights, model.latent_parts
        self.extractor = extractor if weights["feature"] else None
        noise_dim = self.parts.noise.stop - self.parts.noise.start
        # Three standard deviations above the mean square of normal noise.
        self.max_energy = 1.0 + 3.0 * math.sqrt(2.0 / noise_dim)
        shape, networks = (rows, model.latent_dim), [self.generator]
        constants = {
            "low": (shape, "float32"),
            "high": (shape, "float32"),
            "targets": ((rows, *model.image_shape), "float32"),
        }
        if self.extractor is not None:
            networks.append(self.extractor.network)
            features = self.extractor(np.zeros((1, *model.image_shape), "float32")).features
            constants["features"] = ((rows, features.shape[1]), "float32")
        if model.condition is not None:
            constants["labels"] = ((rows, *model.condition.shape), model.condition.dtype)
        self.search = LatentSearch(self._objective, networks, shape, constants, steps, learning_rate)

    def run(self, targets, starts, labels=None, verbose=0) -> tuple[np.ndarray, np.ndarray]:
        """Optimize latents.

        Args:
            targets: Images `(rows, height, width, channels)`.
            starts: Latents `(rows, d)` to start from.
            labels: `(rows, ...)`, or `None` for an unconditional generator.
            verbose: See `keras.Model.fit`.

        Returns:
            Latents `(rows, d)`, and their losses `(rows,)`.
        """
        low, high = self._bounds(starts)
        constants = {"low": low, "high": high, "targets": targets, "labels": labels}
        if self.extractor is not None:
            constants["features"] = self.extractor(targets).features
        latents, losses = self.search.run(starts, constants, verbose)
        return np.clip(latents, low, high), losses

    def _bounds(self, starts):
        """Bounds of the latents: [-1, 1] for continuous codes, the start for categorical ones."""
        low, high = np.full_like(starts, -np.inf), np.full_like(starts, np.inf)
        low[:, self.parts.numbers], high[:, self.parts.numbers] = -1.0, 1.0
        for bound in (low, high):
            bound[:, self.parts.categories] = starts[:, self.parts.categories]
        return low, high

    def _objective(self, latents, constants):
        latents = ops.minimum(ops.maximum(latents, constants["low"]), constants["high"])
        inputs = [latents, constants["labels"]] if "labels" in constants else latents
        images = at_least_float32(self.whole_images(self.generator(inputs, training=False)))
        targets = constants["targets"]
        # `generate` clips: beyond a white or black target, a linear generator has no error.
        images = ops.where((targets >= 1.0) & (images > 1.0), 1.0, images)
        images = ops.where((targets <= -1.0) & (images < -1.0), -1.0, images)
        losses = self.weights["pixel"] * ops.mean(ops.square(images - targets), (1, 2, 3))
        if self.extractor is not None:
            target_features = constants["features"]
            features = at_least_float32(self.extractor.tensor(images))
            distances = ops.sum(ops.square(features - target_features), 1)
            distances = distances / ops.sum(ops.square(target_features), 1)
            losses = losses + self.weights["feature"] * distances
        energy = ops.mean(ops.square(latents[:, self.parts.noise]), 1)
        excess = ops.relu(energy - self.max_energy)
        # The prior is no part of the losses that restarts are compared by.
        return losses, losses + self.weights["prior"] * ops.square(excess)
