"""`SizedModel`: the settings of a class for the machines and images of a first training."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from keras_gan_zoo.utils import checks


class SizedModel:
    """Base of models with arguments that suit a CPU.

    Attributes:
        cpu_arguments: of the class, arguments of the constructor with which it trains on images of up
            to 64 pixels on a CPU. `for_size` and the command line take them.
        can_grow: of the class, boolean, whether `callbacks.ProgressiveGrowth` can train it.
        default_batch_size: of the class, integer, images per step of the command line.
        reference_width: of the class, the width that the paper's learning rate was chosen for. With a
            value, the command line trains by the recipe "robust" or "small_data" in place of the
            paper's method.
        rate_exponent: of the class, the power of `width` to which the best learning rate of Adam is
            proportional: -1 (Yang et al. 2022, arXiv 2203.03466), and -0.5 with an equalized learning
            rate, which divides the weights, and so their updates, by the square root of the inputs.
        robust_arguments: of the class, arguments of `compile` that belong to these two recipes.
    """

    cpu_arguments: Mapping[str, Any] = MappingProxyType({})
    default_batch_size = 16
    can_grow = False
    reference_width: int | None = None
    rate_exponent = -1.0
    robust_arguments: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def for_size(cls, size: int | tuple[int, int], channels: int = 3, **arguments):
        """Create a small model for images of a size, which trains on a CPU.

        The constructor's own defaults are those of the paper, for GPUs.

        Args:
            size: positive integer, side of square images in pixels, or (height, width).
            channels: positive integer, channels of the images.
            **arguments: arguments of the constructor, which replace those of `cpu_arguments`.

        Returns:
            A model that is not compiled.

        Raises:
            ValueError: an invalid argument. For an invalid size, the message names the nearest valid
                ones.

        Example:

        >>> import keras_gan_zoo as kgz
        >>> model = kgz.StyleGAN2.for_size(32, channels=1, seed=0)
        >>> model.compile()
        >>> model.fit(kgz.data.load("digits", image_size=32, batch_size=model.default_batch_size))
        """
        sides = [checks.integer(side) for side in (size if isinstance(size, tuple) else (size, size))]
        if len(sides) != 2 or not all(side and side > 0 for side in sides):
            raise ValueError(
                "Argument `size` must be a positive integer, or a tuple (height, width) of them. "
                f"Received: size={size!r}."
            )
        return cls(
            (*sides, checks.positive_integer("channels", channels)),
            **{**cls.cpu_arguments, **arguments},
        )
