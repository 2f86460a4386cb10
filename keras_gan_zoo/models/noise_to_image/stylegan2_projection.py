"""Projection of images to the styles of StyleGAN2, by gradient descent."""

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.training import data_checks
from keras_gan_zoo.training.latent_search import LatentSearch
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32

_SMALLEST_SIDE = 8  # of the pyramid in which images are compared


def project(
    synthesis: keras.Model,
    mean: np.ndarray,
    images,
    image_shape: tuple[int, int, int],
    steps: int = 500,
    each_layer: bool = False,
    rate: float = 0.1,
) -> np.ndarray:
    """Find styles that reproduce given images (Karras et al. 2019, arXiv 1912.04958, appendix D).

    Adam starts from the mean style and minimizes the mean squared difference of the images, summed over
    a pyramid of sizes from full size, halved each time, down to 8 pixels. The learning rate decays to 0
    as a cosine.

    Differs from the paper: the loss compares pixels instead of the features of an image classifier, and
    the noise maps are not optimized.

    Args:
        synthesis: Network from styles `(n, count, width)` to images. It stays unchanged.
        mean: Mean style `(width,)`, the start of the search.
        images: Floats in [-1, 1], `(n, *image_shape)`.
        image_shape: (height, width, channels) of the synthesized images.
        steps: Number of updates.
        each_layer: Whether every layer has its own style. The images then are closer to the given ones,
            but the styles less similar to those of the mapping network.
        rate: Initial learning rate of Adam.

    Returns:
        float32 array `(n, count, width)`.

    Raises:
        ValueError: If the images have another shape, or an argument breaks its rule.
    """
    images = np.asarray(images)
    data_checks.check_images(images, image_shape)
    steps, rate = checks.positive_integer("steps", steps), checks.positive("rate", rate)
    count = synthesis.input_shape[1]
    all_styles = (len(images), count, len(mean))
    shape = all_styles if each_layer else (len(images), 1, len(mean))

    def objective(styles, constants):
        synthesized = synthesis(ops.broadcast_to(styles, all_styles), training=False)
        losses = _pyramid_difference(constants["images"], synthesized)
        return losses, losses

    search = LatentSearch(
        objective, [synthesis], shape, {"images": (images.shape, "float32")}, steps, rate
    )
    styles, _ = search.run(np.broadcast_to(mean, shape), {"images": images})
    return np.array(np.broadcast_to(styles, all_styles))


def _pyramid_difference(images, others):
    """Mean squared difference, summed over the levels of a pyramid: `(n,)`."""
    difference, total = at_least_float32(images) - at_least_float32(others), 0.0
    while True:
        total = total + ops.mean(ops.square(difference), (1, 2, 3))
        if min(difference.shape[1:3]) // 2 < _SMALLEST_SIDE:
            return total
        difference = ops.average_pool(difference, 2, 2)
