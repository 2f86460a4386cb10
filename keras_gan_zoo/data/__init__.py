"""Images for training: `load` them from anywhere, or draw `digits` on the spot.

Two sets of them, for models from images to images: `paired` and `unpaired`. One: `picture`.

Points and images whose modes are known: `gaussian_ring`, `gaussian_grid`, `stacked_digits`.
"""

from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pairs import paired, unpaired
from keras_gan_zoo.data.pictures import picture
from keras_gan_zoo.data.sources import load
from keras_gan_zoo.data.synthetic.handwriting import digits
from keras_gan_zoo.data.synthetic.mixtures import (
    gaussian_grid,
    gaussian_ring,
    grid_centres,
    ring_centres,
    stacked_digits,
)

__all__ = [
    "ImageDataset",
    "PairDataset",
    "digits",
    "gaussian_grid",
    "gaussian_ring",
    "grid_centres",
    "load",
    "paired",
    "picture",
    "ring_centres",
    "stacked_digits",
    "unpaired",
]
