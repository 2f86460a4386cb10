"""Gradients of augmentations, of both orders, compiled and eager.

All augmentations are affine in the images: y = A x + b, with A measured pixel by pixel.
"""

import functools
import math

import keras
import numpy as np
import pytest
from augment_tools import (
    array,
    every,
    function_of,
    pictures,
    quick,
    tensors,
)
from keras import ops
from tools import BACKEND, gradients

from keras_gan_zoo import augment


def matrices_of(function, shape, n):
    """A of each image, (n, out, in)."""
    function = quick(function)
    size = math.prod(shape)
    offset = array(function(*tensors(np.zeros((n, *shape))))).reshape(n, size)
    columns = []
    for pixel in np.eye(size):
        batch = np.tile(pixel.reshape(1, *shape), (n, 1, 1, 1))
        columns.append(array(function(*tensors(batch))).reshape(n, size) - offset)
    return np.stack(columns, axis=-1)


@every
@pytest.mark.parametrize("shape", [(4, 4, 3), (6, 3, 1)])
def test_gradient_is_the_adjoint(augmentation, shape):
    n = 3
    function = function_of(augmentation)
    matrices = matrices_of(function, shape, n)
    images, weights = pictures(n, shape), pictures(n, shape, seed=1)
    (factors,) = tensors(weights)
    _, (slope,) = gradients(lambda x: ops.sum(function(x) * factors), images)
    expected = np.einsum("noi,no->ni", matrices, weights.reshape(n, -1))
    np.testing.assert_allclose(slope.reshape(n, -1), expected, rtol=1e-4, atol=1e-5)
    assert np.isfinite(slope).all() and (np.abs(slope).max(axis=(1, 2, 3)) > 0.1).all()
    # With the same random numbers, the augmentation returns A x + b.
    offset = array(quick(function)(*tensors(np.zeros_like(images)))).reshape(n, -1)
    linear = np.einsum("noi,ni->no", matrices, images.reshape(n, -1)) + offset
    np.testing.assert_allclose(
        array(quick(function)(*tensors(images))).reshape(n, -1), linear, atol=1e-4
    )


def gradient_of_penalty(function, images):
    """Gradient of |gradient of function|^2, both with respect to the images."""
    (images,) = tensors(images)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        @tf.function(input_signature=[tf.TensorSpec((None, *images.shape[1:]))])
        def slopes(images):
            with tf.GradientTape() as outer:
                outer.watch(images)
                with tf.GradientTape() as inner:
                    inner.watch(images)
                    value = function(images)
                penalty = tf.reduce_sum(inner.gradient(value, images) ** 2)
            return outer.gradient(penalty, images)

        return array(slopes(images))
    if BACKEND == "jax":
        import jax

        penalty = jax.grad(lambda x: (jax.grad(function)(x) ** 2).sum())
        return array(jax.jit(penalty)(images))
    import torch

    images.requires_grad_()
    (slope,) = torch.autograd.grad(function(images), images, create_graph=True)
    return array(torch.autograd.grad((slope**2).sum(), images)[0])


@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_second_order(name):
    n, shape = 3, (4, 4, 3)
    function = function_of(augment.get(name))
    matrices, images = matrices_of(function, shape, n), pictures(n, shape)
    result = array(quick(function)(*tensors(images))).reshape(n, -1)
    # f = sum(y^3) / 3: gradient g = A' y^2, Hessian A' 2 diag(y) A; the penalty's gradient is 2 H g.
    slope = np.einsum("noi,no->ni", matrices, result**2)
    inner = np.einsum("noi,ni->no", matrices, slope)
    expected = 4 * np.einsum("noi,no->ni", matrices, result * inner)
    got = gradient_of_penalty(lambda x: ops.sum(function(x) ** 3) / 3, images).reshape(n, -1)
    np.testing.assert_allclose(got, expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())


def compiled(function, images, probability, xla):
    """`function(images, probability)`, compiled as in training, and the gradient of sum(y^2)."""
    images, probability = tensors(images, probability)
    if BACKEND == "tensorflow":
        import tensorflow as tf

        signature = [tf.TensorSpec((None, *images.shape[1:])), tf.TensorSpec(())]

        @tf.function(input_signature=signature, jit_compile=xla)
        def run(images, probability):
            with tf.GradientTape() as tape:
                tape.watch(images)
                result = function(images, probability)
                loss = tf.reduce_sum(result**2)
            return result, tape.gradient(loss, images)

        return map(array, run(images, probability))
    if BACKEND == "jax":
        import jax

        def loss(images, probability):
            result = function(images, probability)
            return (result**2).sum(), result

        slope, result = jax.jit(jax.grad(loss, has_aux=True))(images, probability)
        return array(result), array(slope)
    import torch

    images.requires_grad_()
    result = function(images, probability)
    return array(result.detach()), array(torch.autograd.grad((result**2).sum(), images)[0])


def given_numbers(monkeypatch, n):
    """Fix the random numbers, which differ between backends and under XLA."""
    rng = np.random.default_rng(0)
    uniforms = rng.uniform(size=(16, n)).astype("float32")
    normals = rng.normal(size=(16, n)).astype("float32")
    for name, numbers in (("uniform", uniforms), ("normal", normals)):
        draw = functools.partial(lambda numbers, shape, **_: tensors(numbers[: shape[0]])[0], numbers)
        monkeypatch.setattr(keras.random, name, draw)


@pytest.mark.parametrize("xla", [False, True] if BACKEND == "tensorflow" else [None])
@pytest.mark.parametrize("name", ["diffaugment", "ada"])
def test_compiled_equals_eager(name, xla, monkeypatch):
    augmentation, images = augment.get(name), pictures(5, (8, 6, 3))
    given_numbers(monkeypatch, 5)
    result, slope = compiled(functools.partial(without_seed, augmentation), images, 0.7, xla)
    eager = functools.partial(without_seed, augmentation, probability=0.7)
    np.testing.assert_allclose(result, array(eager(*tensors(images))), atol=1e-4)
    _, (expected,) = gradients(lambda x: ops.sum(eager(x) ** 2), images)
    np.testing.assert_allclose(slope, expected, rtol=1e-3, atol=1e-3)


def without_seed(augmentation, images, probability):
    return augmentation(images, None, probability)
