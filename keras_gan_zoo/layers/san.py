"""Last layer of slicing adversarial networks (Takida et al. 2024, arXiv 2301.12811)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SANDense(keras.layers.Dense):
    """Last layer of a discriminator whose weights are a direction and a scale.

    The outputs are those of `Dense(1, use_bias=False)`. In an update of the discriminator, the
    adversarial loss trains the scale ||w|| and the layers before; the direction w / ||w|| has a loss of
    its own, `penalties.SANDirection`, which `compile` adds.

    Args:
        **kwargs: `kernel_initializer`, `kernel_regularizer`, `kernel_constraint`, `name`, `dtype` of
            `keras.layers.Dense`.

    Input: (n, features). Output: logits (n, 1).
    """

    def __init__(self, **kwargs):
        super().__init__(**{"units": 1, **kwargs, "use_bias": False})

    def call(self, inputs):
        scaled, direction = self._split(inputs)
        return ops.matmul(scaled, ops.stop_gradient(direction))

    def direction_logits(self, inputs):
        """Return the logits (n, 1), with gradients with respect to the direction only."""
        scaled, direction = self._split(inputs)
        return ops.matmul(ops.stop_gradient(scaled), direction)

    def _split(self, inputs):
        kernel = ops.convert_to_tensor(self.kernel)
        scale = ops.sqrt(ops.sum(ops.square(kernel)) + keras.config.epsilon() ** 2)
        return inputs * scale, kernel / scale
