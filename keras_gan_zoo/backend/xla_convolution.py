"""Strided and transposed convolutions that are fast on XLA's CPU, where its own are slow.

Three shapes of work are: the kernel gradient of a transposed convolution (a fiftieth of the speed of
other convolutions), kernel gradients that sum over many positions, and images of few channels.
What each costs is in benchmarks/README.md. Kernels are (h, w, in, out) of the strided convolution;
the transposed one is its gradient with respect to its input.
"""

import functools

import jax
from jax import lax

# A kernel gradient is summed over at most so many positions at once.
_POSITIONS = 2048
_FEW_CHANNELS = 4


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def strided(x, kernel, stride):
    """2-D convolution of x (n, h, w, in), "same" padding, one stride for both axes."""
    if _is_patchable(x.shape, kernel.shape, stride):
        return _by_patches(x, kernel, stride)
    return _plain(x, kernel, stride)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def transposed(x, kernel, stride):
    """The gradient of `strided` with respect to its input: x (n, h, w, out) to in channels."""
    return _to_input(x, kernel, stride, (x.shape[0], *(side * stride for side in x.shape[1:3])))


def _strided_backward(stride, residuals, cotangent):
    x, kernel = residuals
    return (
        _to_input(cotangent, kernel, stride, x.shape[:3]),
        _to_kernel(x, cotangent, kernel.shape, stride),
    )


def _transposed_backward(stride, residuals, cotangent):
    x, kernel = residuals
    return strided(cotangent, kernel, stride), _to_kernel(cotangent, x, kernel.shape, stride)


strided.defvjp(lambda x, kernel, stride: (strided(x, kernel, stride), (x, kernel)), _strided_backward)
transposed.defvjp(
    lambda x, kernel, stride: (transposed(x, kernel, stride), (x, kernel)), _transposed_backward
)


def _plain(x, kernel, stride):
    return lax.conv_general_dilated(
        x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def _is_patchable(shape, kernel_shape, stride):
    sides = zip(shape[1:3], kernel_shape[:2], strict=True)
    return shape[3] <= _FEW_CHANNELS and all(
        length % stride == size % stride == (size - stride) % 2 == 0 for length, size in sides
    )


def _by_patches(x, kernel, stride):
    """Blocks of stride x stride pixels become channels; then one product of matrices."""
    n, h, w, channels = x.shape
    size = kernel.shape[:2]
    rows, columns = h // stride, w // stride
    padding = [(side - stride) // 2 for side in size]
    across, down = size[1] // stride, size[0] // stride
    x = jax.numpy.pad(x, ((0, 0), *((p, p) for p in padding), (0, 0)))
    x = x.reshape(n, rows + down - 1, stride, columns + across - 1, stride, channels)
    x = x.swapaxes(2, 3).reshape(n, rows + down - 1, columns + across - 1, -1)
    shifted = [x[:, i : i + rows, j : j + columns] for i in range(down) for j in range(across)]
    kernel = kernel.reshape(down, stride, across, stride, channels, -1)
    kernel = kernel.swapaxes(1, 2).reshape(-1, kernel.shape[-1])
    return jax.numpy.concatenate(shifted, -1) @ kernel


def _to_input(cotangent, kernel, stride, sides):
    x = jax.ShapeDtypeStruct((*sides, kernel.shape[2]), cotangent.dtype)
    form = _by_patches if _is_patchable(x.shape, kernel.shape, stride) else _plain
    return jax.linear_transpose(lambda x: form(x, kernel, stride), x)(cotangent)[0]


def _to_kernel(x, cotangent, shape, stride):
    n, h, w, _ = cotangent.shape
    parts = 1
    while n % (2 * parts) == 0 and n * h * w > _POSITIONS * parts:
        parts *= 2
    kernel = jax.ShapeDtypeStruct(shape, x.dtype)
    pairs = zip(jax.numpy.split(x, parts), jax.numpy.split(cotangent, parts), strict=True)
    return sum(
        jax.linear_transpose(lambda k, x=x: _plain(x, k, stride), kernel)(part)[0] for x, part in pairs
    )
