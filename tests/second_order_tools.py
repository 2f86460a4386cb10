"""Second-order gradients on each backend, compared with finite differences."""

import numpy as np
from keras import ops
from tools import BACKEND, values


def penalty(function):
    """Squared norm of the gradient of the scalar `function(x, *weights)` with respect to `x`.

    Returns a function of the same arrays, which returns the norm and its gradients with respect
    to `x` and to each of `weights`, zeros where the norm does not depend on them.
    """
    if BACKEND == "tensorflow":
        import tensorflow as tf

        def both(*arrays):
            arrays = [tf.constant(array) for array in arrays]
            with tf.GradientTape() as outer:
                outer.watch(arrays)
                with tf.GradientTape() as inner:
                    inner.watch(arrays[0])
                    result = function(*arrays)
                norm = tf.reduce_sum(tf.square(inner.gradient(result, arrays[0])))
            zero = tf.UnconnectedGradients.ZERO
            return norm, outer.gradient(norm, arrays, unconnected_gradients=zero)
    elif BACKEND == "jax":
        import jax

        def norm(arrays):
            return jax.numpy.sum(jax.numpy.square(jax.grad(function)(*arrays)))

        compiled = jax.jit(jax.value_and_grad(norm))

        def both(*arrays):
            return compiled(arrays)
    else:
        import torch

        def both(*arrays):
            arrays = [torch.tensor(array, requires_grad=True) for array in arrays]
            (slope,) = torch.autograd.grad(function(*arrays), arrays[0], create_graph=True)
            norm = torch.sum(torch.square(slope))
            return norm.detach(), torch.autograd.grad(norm, arrays, materialize_grads=True)

    def as_numpy(*arrays):
        norm, slopes = both(*arrays)
        return float(norm), values(slopes)

    return as_numpy


def errors(function, x, *weights, step=1e-5):
    """Relative errors of the gradients of `penalty(function)`, compared with central differences.

    One error per array, along a random direction. Requires float64 and a penalty that depends on at
    least one array.
    """
    generator = np.random.default_rng(2)
    arrays = [np.asarray(array, "float64") for array in (x, *weights)]
    norm_and_slopes = penalty(function)
    _, slopes = norm_and_slopes(*arrays)
    assert any(slope.any() for slope in slopes)
    found = []
    for place, slope in enumerate(slopes):
        direction = generator.standard_normal(slope.shape)
        ends = []
        for sign in (1, -1):
            moved = list(arrays)
            moved[place] = arrays[place] + sign * step * direction
            ends.append(norm_and_slopes(*moved)[0])
        expected = (ends[0] - ends[1]) / (2 * step)
        size = max(abs(expected), 1e-3 * np.linalg.norm(slope) * np.linalg.norm(direction), 1e-8)
        found.append(abs(np.sum(slope * direction) - expected) / size)
    return found


def task(layer, x, **training):
    """A scalar function of the inputs and trainable weights of `layer`, with values for all of them.

    Inputs are first multiplied by random numbers, as by preceding layers: the input gradient of a
    normalization sums to zero, which would hide a wrong second order. Outputs are multiplied by random
    numbers, too.
    """
    layer.build(x.shape)
    generator = np.random.default_rng(1)
    factors = generator.uniform(0.5, 1.5, x.shape)
    direction = generator.standard_normal(layer.compute_output_shape(x.shape))
    fixed = values(layer.non_trainable_variables)
    weights = [
        generator.uniform(0.5, 1.5, weight.shape).astype(weight.dtype)
        for weight in layer.trainable_variables
    ]

    def total(x, *weights):
        inputs = x * ops.convert_to_tensor(factors, x.dtype)
        outputs, _ = layer.stateless_call(list(weights), fixed, inputs, **training)
        return ops.sum(outputs * ops.convert_to_tensor(direction, x.dtype))

    return total, x, *weights


def layer_errors(layer, x, **training):
    """Largest of the `errors` of a layer's `task`."""
    return max(errors(*task(layer, x, **training)))
