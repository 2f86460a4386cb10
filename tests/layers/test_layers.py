import keras
import numpy as np
import pytest
from keras import ops
from tools import close, gradients, values

from keras_gan_zoo import layers

GENERATOR = np.random.default_rng(0)


def normal(*shape):
    return GENERATOR.standard_normal(shape).astype("float32")


def twins(ours, theirs, shape):
    """Our layer and Keras' with the same random weights."""
    ours.build((None, *shape[1:]))
    theirs.build((None, *shape[1:]))
    weights = [abs(normal(*weight.shape)) + 0.1 for weight in theirs.weights]
    ours.set_weights(weights)
    theirs.set_weights(weights)
    return ours, theirs


def forward_and_gradients(layer, x, **training):
    """Outputs, gradients of inputs and trainable weights, and what the layer keeps afterwards.

    A random direction stands for the loss, so that every output counts differently.
    """
    direction = np.random.default_rng(1).standard_normal(layer.compute_output_shape(x.shape))
    direction = ops.convert_to_tensor(direction.astype("float32"))
    trainable = values(layer.trainable_variables)
    fixed = values(layer.non_trainable_variables)

    def loss(x, *weights):
        outputs, _ = layer.stateless_call(list(weights), fixed, x, **training)
        return ops.sum(outputs * direction)

    _, slopes = gradients(loss, x, *trainable)
    outputs = layer(x, **training)
    return values([outputs]), slopes, values(layer.non_trainable_variables)


def assert_equal(ours, theirs, x, **training):
    for mine, keras_ in zip(
        forward_and_gradients(ours, x, **training),
        forward_and_gradients(theirs, x, **training),
        strict=True,
    ):
        if mine or keras_:
            close(mine, keras_, rtol=2e-5, atol=2e-4)


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel_size": 4, "strides": 2},
        {"kernel_size": 2, "strides": 2, "use_bias": False},
        {"kernel_size": 3, "strides": 1, "activation": "tanh"},
        {"kernel_size": (6, 4), "strides": 2},
        {"kernel_size": 5, "strides": 3},
    ],
)
def test_conv_transpose_equals_that_of_keras(arguments):
    x = normal(2, 4, 5, 3)
    theirs = keras.layers.Conv2DTranspose(6, padding="same", **arguments)
    assert_equal(*twins(layers.Conv2DTranspose(6, **arguments), theirs, x.shape), x)


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ((2, 8, 6, 3), {"kernel_size": 4, "strides": 2}),
        ((2, 8, 6, 5), {"kernel_size": 4, "strides": 2, "use_bias": False}),
        ((2, 9, 12, 2), {"kernel_size": (5, 3), "strides": 3, "activation": "tanh"}),
        ((2, 7, 5, 1), {"kernel_size": 4, "strides": 2}),
        ((2, 5, 5, 3), {"kernel_size": 3}),
        ((2, 6, 5, 4), {"kernel_size": 3, "groups": 2}),
        ((2, 8, 8, 3), {"kernel_size": 4, "strides": 2, "groups": 3, "activation": "tanh"}),
        ((12, 32, 32, 1), {"kernel_size": 2, "strides": 2}),  # many positions
    ],
)
def test_conv_equals_that_of_keras(shape, arguments):
    x = normal(*shape)
    theirs = keras.layers.Conv2D(6, padding="same", **arguments)
    assert_equal(*twins(layers.Conv2D(6, **arguments), theirs, x.shape), x)


def test_conv_transpose_by_hand():
    layer = layers.Conv2DTranspose(1, 2, 2, use_bias=False)
    layer.build((None, 1, 2, 1))
    layer.set_weights([np.array([[1, 2], [3, 4]], "float32").reshape(2, 2, 1, 1)])
    outputs = values([layer(np.array([10, 100], "float32").reshape(1, 1, 2, 1))])[0]
    np.testing.assert_array_equal(outputs[0, :, :, 0], [[10, 20, 100, 200], [30, 40, 300, 400]])


