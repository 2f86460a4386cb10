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


@functools.partial(jax.custom_vjp, nondiff_argnums=(2,))
def strided(x, kernel, stride):
    """2-D convolution of x (n, h, w, in), "same" padding, one stride for both axes."""
    if _is_patchable(x.shape, kernel.shape, stride):
        return _by_patches(x, kernel, stride)
    return _plain(x, kernel, stride)


def transposed(x, kernel, stride):
    """The gradient of `strided` with respect to its input: x (n, h, w, out) to in channels."""
    return _to_input(x, kernel, stride, tuple(side * stride for side in x.shape[1:3]))


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _to_input(y, kernel, stride, sides):
    """What `strided` would have made `y` of, as its gradient has it: (n, *sides, in)."""
    x = jax.ShapeDtypeStruct((y.shape[0], *sides, kernel.shape[2]), y.dtype)
    patchable = _is_patchable(x.shape, kernel.shape, stride)
    if patchable or jax.default_backend() != "cpu":
        form = _by_patches if patchable else _plain
        return jax.linear_transpose(lambda x: form(x, kernel, stride), x)(y)[0]
    pads = [
        (size - 1 - before, side + before - stride * (count - 1) - 1)
        for size, side, count, before in _places(x.shape, kernel.shape, y.shape, stride)
    ]
    return lax.conv_general_dilated(
        y, kernel[::-1, ::-1].swapaxes(2, 3), (1, 1), pads, (stride, stride), None, _DIMENSIONS
    )


@functools.partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def _to_kernel(x, y, stride, size):
    """By which kernel `strided` would have made `y` of x, as its gradient has it: (*size, in, out)."""
    n, h, w, _ = y.shape
    parts = 1
    while n % (2 * parts) == 0 and n * h * w > _POSITIONS * parts:
        parts *= 2
    pairs = zip(jax.numpy.split(x, parts), jax.numpy.split(y, parts), strict=True)
    return sum(_part_to_kernel(*pair, stride, (*size, x.shape[-1], y.shape[-1])) for pair in pairs)


def _part_to_kernel(x, y, stride, shape):
    if jax.default_backend() != "cpu":
        kernel = jax.ShapeDtypeStruct(shape, x.dtype)
        return jax.linear_transpose(lambda kernel: _plain(x, kernel, stride), kernel)(y)[0]
    pads = [
        (before, stride * (count - 1) + size - side - before)
        for size, side, count, before in _places(x.shape, shape, y.shape, stride)
    ]
    x, y = x.transpose(3, 1, 2, 0), y.transpose(1, 2, 0, 3)  # it is the batch that is summed over
    kernel = lax.conv_general_dilated(x, y, (1, 1), pads, None, (stride, stride), _DIMENSIONS)
    return kernel.transpose(1, 2, 0, 3)


strided.defvjp(
    lambda x, kernel, stride: (strided(x, kernel, stride), (x, kernel)),
    lambda stride, kept, y: (
        _to_input(y, kept[1], stride, kept[0].shape[1:3]),
        _to_kernel(kept[0], y, stride, kept[1].shape[:2]),
    ),
)
_to_input.defvjp(
    lambda y, kernel, stride, sides: (_to_input(y, kernel, stride, sides), (y, kernel)),
    lambda stride, sides, kept, x: (
        strided(x, kept[1], stride),
        _to_kernel(x, kept[0], stride, kept[1].shape[:2]),
    ),
)
_to_kernel.defvjp(
    lambda x, y, stride, size: (_to_kernel(x, y, stride, size), (x, y)),
    lambda stride, size, kept, kernel: (
        _to_input(kept[1], kernel, stride, kept[0].shape[1:3]),
        strided(kept[0], kernel, stride),
    ),
)


def _plain(x, kernel, stride):
    return lax.conv_general_dilated(x, kernel, (stride, stride), "SAME", dimension_numbers=_DIMENSIONS)


def _places(x_shape, kernel_shape, y_shape, stride):
    """For both axes the sides of kernel, x and y, and by how much "same" padding is before x."""
    for size, side, count in zip(kernel_shape[:2], x_shape[1:3], y_shape[1:3], strict=True):
        yield size, side, count, max(0, stride * (count - 1) + size - side) // 2


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
