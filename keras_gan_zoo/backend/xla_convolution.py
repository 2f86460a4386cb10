"""Strided and transposed convolutions that avoid slow paths of XLA on a CPU.

XLA is slow in four cases: the kernel gradient of a transposed convolution (2 % of the speed of other
convolutions), kernel gradients that sum over many positions, images with few channels, and all
gradients inside a conditional branch, such as those of lazy penalties. benchmarks/README.md has the
measurements.

A convolution, its input gradient and its kernel gradient are three bilinear products of two out of
(x, kernel, y); the gradients of each product are the other two. The functions below define each other's
gradients accordingly. Kernels are (h, w, in, out) of the strided convolution, x is (n, h, w, in), y is
(n, h, w, out).
"""

import functools

import jax
from jax import lax

# Largest number of positions that one kernel-gradient convolution sums over.
_MAX_POSITIONS = 2048
_MAX_CHANNELS_OF_PATCHES = 4
_DIMENSIONS = ("NHWC", "HWIO", "NHWC")


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def strided(x, kernel, stride, padding="same"):
    """2-D convolution of x (n, h, w, in), "same" or "valid" padding, one stride for both axes."""
    return _implementation(x.shape, kernel.shape, stride, padding)(x, kernel, stride, padding)


def transposed(x, kernel, stride, padding="same"):
    """Transposed convolution, the input gradient of `strided`: x (n, h, w, out) to (n, h', w', in)."""
    extra = [0 if padding == "same" else size - stride for size in kernel.shape[:2]]
    sides = tuple(stride * side + e for side, e in zip(x.shape[1:3], extra, strict=True))
    return _input_gradient(x, kernel, stride, padding, sides)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _input_gradient(y, kernel, stride, padding, sides):
    """Gradient of `strided` with respect to x for the output gradient y: (n, *sides, in)."""
    x = jax.ShapeDtypeStruct((y.shape[0], *sides, kernel.shape[2]), y.dtype)
    convolve = _implementation(x.shape, kernel.shape, stride, padding)
    if convolve is _by_patches or jax.default_backend() != "cpu":
        return jax.linear_transpose(lambda x: convolve(x, kernel, stride, padding), x)(y)[0]
    pads = [
        (size - 1 - before, side + before - stride * (count - 1) - 1)
        for size, side, count, before in _geometry(x.shape, kernel.shape, y.shape, stride, padding)
    ]
    return lax.conv_general_dilated(
        y, kernel[::-1, ::-1].swapaxes(2, 3), (1, 1), pads, (stride, stride), None, _DIMENSIONS
    )


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _kernel_gradient(x, y, stride, padding, size):
    """Gradient of `strided` with respect to its kernel for the output gradient y: (*size, in, out)."""
    n, h, w, _ = y.shape
    parts = 1
    while n % (2 * parts) == 0 and n * h * w > _MAX_POSITIONS * parts:
        parts *= 2
    pairs = zip(jax.numpy.split(x, parts), jax.numpy.split(y, parts), strict=True)
    shape = (*size, x.shape[-1], y.shape[-1])
    return sum(_partial_kernel_gradient(*pair, stride, padding, shape) for pair in pairs)


def _partial_kernel_gradient(x, y, stride, padding, shape):
    if jax.default_backend() != "cpu":
        kernel = jax.ShapeDtypeStruct(shape, x.dtype)
        return jax.linear_transpose(lambda kernel: _plain(x, kernel, stride, padding), kernel)(y)[0]
    pads = [
        (before, stride * (count - 1) + size - side - before)
        for size, side, count, before in _geometry(x.shape, shape, y.shape, stride, padding)
    ]
    x, y = x.transpose(3, 1, 2, 0), y.transpose(1, 2, 0, 3)  # contract over the batch
    kernel = lax.conv_general_dilated(x, y, (1, 1), pads, None, (stride, stride), _DIMENSIONS)
    return kernel.transpose(1, 2, 0, 3)


strided.defvjp(
    lambda x, kernel, *static: (strided(x, kernel, *static), (x, kernel)),
    lambda stride, padding, residuals, y: (
        _input_gradient(y, residuals[1], stride, padding, residuals[0].shape[1:3]),
        _kernel_gradient(residuals[0], y, stride, padding, residuals[1].shape[:2]),
    ),
)
_input_gradient.defvjp(
    lambda y, kernel, *static: (_input_gradient(y, kernel, *static), (y, kernel)),
    lambda stride, padding, sides, residuals, x: (
        strided(x, residuals[1], stride, padding),
        _kernel_gradient(x, residuals[0], stride, padding, residuals[1].shape[:2]),
    ),
)
_kernel_gradient.defvjp(
    lambda x, y, *static: (_kernel_gradient(x, y, *static), (x, y)),
    lambda stride, padding, size, residuals, kernel: (
        _input_gradient(residuals[1], kernel, stride, padding, residuals[0].shape[1:3]),
        strided(residuals[0], kernel, stride, padding),
    ),
)


def _geometry(x_shape, kernel_shape, y_shape, stride, padding):
    """For both axes: the sizes of kernel, x and y, and the padding before x."""
    for size, side, count in zip(kernel_shape[:2], x_shape[1:3], y_shape[1:3], strict=True):
        excess = stride * (count - 1) + size - side if padding == "same" else 0
        yield size, side, count, max(0, excess) // 2


def _implementation(shape, kernel_shape, stride, padding):
    """The faster of `_by_patches` and `_plain` for these shapes."""
    sides = zip(shape[1:3], kernel_shape[:2], strict=True)
    patchable = padding == "same" and shape[3] <= _MAX_CHANNELS_OF_PATCHES
    if patchable and all(
        length % stride == size % stride == (size - stride) % 2 == 0 for length, size in sides
    ):
        return _by_patches
    return _plain


def _plain(x, kernel, stride, padding):
    return lax.conv_general_dilated(
        x, kernel, (stride, stride), padding.upper(), dimension_numbers=_DIMENSIONS
    )


def _by_patches(x, kernel, stride, _):
    """Move blocks of stride x stride pixels to channels, then multiply matrices once."""
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