@pytest.mark.parametrize("kind", ["Conv2D", "Conv2DTranspose"])
def test_conv_second_order(kind):
    # A penalty on a slope, by our layer and by Keras'.
    x, kernel = normal(2, 4, 4, 2), normal(4, 4, *((2, 3) if kind == "Conv2D" else (3, 2)))
    ours, theirs = (
        getattr(module, kind)(3, 4, 2, "same", use_bias=False, activation="tanh")
        for module in (layers, keras.layers)
    )
    for layer in (ours, theirs):
        layer.build(x.shape)
    close(
        [penalty_gradient(ours, x, kernel)],
        [penalty_gradient(theirs, x, kernel)],
        rtol=1e-4,
        atol=1e-3,
    )


def test_grouped_conv_by_hand():
    layer = layers.Conv2D(4, 1, groups=2, use_bias=False)
    layer.build((None, 1, 1, 4))
    layer.set_weights([np.array([[1, 2, 3, 4], [5, 6, 7, 8]], "float32").reshape(1, 1, 2, 4)])
    outputs = values([layer(np.array([1, 10, 100, 1000], "float32").reshape(1, 1, 1, 4))])[0]
    np.testing.assert_array_equal(outputs.reshape(-1), [51, 62, 7300, 8400])


def test_grouped_conv_second_order():
    # As a dense convolution whose kernel is 0 between groups.
    x, kernel = normal(2, 4, 5, 6), normal(3, 3, 2, 6)
    ours = layers.Conv2D(6, 3, groups=3, use_bias=False, activation="tanh")
    theirs = keras.layers.Conv2D(6, 3, padding="same", use_bias=False, activation="tanh")
    for layer in (ours, theirs):
        layer.build(x.shape)
    dense = np.zeros((3, 3, 6, 6), "float32")
    blocks = [(slice(i, i + 2), slice(i, i + 2)) for i in (0, 2, 4)]
    for rows, columns in blocks:
        dense[:, :, rows, columns] = kernel[:, :, :, columns]
    expected = penalty_gradient(theirs, x, dense)
    expected = np.concatenate([expected[:, :, rows, columns] for rows, columns in blocks], -1)
    assert abs(expected).max() > 1.0
    close([penalty_gradient(ours, x, kernel)], [expected], rtol=1e-4, atol=1e-3)


def penalty_gradient(layer, x, kernel):
    """Gradient with respect to the kernel of the squared norm of the gradient by the input."""

    def total(x, kernel):
        return ops.sum(layer.stateless_call([kernel], [], x)[0])

    if keras.backend.backend() == "jax":
        import jax

        def penalty(kernel):
            return ops.sum(jax.grad(total)(x, kernel) ** 2)

        return np.asarray(jax.grad(penalty)(kernel))
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        x, kernel = tf.constant(x), tf.constant(kernel)
        with tf.GradientTape() as outer:
            outer.watch(kernel)
            with tf.GradientTape() as inner:
                inner.watch(x)
                result = total(x, kernel)
            penalty = ops.sum(inner.gradient(result, x) ** 2)
        return outer.gradient(penalty, kernel).numpy()
    import torch

    x, kernel = (torch.tensor(array, requires_grad=True) for array in (x, kernel))
    (slope,) = torch.autograd.grad(total(x, kernel), x, create_graph=True)
    return torch.autograd.grad(ops.sum(slope**2), kernel)[0].numpy()


