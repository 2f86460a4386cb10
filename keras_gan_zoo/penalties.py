"""Penalties on the slope of the discriminator, by the images that it sees; one on the generator's.

`compile(penalties=[...])` adds them to what the discriminator minimizes. The slope is the gradient of a
logit with respect to its own image; norms are Euclidean, over all pixels and channels of an image.

With `every=n` a penalty is computed in every n-th update only and counts n times there, so its mean
stays what it was ("lazy", Karras et al. 2019, arXiv 1912.04958). It is part of that update's loss; the
authors of StyleGAN2 made an update of its own, and slowed Adam down to make up for it.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from keras_gan_zoo import schedules
from keras_gan_zoo.layers import second_order
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32

_EPSILON = 1e-12  # inside the square root: the norm has no gradient at a slope of zero


class Penalty:
    """A weight, and two hooks: where the slope is taken, and what it costs.

    Args:
        weight: factor; a number of 0 or more, or a `keras.optimizers.schedules.LearningRateSchedule`
            of the training step, such as `keras_gan_zoo.schedules.Cosine`.
        every: compute the penalty in every n-th update of the discriminator. At least 1.

    Raises:
        ValueError: an argument breaks its rule.
    """

    name = "penalty"  # in the logs
    argument = "weight"
    side = "discriminator"  # whose slope it is, and who minimizes it

    def __init__(self, weight: Any, every: int = 1):
        self.weight = schedules.get(self.argument, weight)
        self.every = checks.positive_integer("every", every)

    def points(self, real, fake, seed):
        """Images (n, ...) at which the slope is taken, from what the discriminator sees.

        Args:
            real, fake: images (n, ...).
            seed: `keras.random.SeedGenerator`.
        """
        raise NotImplementedError

    def value(self, slopes):
        """Unweighted penalty, a scalar, of slopes (n, ...)."""
        raise NotImplementedError

    def factor(self, step):
        """What an evaluation is multiplied with at training step `step`."""
        return schedules.at(self.weight, step) * self.every

    def get_config(self) -> dict[str, Any]:
        return {self.argument: schedules.serialize(self.weight), "every": self.every}

    @classmethod
    def from_config(cls, config):
        return cls(**config | {cls.argument: schedules.deserialize(config[cls.argument])})


def squared_norms(slopes):
    """Squared Euclidean norms (n,), in float32 at least, of slopes (n, ...)."""
    slopes = at_least_float32(slopes)
    return ops.sum(ops.square(slopes), axis=tuple(range(1, len(slopes.shape))))


class _NormPenalty(Penalty):
    """(norm - center)^2, or with `one_sided` only where the norm is larger."""

    def __init__(self, weight=10.0, center: float = 1.0, one_sided: bool = False, every: int = 1):
        super().__init__(weight, every)
        self.center = checks.non_negative("center", center)
        self.one_sided = bool(one_sided)

    def value(self, slopes):
        excess = ops.sqrt(squared_norms(slopes) + _EPSILON) - self.center
        return ops.mean(ops.square(ops.relu(excess) if self.one_sided else excess))

    def get_config(self):
        return super().get_config() | {"center": self.center, "one_sided": self.one_sided}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class GradientPenalty(_NormPenalty):
    """WGAN-GP: norms of 1 between real images and fakes (Gulrajani et al. 2017, arXiv 1704.00028).

    weight * mean((norm - center)^2), at a random point on the line from each fake to a real image.

    Args:
        weight: see `Penalty`.
        center: norm that costs nothing. 0 makes the penalty zero-centred (Thanh-Tung et al. 2019,
            arXiv 1902.03984).
        one_sided: only norms above `center` cost (WGAN-LP, Petzka et al. 2017, arXiv 1709.08894).
        every: see `Penalty`.
    """

    name = "gradient_penalty"

    def points(self, real, fake, seed):
        return fake + _uniform_like(real, seed) * (real - fake)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class DRAGAN(_NormPenalty):
    """Norms of 1 around real images (Kodali et al. 2017, arXiv 1705.07215).

    weight * mean((norm - center)^2), at a random point on the line from each real image to the same
    image with uniform noise of [0, deviation * s), s being the standard deviation of the batch.

    Args:
        weight, center, one_sided, every: see `GradientPenalty`.
        deviation: size of the noise.
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


class _ZeroCentred(Penalty):
    argument = "gamma"

    def __init__(self, gamma=10.0, every: int = 1):
        super().__init__(gamma, every)

    def value(self, slopes):
        return 0.5 * ops.mean(squared_norms(slopes))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class R1(_ZeroCentred):
    """gamma / 2 * mean(norm^2) at real images (Mescheder et al. 2018, arXiv 1801.04406).

    Args:
        gamma: see `Penalty`.
        every: see `Penalty`; 16 in StyleGAN2.
    """

    name = "r1_penalty"

    def points(self, real, fake, seed):
        return real


