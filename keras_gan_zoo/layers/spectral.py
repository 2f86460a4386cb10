"""Layers whose kernel is divided by its largest singular value (Miyato et al. 2018, arXiv 1802.05957).

Unlike `keras.layers.SpectralNormalization`, the kernel keeps its raw values; docs/architecture.md says
what that wrapper does to gradients.
"""

import keras
from keras import ops

from keras_gan_zoo.layers.convolution import Conv2D, finish

_TINY = 1e-12


class _Spectral:
    """Gives a layer `u`, the estimate of the kernel's first left singular vector in the paper's
    orientation (outputs first), and the kernel over sigma.

    `u` takes one step of power iteration per call in training, none at inference or while the layer
    is frozen. Gradients flow through sigma, with the singular vectors constant. A kernel of zeros
    stays as it is.
    """

    def add_weight(self, *args, **kwargs):
        # sigma is taken in float32 under mixed precision, too.
        raw = kwargs.get("name") in ("kernel", "embeddings")
        return super().add_weight(*args, **({"autocast": False} if raw else {}) | kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(self._raw().shape[-1],),
            initializer="random_normal",
            trainable=False,
            autocast=False,
        )

    def save_own_variables(self, store):
        super().save_own_variables(store)
        if self.built:
            store["u"] = self.u

    def load_own_variables(self, store):
        super().load_own_variables(store)
        if self.built:
            self.u.assign(store["u"])

    def _raw(self):
        return self.kernel

    def normalized_kernel(self, training=None):
        """kernel / sigma, in the compute dtype; steps `u` if `training`."""
        kernel = ops.convert_to_tensor(self._raw())
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        fixed, u = ops.stop_gradient(matrix), ops.convert_to_tensor(self.u)
        v = _unit(ops.matmul(fixed, u))
        if training and self.trainable:
            step = ops.matmul(v, fixed)
            # A kernel of zeros must not turn u into zeros, which it would stay.
            u = ops.where(ops.any(ops.abs(step) > _TINY), _unit(step), u)
            self.u.assign(u)
        sigma = ops.sum(v * ops.matmul(matrix, _unit(u)))
        sigma = ops.where(sigma > _TINY, sigma, ops.ones_like(sigma))
        return ops.cast(kernel / sigma, self.compute_dtype)


def _unit(vector):
    return vector / ops.maximum(ops.sqrt(ops.sum(ops.square(vector))), _TINY)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SpectralConv2D(_Spectral, Conv2D):
    """`Conv2D` of this package with a kernel of spectral norm 1 (Miyato et al. 2018,
    arXiv 1802.05957); the matrix is (height * width * in, out) as in the paper.

    Arguments, shapes and errors as for `Conv2D`. `kernel` is the raw one.
    """

    def call(self, inputs, training=None):
        return self.convolve(inputs, self.normalized_kernel(training))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SpectralDense(_Spectral, keras.layers.Dense):
    """`keras.layers.Dense` with a kernel of spectral norm 1 (Miyato et al. 2018, arXiv 1802.05957).

    Arguments and shapes as for `Dense`. `kernel` is the raw one.
    """

    def call(self, inputs, training=None):
        return finish(self, ops.matmul(inputs, self.normalized_kernel(training)))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SpectralEmbedding(_Spectral, keras.layers.Embedding):
    """`keras.layers.Embedding` with a matrix (input_dim, output_dim) of spectral norm 1, as projection
    discriminators use (Miyato and Koyama 2018, arXiv 1802.05637).

    Arguments and shapes as for `Embedding`. `embeddings` are the raw ones.
    """

    def _raw(self):
        return self.embeddings

    def call(self, inputs, training=None):
        return ops.take(self.normalized_kernel(training), ops.cast(inputs, "int32"), axis=0)
