"""Spectral normalization: kernels divided by their largest singular value (Miyato et al. 2018, arXiv
1802.05957).

Unlike `keras.layers.SpectralNormalization`, these layers do not overwrite the raw kernel;
docs/architecture.md describes the effect of that wrapper on gradients.
"""

import keras
from keras import ops

from keras_gan_zoo.layers.convolution import Conv2D, add_bias_and_activate

_TINY = 1e-12


class _Spectral:
    """Mixin that divides a kernel by sigma, its spectral norm, estimated by power iteration.

    The non-trainable weight `u` estimates the kernel's first left singular vector in the paper's
    orientation (outputs first). Each training call takes one step of power iteration; inference and
    frozen layers take none. Gradients flow through sigma, with constant singular vectors. A kernel of
    zeros is not scaled.
    """

    def add_weight(self, *args, **kwargs):
        # Under mixed precision, sigma is computed in float32.
        is_kernel = kwargs.get("name") in ("kernel", "embeddings")
        return super().add_weight(*args, **({"autocast": False} if is_kernel else {}) | kwargs)

    def build(self, input_shape):
        super().build(input_shape)
        self.u = self.add_weight(
            name="u",
            shape=(self._raw_kernel().shape[-1],),
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

    def _raw_kernel(self):
        return self.kernel

    def normalized_kernel(self, training=None):
        """kernel / sigma in the compute dtype; updates `u` if `training`."""
        kernel = ops.convert_to_tensor(self._raw_kernel())
        matrix = ops.reshape(kernel, (-1, kernel.shape[-1]))
        constant, u = ops.stop_gradient(matrix), ops.convert_to_tensor(self.u)
        v = _normalized(ops.matmul(constant, u))
        if training and self.trainable:
            step = ops.matmul(v, constant)
            # A kernel of zeros must not set u to zeros, a fixed point of the iteration.
            u = ops.where(ops.any(ops.abs(step) > _TINY), _normalized(step), u)
            self.u.assign(u)
        sigma = ops.sum(v * ops.matmul(matrix, _normalized(u)))
        sigma = ops.where(sigma > _TINY, sigma, ops.ones_like(sigma))
        return ops.cast(kernel / sigma, self.compute_dtype)


def _normalized(vector):
    return vector / ops.maximum(ops.sqrt(ops.sum(ops.square(vector))), _TINY)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SpectralConv2D(_Spectral, Conv2D):
    """`Conv2D` of this package with spectral normalization (Miyato et al. 2018, arXiv 1802.05957).

    The spectral norm is that of the (height * width * in, out) matrix, as in the paper. Arguments,
    shapes and errors are those of `Conv2D`. `kernel` is the raw kernel.
    """

    def call(self, inputs, training=None):
        return self.convolve(inputs, self.normalized_kernel(training))


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SpectralDense(_Spectral, keras.layers.Dense):
    """`keras.layers.Dense` with spectral normalization (Miyato et al. 2018, arXiv 1802.05957).

    Arguments and shapes are those of `keras.layers.Dense`. `kernel` is the raw kernel.
    """

    def call(self, inputs, training=None):
        outputs = ops.matmul(inputs, self.normalized_kernel(training))
        return add_bias_and_activate(self, outputs)


@keras.saving.register_keras_serializable("keras_gan_zoo")
class SpectralEmbedding(_Spectral, keras.layers.Embedding):
    """`keras.layers.Embedding` with spectral normalization, for projection discriminators (Miyato and
    Koyama 2018, arXiv 1802.05637).

    The spectral norm is that of the (input_dim, output_dim) matrix. Arguments and shapes are those of
    `keras.layers.Embedding`. `embeddings` is the raw matrix.
    """

    def _raw_kernel(self):
        return self.embeddings

    def call(self, inputs, training=None):
        return ops.take(self.normalized_kernel(training), ops.cast(inputs, "int32"), axis=0)
