"""Dropout as a source of noise."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class NoiseDropout(keras.layers.Dropout):
    """Dropout that goes on when the training is over, while `always` is True.

    Isola et al. 2016 (arXiv 1611.07004) have no other noise in their generator.

    Args:
        rate, seed: as in `keras.layers.Dropout`.
        always: whether it acts outside of training, too.
    """

    def __init__(self, rate, always: bool = True, **kwargs):
        super().__init__(rate, **kwargs)
        self.always = always

    def call(self, inputs, training=False):
        if not (training or self.always) or self.rate == 0:
            return inputs
        # Keras on PyTorch takes dropout without a seed from a generator that no file keeps.
        draws = keras.random.uniform(ops.shape(inputs), seed=self.seed_generator)
        kept = ops.cast(draws >= self.rate, inputs.dtype)
        return inputs * kept / (1.0 - self.rate)

    def get_config(self):
        return super().get_config() | {"always": self.always}
