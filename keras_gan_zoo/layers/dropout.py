"""Dropout as a source of noise in a generator."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class NoiseDropout(keras.layers.Dropout):
    """Dropout that is also active at inference.

    It is the only source of noise in the generator of Pix2Pix (Isola et al. 2016, arXiv 1611.07004).

    Args:
        rate: share of the inputs that is set to 0, in [0, 1].
        always: whether dropout is active at inference too. Defaults to True.
        **kwargs: as in `keras.layers.Dropout`, such as `seed`.
    """

    def __init__(self, rate, always: bool = True, **kwargs):
        super().__init__(rate, **kwargs)
        self.always = always

    def call(self, inputs, training=False):
        if not (training or self.always) or self.rate == 0:
            return inputs
        # Without a seed, Keras' dropout on PyTorch uses a generator whose state is not saved.
        draws = keras.random.uniform(ops.shape(inputs), seed=self.seed_generator)
        mask = ops.cast(draws >= self.rate, inputs.dtype)
        return inputs * mask / (1.0 - self.rate)

    def get_config(self):
        return super().get_config() | {"always": self.always}
