"""Per-pixel noise inputs of StyleGAN."""

import random

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.utils import checks


@keras.saving.register_keras_serializable("keras_gan_zoo")
class NoiseInjection(keras.layers.Layer):
    """Addition of Gaussian noise with a learned strength (Karras et al. 2018, arXiv 1812.04948).

    The noise N(0, 1) is shared by all channels and multiplied by a learned scalar that starts at 0.
    Inputs and outputs are (batch, height, width, channels). Training draws new noise for every image.
    Inference uses the non-trainable weight `noise`, (height, width, 1), so that equal latents give
    equal images on every backend.

    Args:
        seed: integer seed of both. Defaults to None: drawn from Python's `random` and stored in the
            config.

    Raises:
        ValueError: a side of the images is unknown.
    """

    def __init__(self, seed: int | None = None, **kwargs):
        super().__init__(**kwargs)
        self.seed = random.randrange(1, 10**9) if seed is None else seed
        self.seed_generator = keras.random.SeedGenerator(self.seed)

    def build(self, input_shape):
        checks.known_sides(input_shape)

        def initializer(shape, dtype=None):
            noise = np.random.default_rng(self.seed).standard_normal(shape)
            return ops.convert_to_tensor(noise, dtype)

        self.strength = self.add_weight((), "zeros", name="strength")
        self.noise = self.add_weight((*input_shape[1:3], 1), initializer, name="noise", trainable=False)

    def call(self, inputs, training=None):
        noise = ops.convert_to_tensor(self.noise)
        if training:
            shape = (ops.shape(inputs)[0], *noise.shape)
            noise = keras.random.normal(shape, dtype="float32", seed=self.seed_generator)
        return inputs + ops.cast(noise, inputs.dtype) * self.strength

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return super().get_config() | {"seed": self.seed}
