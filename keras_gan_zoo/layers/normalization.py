"""Normalization layers."""

import keras
from keras import ops

from keras_gan_zoo import backend


@keras.saving.register_keras_serializable("keras_gan_zoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Batch normalization of images, with the backend's fused kernel (Ioffe and Szegedy 2015,
    arXiv 1502.03167).

    Same values and same weights as `keras.layers.BatchNormalization`, whose arguments it takes. Inputs
    and outputs are (batch, height, width, channels); other shapes go Keras' way.
    """

    def call(self, inputs, training=None, mask=None):
        fused = training and self.trainable and mask is None and len(inputs.shape) == 4
        if not fused or self.axis not in (-1, 3) or not (self.scale and self.center) or self.renorm:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = backend.batch_norm(
            inputs,
            ops.convert_to_tensor(self.gamma),
            ops.convert_to_tensor(self.beta),
            self.epsilon,
        )
        for moving, current in ((self.moving_mean, mean), (self.moving_variance, variance)):
            current = ops.cast(ops.stop_gradient(current), moving.dtype)
            moving.assign(moving * self.momentum + current * (1.0 - self.momentum))
        return ops.cast(outputs, self.compute_dtype)
