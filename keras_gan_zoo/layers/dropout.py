"""Dropout as a source of noise."""

import keras


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
        return super().call(inputs, training=training or self.always)

    def get_config(self):
        return super().get_config() | {"always": self.always}
