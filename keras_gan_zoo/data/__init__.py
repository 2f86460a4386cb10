"""Images for training: `load` them from anywhere, or draw `digits` on the spot."""

from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.data.handwriting import digits
from keras_gan_zoo.data.sources import load

__all__ = ["ImageDataset", "digits", "load"]
