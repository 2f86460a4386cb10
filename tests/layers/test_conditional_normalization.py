"""Normalization with a condition, against numpy, finite differences and the unconditional layers."""

import keras
import numpy as np
import pytest
from layer_tools import normal
from second_order_tools import errors, penalty
from tools import close, values

from keras_gan_zoo import layers


def built(x, condition, **arguments):
    """A layer with random weights for these inputs."""
    layer = layers.ConditionalBatchNormalization(**arguments)
    layer.build([x.shape, condition.shape])
    for weight in layer.trainable_variables:
        weight.assign(normal(*weight.shape))
    return layer


def reference(x, condition, gamma, beta, mean, variance, epsilon):
    """The layer's outputs in numpy."""
    x = (x - mean) / np.sqrt(variance + epsilon)
    return x * (1.0 + condition @ gamma)[:, None, None] + (condition @ beta)[:, None, None]


def test_batch_norm_by_hand():
    layer = layers.ConditionalBatchNormalization(momentum=0.9, epsilon=0.0)
    x = np.array([0, 0, 4, 4], "float32").reshape(2, 2, 1, 1)  # mean 2, variance 4
    condition = np.array([[1, 0], [0, 2]], "float32")
    layer.build([x.shape, condition.shape])
    layer.gamma.set_weights([np.array([[2], [-0.5]], "float32")])  # gamma 1 + 2, 1 - 2 * 0.5
    layer.beta.set_weights([np.array([[1], [3]], "float32")])  # beta 1, 2 * 3
    outputs = values([layer([x, condition], training=True)])[0]
    np.testing.assert_allclose(outputs.reshape(-1), [-2, -2, 6, 6], atol=1e-5)
    moving = {v.name: values([v])[0] for v in layer.non_trainable_variables}
    np.testing.assert_allclose(moving["moving_mean"], [0.2], rtol=1e-6)
    np.testing.assert_allclose(moving["moving_variance"], [0.9 + 0.4], rtol=1e-6)


@pytest.mark.parametrize("d", [1, 7])
def test_batch_norm_equals_numpy(d):
    x, condition = normal(4, 3, 5, 6) * 3 + 1, normal(4, d)
    layer = built(x, condition, momentum=0.7, epsilon=1e-2)
    gamma, beta = values([layer.gamma.kernel, layer.beta.kernel])
    assert gamma.shape == beta.shape == (d, 6)
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    expected = reference(x, condition, gamma, beta, mean, variance, 1e-2)
    close(values([layer([x, condition], training=True)]), [expected], rtol=1e-4, atol=1e-4)
    moved = [0.3 * mean, 0.7 + 0.3 * variance]
    close(values(layer.normalization.variables), moved, rtol=1e-5, atol=1e-6)

    # Inference and a frozen layer use the moving averages, and leave them as they are.
    expected = reference(x, condition, gamma, beta, *moved, 1e-2)
    close(values([layer([x, condition])]), [expected], rtol=1e-4, atol=1e-4)
    layer.trainable = False
    close(values([layer([x, condition], training=True)]), [expected], rtol=1e-4, atol=1e-4)
    close(values(layer.normalization.variables), moved, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("start", ["zeros", "no condition"])
def test_batch_norm_starts_as_the_unconditional_layer(start):
    x, condition = normal(4, 3, 3, 2) * 2 + 1, normal(4, 5)
    arguments = {"kernel_initializer": "zeros"} if start == "zeros" else {}
    layer = layers.ConditionalBatchNormalization(**arguments)
    plain = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)
    inputs = [x, condition if start == "zeros" else np.zeros_like(condition)]
    outputs, expected = layer(inputs, training=True), plain(x, training=True)
    close(values([outputs]), values([expected]), rtol=1e-5, atol=1e-5)


def test_scale_and_offset_start_with_other_weights():
    layer = layers.ConditionalBatchNormalization()
    layer.build([(None, 4, 4, 6), (None, 3)])
    gamma, beta = values([layer.gamma.kernel, layer.beta.kernel])
    assert not np.allclose(gamma, beta)
    np.testing.assert_allclose(gamma @ gamma.T, np.eye(3), atol=1e-5)  # orthogonal
    np.testing.assert_allclose(beta @ beta.T, np.eye(3), atol=1e-5)


def test_every_sample_has_the_scale_and_offset_of_its_condition():
    x, condition = normal(6, 2, 2, 3), np.eye(3, dtype="float32")[[0, 1, 2, 2, 1, 0]]
    layer = built(x, condition)
    outputs = values([layer([x, condition], training=True)])[0]
    order = np.array([5, 1, 2, 3, 4, 0])  # samples of the same class change places
    swapped = values([layer([x[order], condition], training=True)])[0]
    np.testing.assert_allclose(swapped, outputs[order], rtol=1e-4, atol=1e-5)
    other = values([layer([x, condition[[1, 0, 2, 2, 0, 1]]], training=True)])[0]
    np.testing.assert_allclose(other[2:4], outputs[2:4], rtol=1e-5, atol=1e-6)
    assert np.abs(other[:2] - outputs[:2]).max() > 0.1