@keras.saving.register_keras_serializable("keras_gan_zoo")
class R2(_ZeroCentred):
    """gamma / 2 * mean(norm^2) at fakes (Mescheder et al. 2018, arXiv 1801.04406).

    Args:
        gamma: see `Penalty`.
        every: see `Penalty`.
    """

    name = "r2_penalty"

    def points(self, real, fake, seed):
        return fake


@keras.saving.register_keras_serializable("keras_gan_zoo")
class PathLength(Penalty):
    """A step in style space changes images equally far, wherever it starts and leads (Karras et al.
    2019, arXiv 1912.04958). A penalty on the generator, for models with styles: `StyleGAN2`.

    weight * mean((length - average)^2). A length is the norm, in the mean square over an image's
    styles, of the gradient of sum(image * direction) by them, with a random direction that is normal
    with variance 1 / pixels. The average is that of all lengths so far, with `decay`; the model keeps
    it.

    Args:
        weight, every: see `Penalty`; `every` counts updates of the generator.
        decay: share of the average that a batch's mean replaces, in [0, 1].
        shrink: the penalty is taken on 1 / shrink of a batch.

    Raises:
        ValueError: an argument breaks its rule.
    """

    name = "path_penalty"
    side = "generator"

    def __init__(self, weight=2.0, every: int = 4, decay: float = 0.01, shrink: int = 2):
        super().__init__(weight, every)
        self.decay = checks.fraction("decay", decay)
        self.shrink = checks.positive_integer("shrink", shrink)

    def directions(self, n, image_shape, seed):
        """Random directions (n, height, width, channels)."""
        height, width, _ = image_shape
        noise = keras.random.normal((n, *image_shape), dtype="float32", seed=seed)
        return noise / math.sqrt(height * width)

    def lengths(self, slopes):
        """Path lengths (n,) of slopes (n, styles, width)."""
        return ops.sqrt(ops.mean(ops.sum(ops.square(at_least_float32(slopes)), 2), 1) + _EPSILON)

    def value(self, lengths, average):
        """Unweighted penalty, and the next average: two scalars."""
        average = average + self.decay * (ops.mean(lengths) - average)
        return ops.mean(ops.square(lengths - average)), average

    def get_config(self):
        return super().get_config() | {"decay": self.decay, "shrink": self.shrink}


def _uniform_like(images, seed):
    """One number in [0, 1) for each image, shape (n, 1, ...)."""
    shape = (ops.shape(images)[0], *[1] * (len(images.shape) - 1))
    return keras.random.uniform(shape, dtype=images.dtype, seed=seed)


PENALTIES: dict[str, type[Penalty]] = {
    "gradient_penalty": GradientPenalty,
    "dragan": DRAGAN,
    "r1": R1,
    "r2": R2,
    "path_length": PathLength,
}


def get(penalties: Sequence[str | Penalty] | str | Penalty) -> list[Penalty]:
    """Objects of the given names and objects.

    Raises:
        ValueError: a name is unknown, or two penalties are of one kind.
        TypeError: neither a name nor a `Penalty`.
    """
    given = [penalties] if isinstance(penalties, str | Penalty) else list(penalties)
    found = [checks.named(item, Penalty, PENALTIES, "A penalty", "penalties") for item in given]
    names = [penalty.name for penalty in found]
    if len(set(names)) < len(names):
        raise ValueError(
            f"Argument `penalties` must hold one of each kind. Received: {', '.join(names)}. Add up "
            "their weights in one."
        )
    return found


def check(penalties: list[Penalty], model) -> None:
    """Refuse penalties that cannot be taken on a model's networks.

    Raises:
        ValueError: the discriminator has layers of wrong second order, or the generator no styles.
    """
    sides = {penalty.side for penalty in penalties}
    if "discriminator" in sides:
        check_network(model.discriminator)
    if "generator" in sides and not model.has_styles:
        raise ValueError(
            "The penalty 'path_length' needs a generator with styles. Received: a model of the type "
            f"{type(model).__name__}. Leave it out, or train `keras_gan_zoo.StyleGAN2`."
        )


def check_network(network: keras.Model) -> None:
    """Refuse a discriminator whose slope has gradients that are wrong, or differ between backends.

    Raises:
        ValueError: it has Keras layers of which that was measured; the message names ours.
    """
    found = second_order.unsafe_second_order_layers(network)
    if found:
        kinds = sorted({type(layer).__name__ for layer in found})
        raise ValueError(
            "A penalty differentiates the discriminator twice, and Keras' own normalization layers "
            "are wrong there: TensorFlow's `nn.moments` has a wrong second gradient, and spectral "
            "normalization assigns its kernel. Received: a discriminator with "
            f"{', '.join(f'{layer.name} ({type(layer).__name__})' for layer in found)}. Use the layers "
            f"of `keras_gan_zoo.layers` instead of keras.layers.{', '.join(kinds)}, or no penalties."
        )
