"""Path length regularization of generators with styles."""

import math

import keras
from keras import ops

from keras_gan_zoo.penalties.base import Penalty
from keras_gan_zoo.penalties.gradients import EPSILON
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.batch_mean import batch_mean
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class PathLength(Penalty):
    """Path length regularization of StyleGAN2 (Karras et al. 2019, arXiv 1912.04958).

    weight * mean((length - average)^2) on the generator of a model with styles. A length is the norm,
    averaged over an image's styles in the mean square, of the gradient of sum(image * direction) with
    respect to the styles; directions are normal with variance 1 / pixels. The average is an
    exponential moving average of all lengths, kept by the model.

    Args:
        weight: see `Penalty`. Defaults to 2.
        every: compute the penalty in every n-th update of the generator.
        decay: fraction of the average that the mean of a batch replaces, in [0, 1].
        shrink: divisor of the batch size on which the penalty is computed, an integer >= 1.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    name = "path_penalty"
    side = "styles"

    def __init__(self, weight=2.0, every: int = 4, decay: float = 0.01, shrink: int = 2):
        super().__init__(weight, every)
        self.decay = checks.fraction("decay", decay)
        self.shrink = checks.positive_integer("shrink", shrink)

    def directions(self, n, image_shape, seed):
        """Return random directions (n, height, width, channels)."""
        height, width, _ = image_shape
        noise = keras.random.normal((n, *image_shape), dtype="float32", seed=seed)
        return noise / math.sqrt(height * width)

    def lengths(self, gradients):
        """Return the path lengths (n,) of gradients (n, styles, width)."""
        return ops.sqrt(ops.mean(ops.sum(ops.square(at_least_float32(gradients)), 2), 1) + EPSILON)

    def value(self, lengths, average):
        """Return the unweighted penalty and the next average, two scalars."""
        average = average + self.decay * (batch_mean(lengths) - average)
        return ops.mean(ops.square(lengths - average)), average

    def get_config(self):
        return super().get_config() | {"decay": self.decay, "shrink": self.shrink}
