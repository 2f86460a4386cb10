"""Generated images above their nearest training images, as a picture without axes and a text."""

import numpy as np
from PIL import Image

from keras_gan_zoo import metrics
from keras_gan_zoo.plots import grids
from keras_gan_zoo.plots.neighbours import distances_to_nearest_other
from keras_gan_zoo.utils.pixels import to_uint8

_COLUMNS, _RANKS = 8, 3
_SAMPLES = 1000  # training images whose nearest other one is searched
_SIDE = 16  # pixels of the images that are compared where no network fits


class TrainingImages:
    """Training images with their features.

    Features are those of the bundled network that fits the images, else their pixels at 16x16.

    Args:
        images: at least 2 images (n, h, w, c), floats in [-1, 1] or uint8.
    """

    def __init__(self, images: np.ndarray):
        self.images = to_uint8(images)
        self._features = _features(self.images)
        self._distance = np.median(distances_to_nearest_other(self._features, _SAMPLES))

    def compare(self, generated: np.ndarray) -> tuple[Image.Image, str]:
        """Return a picture of the generated images that are nearest to a training image, and a text.

        Args:
            generated: finite images of the shape of the training images.
        """
        generated, ranks = to_uint8(generated), min(_RANKS, len(self.images))
        indices, distances = metrics.nearest(_features(generated), self._features, ranks)
        shown = np.argsort(distances[:, 0], kind="stable")[:_COLUMNS]
        rows = [generated[shown], *self.images[indices[shown].T]]
        picture = grids.grid(np.concatenate(rows), columns=len(shown))
        text = (
            f"First row: the {len(shown)} of {len(generated)} generated images that are nearest to one "
            f"of {len(self.images):,} training images; below each of them, its {ranks} nearest. Median "
            f"distance to the nearest training image: {np.median(distances[:, 0]):.3g} from a "
            f"generated image, {self._distance:.3g} from another training image. If the first is much "
            "smaller, the generator copies."
        )
        return picture, text


def _features(images):
    try:
        extractor = metrics.get_extractor(None, images.shape[1:])
    except ValueError:  # no network in the package fits images of this size
        pixels = [np.asarray(grids.picture(image).resize((_SIDE, _SIDE))) for image in images]
        return np.stack(pixels).reshape(len(images), -1) / 127.5
    return extractor(images).features
