"""`LatentSearch`: gradient descent on the inputs of fixed networks."""

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend


class LatentSearch(keras.Model):
    """Optimize a batch of latents with Adam, while all networks stay fixed.

    The latents are the only weights that the optimizer updates. `fit` runs on a number of steps instead
    of data, so every backend compiles the search as it compiles a training, once for all batches.

    Args:
        objective: Function `(latents, constants) -> (losses, objectives)` of tensors. `constants` is a
            dict with the names of the argument `constants`; both results are `(rows,)`. The sum of the
            objectives is minimized, the losses are reported.
        networks: Networks that the objective calls. They stay unchanged.
        shape: Shape of the latents, `(rows, ...)`.
        constants: Shapes and dtypes of other tensors of the objective, by name.
        steps: Updates per batch.
        learning_rate: Initial learning rate of Adam, which decays to 0 as a cosine.
    """

    def __init__(
        self,
        objective: Callable,
        networks: Sequence[keras.Model],
        shape: tuple[int, ...],
        constants: Mapping[str, tuple[tuple[int, ...], str]],
        steps: int,
        learning_rate: float,
    ):
        super().__init__()
        self.objective, self.networks, self.steps = objective, list(networks), steps
        self.latents = self.add_weight(shape, "zeros", "float32", name="latents")
        self.constants = {
            name: self.add_weight(shape, "zeros", dtype, trainable=False, name=name)
            for name, (shape, dtype) in constants.items()
        }
        self.row_losses = self.add_weight(shape[:1], "zeros", "float32", trainable=False, name="losses")
        self.tracker = keras.metrics.Mean("loss")
        self.built = True
        decay = keras.optimizers.schedules.CosineDecay(learning_rate, steps)
        self.compile(keras.optimizers.Adam(decay))
        self.optimizer.build([self.latents])

    def run(
        self, latents: np.ndarray, constants: Mapping[str, np.ndarray], verbose: int | str = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Optimize a batch of latents.

        Args:
            latents: Start of the search, of the `shape` of the search.
            constants: Values of all constants, by name.
            verbose: See `keras.Model.fit`.

        Returns:
            `(latents, losses)`: float32 arrays `(rows, ...)` and `(rows,)`; the losses are those before
            the last update.
        """
        self.latents.assign(latents)
        for name, variable in self.constants.items():
            variable.assign(constants[name])
        for variable in self.optimizer.variables:
            variable.assign(np.zeros(variable.shape))
        steps = np.zeros((self.steps, 1), "float32")
        try:
            self.fit(
                **backend.feed({"x": steps, "batch_size": 1, "shuffle": False, "verbose": verbose})
            )
        finally:
            backend.sync(
                self
            )  # also after Ctrl-C: on JAX, the step carries the weights of the networks
        latents, losses = map(ops.convert_to_numpy, (self.latents, self.row_losses))
        return np.array(latents), np.array(losses)

    @backend.train_step
    def train_step(self, data):
        (_,), (pullback,) = backend.vjp(self._total, [[self.latents]])
        backend.apply(self.optimizer, pullback(1.0), [self.latents])
        return self.get_metrics_result()

    def _total(self):
        constants = {name: ops.convert_to_tensor(value) for name, value in self.constants.items()}
        losses, objectives = self.objective(ops.convert_to_tensor(self.latents), constants)
        self.row_losses.assign(losses)
        self.tracker.update_state(ops.mean(losses))
        return (ops.sum(objectives),)

    @property
    def metrics(self):
        return [self.tracker]
