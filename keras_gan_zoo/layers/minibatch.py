"""Layers that compare the samples of a batch, so that a discriminator can detect mode collapse."""

import keras
from keras import ops

from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.precision import at_least_float32


@keras.saving.register_keras_serializable("keras_gan_zoo")
class MinibatchStdDev(keras.layers.Layer):
    """Minibatch standard deviation as an additional channel (Karras et al. 2018, arXiv 1710.10196).

    The batch is divided into groups. The standard deviation of each feature within a group, averaged
    over the features, is the new channel of all samples of the group. Inputs are
    (batch, ..., channels), outputs (batch, ..., channels + 1).

    A batch of n samples has max(n // group_size, 1) groups, and sample i is in group i modulo their
    number, as in the authors' code. If `group_size` does not divide n, some groups are larger, so no
    group has a single sample unless the batch has one; the new channel is then 1e-4.

    Args:
        group_size: samples per group, at least 2. Defaults to 4.

    Raises:
        ValueError: `group_size` is not an integer of at least 2, or the inputs are not at least 2-D.
    """

    def __init__(self, group_size: int = 4, **kwargs):
        super().__init__(**kwargs)
        self.group_size = checks.positive_integer("group_size", group_size)
        if self.group_size < 2:
            raise ValueError(
                "Argument `group_size` must be 2 or more, because the standard deviation of one sample "
                f"is 0. Received: group_size={group_size!r}. Pass for example group_size=4."
            )

    def build(self, input_shape):
        if len(input_shape) < 2:
            raise ValueError(
                "Inputs must be (batch, ..., channels), such as (None, 4, 4, 512). Received: shape "
                f"{tuple(input_shape)}."
            )

    def call(self, inputs):
        shape = ops.shape(inputs)
        x = ops.reshape(at_least_float32(inputs), (shape[0], -1))
        group = ops.arange(shape[0]) % ops.maximum(shape[0] // self.group_size, 1)
        same_group = ops.cast(ops.equal(group[:, None], group[None]), x.dtype)
        average = same_group / ops.sum(same_group, 1, keepdims=True)
        variance = ops.matmul(average, ops.square(x - ops.matmul(average, x)))
        deviation = ops.mean(ops.sqrt(variance + 1e-8), 1)
        deviation = ops.reshape(deviation, (shape[0], *[1] * (len(shape) - 1)))
        channel = ops.broadcast_to(ops.cast(deviation, inputs.dtype), (*shape[:-1], 1))
        return ops.concatenate([inputs, channel], -1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)

    def get_config(self):
        return super().get_config() | {"group_size": self.group_size}


@keras.saving.register_keras_serializable("keras_gan_zoo")
class MinibatchDiscrimination(keras.layers.Layer):
    """Minibatch discrimination: similarities to the other samples as additional features.

    After Salimans et al. 2016 (arXiv 1606.03498). A learned matrix T maps each sample to `kernels`
    vectors. The new feature b is the sum over the other samples of exp(-d), with d the L1 distance
    between the two b-th vectors: 0 if all are far away, batch size - 1 if all are equal. The sample
    itself, which would add 1, is excluded, as in the authors' code. Inputs are (batch, features),
    outputs (batch, features + kernels).

    Args:
        kernels: number of vectors per sample, B in the paper. Defaults to 100.
        dimensions: length of each vector, C in the paper. Defaults to 5.
        kernel_initializer: of T, (features, kernels * dimensions). Defaults to `"glorot_uniform"`.

    Raises:
        ValueError: `kernels` or `dimensions` is not a positive integer, or the inputs are not 2-D.
    """

    def __init__(
        self,
        kernels: int = 100,
        dimensions: int = 5,
        kernel_initializer="glorot_uniform",
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.kernels = checks.positive_integer("kernels", kernels)
        self.dimensions = checks.positive_integer("dimensions", dimensions)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)

    def build(self, input_shape):
        if len(input_shape) != 2:
            raise ValueError(
                f"Inputs must be (batch, features). Received: shape {tuple(input_shape)}. Add "
                "`keras.layers.Flatten` before this layer."
            )
        self.T = self.add_weight(
            name="T",
            shape=(input_shape[-1], self.kernels * self.dimensions),
            initializer=self.kernel_initializer,
        )

    def call(self, inputs):
        vectors = ops.reshape(ops.matmul(inputs, self.T), (-1, self.kernels, self.dimensions))
        vectors = at_least_float32(vectors)
        distances = ops.sum(ops.abs(vectors[:, None] - vectors[None]), -1)
        similarities = ops.sum(ops.exp(-distances), 1) - 1.0
        return ops.concatenate([inputs, ops.cast(similarities, inputs.dtype)], -1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + self.kernels)

    def get_config(self):
        return super().get_config() | {
            "kernels": self.kernels,
            "dimensions": self.dimensions,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }
