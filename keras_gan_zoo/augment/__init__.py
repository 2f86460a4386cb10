"""Differentiable augmentation of what the discriminator sees, for training on few images.

Real and generated images go through the same random changes before the discriminator, so that it
cannot learn the real ones by heart, and the generator does not learn the changes.
"""

from keras_gan_zoo.augment.ada import ADA
from keras_gan_zoo.augment.base import Augmentation
from keras_gan_zoo.augment.diffaugment import DiffAugment
from keras_gan_zoo.utils import checks

__all__ = ["ADA", "AUGMENTATIONS", "Augmentation", "DiffAugment", "get"]

AUGMENTATIONS: dict[str, type[Augmentation]] = {"diffaugment": DiffAugment, "ada": ADA}


def get(augmentation: str | Augmentation | None) -> Augmentation | None:
    """The augmentation of that name, or the augmentation itself, or None for none.

    Raises:
        ValueError: the name is unknown; the message lists the known ones.
        TypeError: neither None, a name nor an `Augmentation`.
    """
    if augmentation is None:
        return None
    return checks.named(augmentation, Augmentation, AUGMENTATIONS, "An augmentation", "augment")
