"""Differentiable augmentation of the discriminator's inputs, for training on few images.

Real and generated images are augmented with the same distribution of transformations. The
discriminator cannot memorize the real images, and the generator does not learn the augmentations.
"""

from keras_gan_zoo.augment.ada import ADA
from keras_gan_zoo.augment.base import Augmentation
from keras_gan_zoo.augment.diffaugment import DiffAugment
from keras_gan_zoo.utils import checks

__all__ = ["ADA", "AUGMENTATIONS", "Augmentation", "DiffAugment", "get"]

AUGMENTATIONS: dict[str, type[Augmentation]] = {"diffaugment": DiffAugment, "ada": ADA}


def get(augmentation: str | Augmentation | None) -> Augmentation | None:
    """Look up an augmentation.

    Args:
        augmentation: a key of `AUGMENTATIONS`, or an `Augmentation` or None, returned unchanged.

    Raises:
        ValueError: unknown name; the message lists the valid ones.
        TypeError: neither None, a name nor an `Augmentation`.
    """
    if augmentation is None:
        return None
    return checks.named(augmentation, Augmentation, AUGMENTATIONS, "An augmentation", "augment")