def test_spectral_kernels():
    x, condition = normal(4, 3, 3, 6), normal(4, 5)
    layer = built(x, condition, spectral=True, epsilon=1e-3)
    for _ in range(50):
        layer([x, condition], training=True)
    gamma, beta = (
        kernel / np.linalg.norm(kernel, 2) for kernel in values([layer.gamma.kernel, layer.beta.kernel])
    )
    expected = reference(x, condition, gamma, beta, x.mean((0, 1, 2)), x.var((0, 1, 2)), 1e-3)
    close(values([layer([x, condition], training=True)]), [expected], rtol=1e-2, atol=1e-2)


def test_batch_norm_in_float16():
    x, condition = (normal(8, 4, 4, 3) * 400).astype("float16"), normal(8, 2).astype("float16")
    layer = built(x, condition, dtype="mixed_float16")
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    outputs = layer([x, condition], training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    gamma, beta = values([layer.gamma.kernel, layer.beta.kernel])
    wide = x.astype("float32")
    mean, variance = wide.mean((0, 1, 2)), wide.var((0, 1, 2))
    expected = reference(wide, condition, gamma, beta, mean, variance, 1e-5)
    close(values([outputs]), [expected], rtol=2e-2, atol=4e-2)


@pytest.mark.parametrize(
    "shapes", [(None, 4, 4, 6), [(None, 4, 4, 6)], [(None, 6), (None, 3)], [(None, 4, 4, 6), (3,)]]
)
def test_batch_norm_refuses(shapes):
    with pytest.raises(ValueError, match=r"Inputs must be \[images, condition\].* Received: .*None"):
        layers.ConditionalBatchNormalization().build(shapes)


@pytest.mark.parametrize("arguments", [{}, {"spectral": True, "kernel_initializer": "zeros"}])
def test_batch_norm_survives_saving(arguments, tmp_path):
    layer = layers.ConditionalBatchNormalization(0.8, 1e-4, name="norm", **arguments)
    images, condition = keras.Input((4, 4, 3)), keras.Input((2,))
    model = keras.Model([images, condition], layer([images, condition]))
    for weight in layer.trainable_variables:
        weight.assign(normal(*weight.shape))
    inputs = [normal(5, 4, 4, 3), normal(5, 2)]
    model(inputs, training=True)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.get_layer("norm")) is layers.ConditionalBatchNormalization
    assert loaded.get_layer("norm").get_config() == layer.get_config()
    assert loaded.get_layer("norm").momentum == 0.8
    close(values(loaded.weights), values(model.weights), rtol=0)
    close(values([loaded(inputs)]), values([model(inputs)]), rtol=1e-6, atol=1e-6)


def scalar(layer, x, condition, training):
    """A scalar function of images, condition and kernels, with values for all of them.

    Images are multiplied by random numbers first, as in `second_order_tools.task`.
    """
    layer.build([x.shape, condition.shape])
    generator = np.random.default_rng(1)
    factors, direction = generator.uniform(0.5, 1.5, x.shape), generator.standard_normal(x.shape)
    fixed = values(layer.non_trainable_variables)
    weights = [
        generator.standard_normal(weight.shape).astype(weight.dtype)
        for weight in layer.trainable_variables
    ]

    def total(x, condition, *weights):
        inputs = [x * keras.ops.convert_to_tensor(factors, x.dtype), condition]
        outputs, _ = layer.stateless_call(list(weights), fixed, inputs, training=training)
        return keras.ops.sum(outputs * keras.ops.convert_to_tensor(direction, x.dtype))

    return total, x, condition, *weights


@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_second_order(training, float64):
    x, condition = normal(3, 4, 3, 4).astype("float64") * 2 + 1, normal(3, 2).astype("float64")
    layer = layers.ConditionalBatchNormalization(dtype="float64")
    assert max(errors(*scalar(layer, x, condition, training))) < 1e-5


def test_fused_batch_norm_second_order(float64):
    x, condition = normal(3, 4, 3, 4) * 2 + 1, normal(3, 2)
    results = []
    for dtype in ("float32", "float64"):
        layer = layers.ConditionalBatchNormalization(dtype=dtype)
        total, *arrays = scalar(layer, x.astype(dtype), condition.astype(dtype), True)
        results.append(penalty(total)(*arrays)[1])
    for fused, composed in zip(*results, strict=True):
        assert fused.dtype == "float32"
        np.testing.assert_allclose(fused, composed, rtol=1e-3, atol=1e-4 * abs(composed).max())


def test_a_gradient_penalty_may_be_taken():
    layer = layers.ConditionalBatchNormalization()
    layer.build([(None, 4, 4, 6), (None, 3)])
    assert layers.unsafe_second_order_layers(layer) == []


def test_conditional_instance_norm_takes_the_scale_and_offset_of_a_style():
    x, mix = normal(3, 4, 5, 2) * 2 + 1, np.array([[1, 0], [0, 1], [0.5, 0.5]], "float32")
    layer = layers.ConditionalInstanceNormalization(2)
    layer.build([x.shape, mix.shape])
    gamma, beta = np.array([[1, 2], [3, 4]], "float32"), np.array([[0, 1], [2, -1]], "float32")
    layer.set_weights([gamma, beta])
    plain = values([layers.InstanceNormalization(scale=False, center=False)(x)])[0]
    wanted = plain * (mix @ gamma)[:, None, None] + (mix @ beta)[:, None, None]
    np.testing.assert_allclose(values([layer([x, mix])])[0], wanted, rtol=1e-5, atol=1e-5)
    again = type(layer).from_config(layer.get_config())
    assert (again.styles, again.epsilon) == (2, 1e-5)