@pytest.mark.parametrize(
    "arguments",
    [
        {"kernel_size": 3, "strides": 2},
        {"kernel_size": 2, "strides": 4},
        {"kernel_size": 4, "strides": (2, 1)},
        {"kernel_size": 4, "strides": 2, "padding": "valid"},
        {"kernel_size": 4, "strides": 2, "data_format": "channels_first"},
        {"kernel_size": 3, "strides": 1, "dilation_rate": 2},
        {"kernel_size": 4, "strides": 2, "output_padding": 1},
    ],
)
def test_conv_transpose_refuses(arguments):
    with pytest.raises(ValueError, match=r"such as kernel_size=4, strides=2\. Received: kernel_size="):
        layers.Conv2DTranspose(3, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"strides": (2, 1)},
        {"padding": "valid"},
        {"data_format": "channels_first"},
        {"dilation_rate": 2},
    ],
)
def test_conv_refuses(arguments):
    with pytest.raises(ValueError, match=r"no dilation\. Received: strides="):
        layers.Conv2D(3, 3, **arguments)


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (8, 6), (4, 3, 6)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_equals_that_of_keras(shape, training):
    x = normal(*shape) * 3 + 1
    arguments = {"momentum": 0.7, "epsilon": 1e-2}
    ours, theirs = layers.BatchNormalization(**arguments), keras.layers.BatchNormalization(**arguments)
    assert_equal(*twins(ours, theirs, shape), x, training=training)


@pytest.mark.parametrize("arguments", [{"scale": False}, {"center": False}, {"axis": 1}])
def test_batch_norm_goes_the_way_of_keras(arguments):
    x = normal(4, 3, 5, 6)
    ours, theirs = layers.BatchNormalization(**arguments), keras.layers.BatchNormalization(**arguments)
    assert_equal(*twins(ours, theirs, x.shape), x, training=True)


def test_batch_norm_by_hand():
    layer = layers.BatchNormalization(momentum=0.9, epsilon=0.0)
    x = np.array([0, 0, 4, 4], "float32").reshape(2, 2, 1, 1)  # mean 2, variance 4
    layer.build(x.shape)
    layer.set_weights([np.array([value], "float32") for value in (3, 1, 0, 1)])
    outputs = values([layer(x, training=True)])[0]
    np.testing.assert_allclose(outputs.reshape(-1), [-2, -2, 4, 4], atol=1e-5)
    np.testing.assert_allclose(values([layer.moving_mean])[0], [0.2], rtol=1e-6)
    np.testing.assert_allclose(values([layer.moving_variance])[0], [0.9 + 0.4], rtol=1e-6)


def test_batch_norm_that_is_frozen_keeps_its_statistics():
    x = normal(4, 3, 3, 2) + 5
    ours, theirs = twins(layers.BatchNormalization(), keras.layers.BatchNormalization(), x.shape)
    before = values(ours.weights)
    ours.trainable = theirs.trainable = False
    close(values([ours(x, training=True)]), values([theirs(x, training=True)]), rtol=1e-5, atol=1e-5)
    close(values(ours.weights), before, rtol=0, atol=0)


@pytest.mark.parametrize("size", [1.0, 400.0])  # the square of 400 is more than float16 can hold
def test_batch_norm_in_float16(size):
    x = (normal(8, 4, 4, 3) * size).astype("float16")
    ours = layers.BatchNormalization(dtype="mixed_float16")
    theirs = keras.layers.BatchNormalization(dtype="mixed_float16")
    twins(ours, theirs, x.shape)
    outputs, expected = ours(x, training=True), theirs(x, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    close(values([outputs]), values([expected]), rtol=2e-2, atol=2e-2)
    close(values(ours.weights), values(theirs.weights), rtol=2e-3)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.Conv2D(3, (6, 4), 2, use_bias=False, activation="tanh", name="down"),
        lambda: layers.Conv2D(6, 3, groups=3, name="grouped"),
        lambda: layers.Conv2DTranspose(3, (6, 4), 2, use_bias=False, activation="tanh", name="up"),
        lambda: layers.BatchNormalization(momentum=0.8, epsilon=1e-4, name="norm"),
    ],
)
def test_serialization(layer):
    layer = layer()
    config = keras.saving.serialize_keras_object(layer)
    assert config["registered_name"] == f"keras_gan_zoo>{type(layer).__name__}"
    restored = keras.saving.deserialize_keras_object(config)
    assert type(restored) is type(layer)
    assert restored.get_config() == layer.get_config()
