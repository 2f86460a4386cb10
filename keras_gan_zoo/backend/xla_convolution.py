"""Strided and transposed convolutions that are fast on XLA's CPU, where its own are slow.

Four shapes of work are: the kernel gradient of a transposed convolution (a fiftieth of the speed of
other convolutions), kernel gradients that sum over many positions, images of few channels, and all
gradients inside a branch that may be left out, as those of lazy penalties are. What each costs is in
benchmarks/README.md.

A convolution, its gradient with respect to its input and that with respect to its kernel are three
products of two out of (x, kernel, y); the gradient of one is the two others. So are they here.
Kernels are (h, w, in, out) of the strided convolution, x is (n, h, w, in), y (n, h, w, out).
"""

import functools

import jax
from jax import lax

# A kernel gradient is summed over at most so many positions at once.
_POSITIONS = 2048
_FEW_CHANNELS = 4
_DIMENSIONS = ("NHWC", "HWIO", "NHWC")


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def strided(x, kernel, stride, padding="same"):
    """2-D convolution of x (n, h, w, in), "same" or "valid" padding, one stride for both axes."""
    return _form(x.shape, kernel.shape, stride, padding)(x, kernel, stride, padding)


def transposed(x, kernel, stride, padding="same"):
    """The gradient of `strided` with respect to its input: x (n, h, w, out) to in channels."""
    more = [0 if padding == "same" else size - stride for size in kernel.shape[:2]]
    sides = tuple(stride * side + m for side, m in zip(x.shape[1:3], more, strict=True))
    return _to_input(x, kernel, stride, padding, sides)


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _to_input(y, kernel, stride, padding, sides):
    """What `strided` would have made `y` of, as its gradient has it: (n, *sides, in)."""
    x = jax.ShapeDtypeStruct((y.shape[0], *sides, kernel.shape[2]), y.dtype)
    form = _form(x.shape, kernel.shape, stride, padding)
    if form is _by_patches or jax.default_backend() != "cpu":
        return jax.linear_transpose(lambda x: form(x, kernel, stride, padding), x)(y)[0]
    pads = [
        (size - 1 - before, side + before - stride * (count - 1) - 1)
        for size, side, count, before in _places(x.shape, kernel.shape, y.shape, stride, padding)
    ]
    return lax.conv_general_dilated(
        y, kernel[::-1, ::-1].swapaxes(2, 3), (1, 1), pads, (stride, stride), None, _DIMENSIONS
    )


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3, 4))
def _to_kernel(x, y, stride, padding, size):
    """By which kernel `strided` would have made `y` of x, as its gradient has it: (*size, in, out)."""
    n, h, w, _ = y.shape
    parts = 1
    while n % (2 * parts) == 0 and n * h * w > _POSITIONS * parts:
        parts *= 2
    pairs = zip(jax.numpy.split(x, parts), jax.numpy.split(y, parts), strict=True)
    shape = (*size, x.shape[-1], y.shape[-1])
    return sum(_part_to_kernel(*pair, stride, padding, shape) for pair in pairs)


def _part_to_kernel(x, y, stride, padding, shape):
    if jax.default_backend() != "cpu":
        kernel = jax.ShapeDtypeStruct(shape, x.dtype)
        return jax.linear_transpose(lambda kernel: _plain(x, kernel, stride, padding), kernel)(y)[0]
    pads = [
        (before, stride * (count - 1) + size - side - before)
        for size, side, count, before in _places(x.shape, shape, y.shape, stride, padding)
    ]
    x, y = x.transpose(3, 1, 2, 0), y.transpose(1, 2, 0, 3)  # it is the batch that is summed over
    kernel = lax.conv_general_dilated(x, y, (1, 1), pads, None, (stride, stride), _DIMENSIONS)
    return kernel.transpose(1, 2, 0, 3)


strided.defvjp(
    lambda x, kernel, *how: (strided(x, kernel, *how), (x, kernel)),
    lambda stride, padding, kept, y: (
        _to_input(y, kept[1], stride, padding, kept[0].shape[1:3]),
        _to_kernel(kept[0], y, stride, padding, kept[1].shape[:2]),
    ),
)
_to_input.defvjp(
    lambda y, kernel, *how: (_to_input(y, kernel, *how), (y, kernel)),
    lambda stride, padding, sides, kept, x: (
        strided(x, kept[1], stride, padding),
        _to_kernel(x, kept[0], stride, padding, kept[1].shape[:2]),
    ),
)
_to_kernel.defvjp(
    lambda x, y, *how: (_to_kernel(x, y, *how), (x, y)),
    lambda stride, padding, size, kept, kernel: (
        _to_input(kept[1], kernel, stride, padding, kept[0].shape[1:3]),
        strided(kept[0], kernel, stride, padding),
    ),
)


def _places(x_shape, kernel_shape, y_shape, stride, padding):
    """For both axes the sides of kernel, x and y, and by how much padding is before x."""
    for size, side, count in zip(kernel_shape[:2], x_shape[1:3], y_shape[1:3], strict=True):
        excess = stride * (count - 1) + size - side if padding == "same" else 0
        yield size, side, count, max(0, excess) // 2


def _form(shape, kernel_shape, stride, padding):
    """The convolution for images and kernels of such shapes."""
    sides = zip(shape[1:3], kernel_shape[:2], strict=True)
    patchable = padding == "same" and shape[3] <= _FEW_CHANNELS
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
    """Blocks of stride x stride pixels become channels, then one product of matrices."""
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
