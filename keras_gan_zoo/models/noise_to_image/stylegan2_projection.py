"""From an image back to styles: a search by gradient descent."""

import itertools

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.training import data_checks
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32

_SMALLEST_SIDE = 8  # to which images are shrunk to be compared


def project(
    synthesis: keras.Model,
    mean: np.ndarray,
    images,
    image_shape: tuple[int, int, int],
    steps: int = 500,
    each_layer: bool = False,
    rate: float = 0.1,
) -> np.ndarray:
    """Styles whose images are like the given ones (Karras et al. 2019, arXiv 1912.04958, appendix D).

    Starts from the mean style, and lets Adam reduce the mean squared difference of the images, in full
    size and halved again and again, down to 8 pixels; the rate falls in half a cosine.

    Differs from the paper: it compares features of an image classifier, and searches the noise, too.

    Args:
        synthesis: network from styles (n, count, width) to images; it stays as it is.
        mean: (width,), where the search starts.
        images: floats in [-1, 1], (n, *image_shape).
        image_shape: (height, width, channels) that the synthesis makes.
        steps: updates.
        each_layer: whether every layer has a style of its own: nearer to the image, but less like those
            that the mapping makes.
        rate: of Adam, at first.

    Returns:
        float32 array (n, count, width).

    Raises:
        ValueError: the images have another shape, or an argument breaks its rule.
    """
    images = np.asarray(images)
    data_checks.check_images(images, image_shape)
    steps, rate = checks.positive_integer("steps", steps), checks.positive("rate", rate)
    search = StyleSearch(synthesis, mean, len(images), each_layer)
    schedule = keras.optimizers.schedules.CosineDecay(rate, steps)
    search.compile(keras.optimizers.Adam(schedule, beta_1=0.9, beta_2=0.999), loss=_difference)
    batch = (np.zeros((len(images), 1), "float32"), images.astype("float32"))
    batches = (batch for batch in itertools.repeat(batch))
    search.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    return np.array(ops.convert_to_numpy(search.spread()), "float32")


class StyleSearch(keras.Model):
    """A model whose only weights that learn are the styles of n images."""

    def __init__(self, synthesis, mean, n, each_layer):
        super().__init__()
        self.count = synthesis.input_shape[1]
        self.synthesis = keras.models.clone_model(synthesis)
        self.synthesis.set_weights(synthesis.get_weights())
        self.synthesis.trainable = False
        shape = (n, self.count if each_layer else 1, len(mean))
        self.styles = self.add_weight(shape, "zeros", name="styles", autocast=False)
        self.styles.assign(np.broadcast_to(mean, shape))

    def spread(self):
        """The styles of all layers, (n, count, width)."""
        styles = ops.convert_to_tensor(self.styles)
        return ops.broadcast_to(styles, (styles.shape[0], self.count, styles.shape[2]))

    def call(self, inputs):
        return self.synthesis(self.spread(), training=False)


def _difference(images, made):
    """Mean squared difference, summed over sizes: (n,)."""
    difference, total = at_least_float32(images) - at_least_float32(made), 0.0
    while True:
        total = total + ops.mean(ops.square(difference), (1, 2, 3))
        if min(difference.shape[1:3]) // 2 < _SMALLEST_SIDE:
            return total
        difference = ops.average_pool(difference, 2, 2)
