"""Penalties on the gradients of the discriminator's logits with respect to its input images.

The gradient is that of a logit with respect to its own image; norms are Euclidean, over all pixels and
channels of an image.
"""

import keras
from keras import ops

from keras_gan_zoo.penalties.base import ImageGradientPenalty
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32

EPSILON = 1e-12  # inside the square root: the norm is not differentiable at zero


def squared_norms(gradients):
    """Return the squared Euclidean norms (n,), in float32 at least, of gradients (n, ...)."""
    gradients = at_least_float32(gradients)
    return ops.sum(ops.square(gradients), axis=tuple(range(1, len(gradients.shape))))


class _NormPenalty(ImageGradientPenalty):
    """Mean of (norm - center)^2; with `one_sided`, of max(0, norm - center)^2."""

    def __init__(self, weight=10.0, center: float = 1.0, one_sided: bool = False, every: int = 1):
        super().__init__(weight, every)
        self.center = checks.non_negative("center", center)
        self.one_sided = bool(one_sided)

    def value(self, gradients):
        excess = ops.sqrt(squared_norms(gradients) + EPSILON) - self.center
        return ops.mean(ops.square(ops.relu(excess) if self.one_sided else excess))

    def get_config(self):
        return super().get_config() | {"center": self.center, "one_sided": self.one_sided}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class GradientPenalty(_NormPenalty):
    """Gradient penalty of WGAN-GP (Gulrajani et al. 2017, arXiv 1704.00028).

    weight * mean((norm - center)^2), at a uniformly random point of the line between each generated
    image and the real image at the same place in the batch.

    Args:
        weight: see `Penalty`. Defaults to 10.
        center: norm without cost, >= 0. Defaults to 1; 0 gives the zero-centred penalty of Thanh-Tung
            et al. 2019 (arXiv 1902.03984).
        one_sided: penalize only norms above `center` (WGAN-LP, Petzka et al. 2017, arXiv 1709.08894).
        every: see `Penalty`.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    name = "gradient_penalty"

    def points(self, real, fake, seed):
        return fake + _uniform_like(real, seed) * (real - fake)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class DRAGAN(_NormPenalty):
    """Gradient penalty around real images (Kodali et al. 2017, arXiv 1705.07215).

    weight * mean((norm - center)^2), at a uniformly random point of the line between each real image
    and the same image plus uniform noise in [0, deviation * s), where s is the standard deviation of
    the batch.

    Args:
        weight, center, one_sided, every: see `GradientPenalty`.
        deviation: amplitude of the noise in standard deviations of the batch, >= 0.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    name = "dragan_penalty"

    def __init__(self, weight=10.0, center=1.0, one_sided=False, every=1, deviation: float = 0.5):
        super().__init__(weight, center, one_sided, every)
        self.deviation = checks.non_negative("deviation", deviation)

    def points(self, real, fake, seed):
        noise = keras.random.uniform(ops.shape(real), dtype=real.dtype, seed=seed)
        return real + _uniform_like(real, seed) * self.deviation * ops.std(real) * noise

    def get_config(self):
        return super().get_config() | {"deviation": self.deviation}


class _ZeroCentredPenalty(ImageGradientPenalty):
    """Half the mean squared gradient norm."""

    argument = "gamma"

    def __init__(self, gamma=10.0, every: int = 1):
        super().__init__(gamma, every)

    def value(self, gradients):
        return 0.5 * ops.mean(squared_norms(gradients))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class R1(_ZeroCentredPenalty):
    """gamma / 2 * mean(norm^2) at real images (Mescheder et al. 2018, arXiv 1801.04406).

    Args:
        gamma: weight, see `Penalty`. Defaults to 10.
        every: see `Penalty`; 16 in StyleGAN2.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    name = "r1_penalty"

    def points(self, real, fake, seed):
        return real


@keras.saving.register_keras_serializable("keras_gan_zoo")
class R2(_ZeroCentredPenalty):
    """gamma / 2 * mean(norm^2) at generated images (Mescheder et al. 2018, arXiv 1801.04406).

    Args:
        gamma: weight, see `Penalty`. Defaults to 10.
        every: see `Penalty`.

    Raises:
        ValueError: If an argument breaks its rule.
    """

    name = "r2_penalty"
    extras_from = "fake"

    def points(self, real, fake, seed):
        return fake


def _uniform_like(images, seed):
    """Return one number in [0, 1) for each image, shape (n, 1, ...)."""
    shape = (ops.shape(images)[0], *[1] * (len(images.shape) - 1))
    return keras.random.uniform(shape, dtype=images.dtype, seed=seed)
