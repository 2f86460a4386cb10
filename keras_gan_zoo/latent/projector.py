"""The model that `project` trains: its only weights are latents."""

import math

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.utils.precision import at_least_float32


class Projector(keras.Model):
    """Learns latents, with `fit` on steps instead of data: every backend compiles it as it does GANs.

    Args:
        model: whose generator makes images of the latents.
        extractor: of features; None: there is no loss of features.
        weights: of `pixel`, `feature` and `prior`.
        rows: how many latents there are.
        steps: of Adam.
        learning_rate: at the first step; it falls to 0 as a cosine does.
    """

    def __init__(self, model, extractor, weights, rows, steps, learning_rate):
        super().__init__()
        self.generator, self.steps, self.weigh = model.best_generator(), steps, weights
        self.whole_images = model.whole_images
        self.extractor = extractor if weights["feature"] else None
        self.features = None if self.extractor is None else self.extractor.network  # tracked by Keras
        self.parts, self.labels = model.latent_parts, None
        noise = self.parts.noise.stop - self.parts.noise.start
        self.most_energy = 1.0 + 3.0 * math.sqrt(2.0 / noise)  # mean and deviation of normal noise
        shape = (rows, model.latent_dim)
        self.latents = self.add_weight(shape, "zeros", "float32", name="latents")
        add = {"initializer": "zeros", "trainable": False}
        self.low, self.high = (self.add_weight(shape, **add, name=name) for name in ("low", "high"))
        self.targets = self.add_weight((rows, *model.image_shape), **add, name="targets")
        if self.extractor is not None:
            width = self.extractor(np.zeros((1, *model.image_shape), "float32")).features.shape[1]
            self.wanted = self.add_weight((rows, width), **add, name="wanted")
        self.losses_now = self.add_weight((rows,), **add, name="losses")
        if model.condition is not None:
            kind = model.condition
            self.labels = self.add_weight((rows, *kind.shape), dtype=kind.dtype, **add, name="labels")
        self.tracker = keras.metrics.Mean("loss")
        self.built = True
        decay = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
        self.compile(keras.optimizers.Adam(decay))
        self.optimizer.build([self.latents])

    def run(self, targets, starts, labels=None, verbose=0) -> tuple[np.ndarray, np.ndarray]:
        """Improved latents (rows, d), and their losses (rows,).

        Args:
            targets: (rows, height, width, channels).
            starts: latents (rows, d).
            labels: (rows, ...), where the generator takes some.
            verbose: see `keras.Model.fit`.
        """
        low, high = self._bounds(starts)
        self.latents.assign(starts)
        self.low.assign(low)
        self.high.assign(high)
        self.targets.assign(targets)
        if labels is not None:
            self.labels.assign(labels)
        if self.extractor is not None:
            self.wanted.assign(self.extractor(targets).features)
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        steps = np.zeros((self.steps, 1), "float32")
        try:
            self.fit(
                **backend.feed({"x": steps, "batch_size": 1, "shuffle": False, "verbose": verbose})
            )
        finally:
            backend.sync(self)  # after Ctrl-C, too: the generator's weights are among those it carries
        latents, losses = map(ops.convert_to_numpy, (self.latents, self.losses_now))
        return np.clip(latents, low, high), np.array(losses)

    def _bounds(self, starts):
        low, high = np.full_like(starts, -np.inf), np.full_like(starts, np.inf)
        low[:, self.parts.numbers], high[:, self.parts.numbers] = -1.0, 1.0
        for bound in (low, high):
            bound[:, self.parts.categories] = starts[:, self.parts.categories]
        return low, high

    @backend.train_step
    def train_step(self, data):
        (_,), (pullback,) = backend.vjp(self._loss, [[self.latents]])
        backend.apply(self.optimizer, pullback(1.0), [self.latents])
        return self.get_metrics_result()

    def _loss(self):
        latents = ops.minimum(ops.maximum(self.latents, self.low), self.high)
        given = latents if self.labels is None else [latents, ops.convert_to_tensor(self.labels)]
        images = at_least_float32(self.whole_images(self.generator(given, training=False)))
        targets = self.targets.value
        # White is white, however far beyond it a linear generator goes: `generate` clips.
        images = ops.where((targets >= 1.0) & (images > 1.0), 1.0, images)
        images = ops.where((targets <= -1.0) & (images < -1.0), -1.0, images)
        losses = self.weigh["pixel"] * ops.mean(ops.square(images - targets), (1, 2, 3))
        if self.extractor is not None:
            wanted = self.wanted.value
            distance = ops.sum(ops.square(at_least_float32(self.extractor.tensor(images)) - wanted), 1)
            distance = distance / ops.sum(ops.square(wanted), 1)
            losses = losses + self.weigh["feature"] * distance
        self.losses_now.assign(losses)  # the prior only steers
        self.tracker.update_state(ops.mean(losses))
        energy = ops.mean(ops.square(latents[:, self.parts.noise]), 1)
        excess = ops.relu(energy - self.most_energy)
        return (ops.sum(losses + self.weigh["prior"] * ops.square(excess)),)

    @property
    def metrics(self):
        return [self.tracker]
