"""A buffer of generated images."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class ImagePool(keras.layers.Layer):
    """Buffer of earlier generated images, which replace half of the new ones.

    Until the pool is full, images (n, height, width, channels) are stored and returned unchanged. From
    then on, each one is swapped with a random image of the pool with probability 1/2. Shrivastava et
    al. 2016 (arXiv 1612.07828), in the form of Zhu et al. 2017 (arXiv 1703.10593). The pool is a
    non-trainable weight, so it is saved with the model.

    Args:
        size: number of images, at least the batch size. 0 returns all images unchanged. Defaults to 50.
        seed: integer seed of the random choices. Defaults to None: a random seed.
    """

    def __init__(self, size: int = 50, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.size = size
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def build(self, shape):
        state = {"initializer": "zeros", "trainable": False, "autocast": False}
        self.images = self.add_weight((self.size, *shape[1:]), dtype="float32", name="images", **state)
        self.count = self.add_weight((), dtype="int32", name="count", **state)

    def call(self, images):
        if not self.size:
            return images
        n, new = ops.shape(images)[0], ops.cast(images, "float32")
        filling = self.count < self.size
        drawn = ops.argsort(keras.random.uniform((self.size,), seed=self.seed_generator))[:n]
        next_slots = (self.count + ops.arange(n, dtype="int32")) % self.size
        slots = ops.where(filling, next_slots, ops.cast(drawn, "int32"))
        swapped = keras.random.uniform((n,), seed=self.seed_generator) < 0.5
        swapped = ops.logical_and(swapped, ops.logical_not(filling))[:, None, None, None]
        old = ops.take(self.images, slots, axis=0)
        stored = ops.where(ops.logical_or(filling, swapped), new, old)
        self.images.assign(ops.scatter_update(self.images, slots[:, None], stored))
        self.count.assign(ops.minimum(self.count + n, self.size))
        return ops.cast(ops.where(swapped, old, new), images.dtype)

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return super().get_config() | {"size": self.size, "seed": self.seed}
