"""A memory of generated images."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ImagePool(keras.layers.Layer):
    """Gives back earlier images in the place of some of those that it gets.

    Until the pool is full, images (n, height, width, channels) are stored and come back as they are.
    Then each one is, with probability 1/2, swapped with a random one of the pool. Shrivastava et al.
    2016 (arXiv 1612.07828), in the form of Zhu et al. 2017 (arXiv 1703.10593). The images in the pool
    are weights, so they are saved with the model.

    Args:
        size: how many images, at least as many as in a batch. 0: all come back as they are.
        seed: of the draws.
    """

    def __init__(self, size: int = 50, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, shape):
        kept = {"initializer": "zeros", "trainable": False, "autocast": False}
        self.images = self.add_weight((self.size, *shape[1:]), dtype="float32", name="images", **kept)
        self.count = self.add_weight((), dtype="int32", name="count", **kept)

    def call(self, images):
        if not self.size:
            return images
        n, new = ops.shape(images)[0], ops.cast(images, "float32")
        filling = self.count < self.size
        drawn = ops.argsort(keras.random.uniform((self.size,), seed=self.seed_generator))[:n]
        next_ones = (self.count + ops.arange(n, dtype="int32")) % self.size
        slots = ops.where(filling, next_ones, ops.cast(drawn, "int32"))
        swapped = keras.random.uniform((n,), seed=self.seed_generator) < 0.5
        swapped = ops.logical_and(swapped, ops.logical_not(filling))[:, None, None, None]
        old = ops.take(self.images, slots, axis=0)
        kept = ops.where(ops.logical_or(filling, swapped), new, old)
        self.images.assign(ops.scatter_update(self.images, slots[:, None], kept))
        self.count.assign(ops.minimum(self.count + n, self.size))
        return ops.cast(ops.where(swapped, old, new), images.dtype)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return super().get_config() | {"size": self.size, "seed": self.seed}
