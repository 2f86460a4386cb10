import keras
import numpy as np
import pytest
from layer_tools import normal, survives
from second_order_tools import errors, layer_errors
from tools import close, gradients, values

from keras_gan_zoo import layers

SPECS = {
    "conv": (lambda **kwargs: layers.SpectralConv2D(3, 4, 2, **kwargs), (2, 4, 6, 2)),
    "dense": (lambda **kwargs: layers.SpectralDense(3, **kwargs), (2, 5)),
}


def matrix(kernel):
    return kernel.reshape(-1, kernel.shape[-1])


def largest(kernel):
    return np.linalg.svd(matrix(kernel))[1][0]


def built(kind, steps=0, **arguments):
    """A layer with a random kernel after several steps of power iteration, and inputs for it."""
    make, shape = SPECS[kind]
    layer, x = make(**arguments), normal(*shape)
    layer.build(shape)
    layer.kernel.assign(normal(*layer.kernel.shape))
    for _ in range(steps):
        layer(x, training=True)
    return layer, x


def test_power_iteration_by_hand():
    layer, x = built("dense")
    kernel, u = values([layer.kernel, layer.u])
    v = kernel @ u
    v /= np.linalg.norm(v)
    step = v @ kernel
    expected = x @ (kernel / np.linalg.norm(step)) + values([layer.bias])[0]
    close(values([layer(x, training=True)]), [expected], rtol=1e-5, atol=1e-5)
    close(values([layer.u]), [step / np.linalg.norm(step)], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", SPECS)
def test_norm_is_one_and_kernel_stays(kind):
    layer, x = built(kind)
    before = values([layer.kernel])
    for _ in range(60):
        layer(x, training=True)
    close(values([layer.kernel]), before, rtol=0, atol=0)
    np.testing.assert_allclose(largest(values([layer.normalized_kernel()])[0]), 1.0, rtol=1e-4)
    assert abs(largest(before[0]) - 1.0) > 0.5


@pytest.mark.parametrize("kind", SPECS)
def test_outputs_are_those_of_the_normalized_kernel(kind):
    layer, x = built(kind, steps=60, activation="tanh")
    plain = {"conv": layers.Conv2D, "dense": keras.layers.Dense}[kind]
    config = layer.get_config()
    other = plain.from_config(config)
    other.build(x.shape)
    kernel, bias = values([layer.kernel, layer.bias])
    other.set_weights([kernel / largest(kernel), bias])
    close(values([layer(x)]), values([other(x)]), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("how", ["inference", "frozen"])
@pytest.mark.parametrize("kind", SPECS)
def test_no_step_without_training(kind, how):
    layer, x = built(kind)
    layer.trainable = how == "inference"
    before = values(layer.weights)
    layer(x, training=how == "frozen")
    close(values(layer.weights), before, rtol=0, atol=0)


@pytest.mark.parametrize("training", [True, False])
def test_kernel_of_zeros(training):
    layer, x = built("dense", use_bias=False)
    layer.kernel.assign(np.zeros((5, 3)))
    u = values([layer.u])
    fixed = values(layer.non_trainable_variables)

    def total(kernel):
        return keras.ops.sum(layer.stateless_call([kernel], fixed, x, training=training)[0])

    _, slopes = gradients(total, np.zeros((5, 3)))
    close(slopes, [np.repeat(x.sum(0)[:, None], 3, 1)], rtol=1e-5)
    assert not values([layer(x, training=training)])[0].any()
    close(values([layer.u]), u, rtol=0, atol=0)


@pytest.mark.parametrize("kind", SPECS)
def test_gradient_flows_through_sigma(kind):
    layer, x = built(kind, steps=100, use_bias=False)
    (kernel,) = values([layer.kernel])
    fixed = values(layer.non_trainable_variables)

    def total(kernel):
        outputs = layer.stateless_call([kernel], fixed, x, training=True)[0]
        return keras.ops.sum(keras.ops.square(outputs))

    # Scaling the kernel changes neither the outputs nor the loss.
    _, (slope,) = gradients(total, kernel)
    assert abs(np.sum(slope * kernel)) < 1e-3 * np.linalg.norm(slope) * np.linalg.norm(kernel)


@pytest.mark.parametrize("kind", SPECS)
def test_second_order(kind, float64):
    make, shape = SPECS[kind]
    layer = make(activation="softplus", dtype="float64")
    # At inference sigma and its gradient are consistent; in training only after the power iteration has
    # converged.
    x = normal(*shape).astype("float64")
    assert layer_errors(layer, x, training=False) < 1e-5


def test_second_order_in_training(float64):
    layer = layers.SpectralDense(3, use_bias=False, activation="softplus", dtype="float64")
    x, kernel = normal(2, 5).astype("float64"), normal(5, 3).astype("float64")
    left, _, right = np.linalg.svd(kernel, full_matrices=False)
    kernel = left * [3.0, 1.5, 0.5] @ right  # well separated, so that the power iteration converges
    layer.build(x.shape)
    layer.kernel.assign(keras.ops.convert_to_tensor(kernel, "float64"))
    for _ in range(200):
        layer(keras.ops.convert_to_tensor(x, "float64"), training=True)
    fixed = values(layer.non_trainable_variables)

    def total(x, kernel):
        return keras.ops.sum(layer.stateless_call([kernel], fixed, x, training=True)[0])

    assert max(errors(total, x, kernel)) < 1e-5


@pytest.mark.parametrize("kind", SPECS)
def test_float16(kind):
    layer, x = built(kind, steps=30, dtype="mixed_float16")
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    outputs = layer(x, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    layer.kernel.assign(layer.kernel * 3e5)  # overflows float16
    scaled = layer(x)
    close(values([scaled]), values([outputs]), rtol=5e-2, atol=5e-2)


def test_embedding():
    layer = layers.SpectralEmbedding(5, 3)
    labels = np.array([[4, 0], [1, 1]], "int32")
    for _ in range(60):
        outputs = layer(labels, training=True)
    (table,) = values([layer.embeddings])
    close(values([outputs]), [table[labels] / largest(table)], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("kind", [*SPECS, "embedding"])
def test_survives_saving(kind, tmp_path):
    if kind == "embedding":
        layer, x = layers.SpectralEmbedding(5, 3), np.array([[4, 0], [1, 1]], "int32")
    else:
        make, shape = SPECS[kind]
        layer, x = make(activation="tanh"), normal(*shape)
    survives(layer, x, tmp_path / "model.keras")


@pytest.mark.parametrize("kind", SPECS)
def test_fit(kind):
    make, shape = SPECS[kind]
    model = keras.Sequential([keras.Input(shape[1:]), make(), keras.layers.Flatten()])
    model.compile("sgd", "mse")
    before = values([model.layers[0].kernel, model.layers[0].u])
    x = normal(4, *shape[1:])
    model.fit(x, np.ones(model.compute_output_shape(x.shape)), verbose=0)
    for old, new in zip(before, values([model.layers[0].kernel, model.layers[0].u]), strict=True):
        assert not np.array_equal(old, new)


def test_conv_refuses():
    with pytest.raises(ValueError, match=r"needs padding='same'.* Received: strides=.* Use `keras"):
        layers.SpectralConv2D(3, 4, dilation_rate=2)
