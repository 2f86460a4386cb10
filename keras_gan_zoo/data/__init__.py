"""Training data.

- Images for models from noise to images: `load`, or synthetic `digits`.
- Two sets of images for models from images to images: `paired`, `unpaired`, `degraded`.
- One image for style transfer: `picture`.
- Points and images with known modes: `gaussian_ring`, `gaussian_grid`, `stacked_digits`.
"""

from keras_gan_zoo.data.dataset import ImageDataset
from keras_gan_zoo.data.degraded import degraded
from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pairs import paired, unpaired
from keras_gan_zoo.data.pictures import picture
from keras_gan_zoo.data.sources import load
from keras_gan_zoo.data.synthetic.digits import digits
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
    "degraded",
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
