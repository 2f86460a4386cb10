"""Convolutions on JAX and their gradients, compared with those of `jax.lax`."""

import keras
import numpy as np
import pytest
from tools import close

if keras.backend.backend() != "jax":
    pytest.skip("the module is JAX's", allow_module_level=True)

import jax
from jax import lax

from keras_gan_zoo.backend import xla_convolution

# (height, width) of x, of the kernel, stride, channels; some sides are not multiples of the stride.
SHAPES = [
    ((6, 8), (3, 3), 1, 5),
    ((6, 8), (4, 4), 2, 5),
    ((8, 8), (4, 4), 2, 3),
    ((7, 9), (3, 3), 2, 5),
    ((7, 8), (2, 5), 3, 5),
    ((6, 6), (1, 1), 1, 3),
    ((7, 6), (1, 1), 2, 5),
]


def plain(x, kernel, stride, padding):
    return lax.conv_general_dilated(
        x, kernel, (stride, stride), padding.upper(), dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def normal(*shape):
    return np.random.standard_normal(shape).astype("float32")


@pytest.mark.parametrize(("sides", "size", "stride", "channels"), SHAPES)
@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("inside", [False, True])
def test_gradients_of_both_orders(sides, size, stride, channels, padding, inside):
    x, kernel = normal(4, *sides, channels), normal(*size, channels, 2)
    direction = normal(*plain(x, kernel, stride, padding).shape)

    def penalty(conv):
        def slopes(x, kernel):
            score = lambda x: jax.numpy.sum(jax.numpy.sin(conv(x, kernel, stride, padding)) * direction)  # noqa: E731
            slope = jax.grad(score)(x)
            return jax.numpy.sum(slope**2)

        def in_branch(x, kernel):  # as in a lazy penalty
            return lax.cond(x[0, 0, 0, 0] > -9, slopes, lambda *_: 0.0, x, kernel)

        value = jax.value_and_grad(in_branch if inside else slopes, (0, 1))
        return jax.jit(value)(x, kernel)

    ours, theirs = map(penalty, (xla_convolution.strided, plain))
    close(jax.tree.leaves(ours), jax.tree.leaves(theirs), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_transposed_is_the_gradient_of_the_input(stride, padding):
    x, kernel = normal(2, 6, 8, 5), normal(4, 4, 5, 2)
    y, pull = jax.vjp(lambda x: plain(x, kernel, stride, padding), x)
    ours = xla_convolution.transposed(y, kernel, stride, padding)
    close([ours], list(pull(y)), rtol=1e-5, atol=1e-5)
