import keras
import numpy as np
import pytest
from layer_tools import normal, survives
from second_order_tools import layer_errors
from tools import close, values

from keras_gan_zoo import layers


def as_in_the_paper(x, group_size):
    """The authors' code, for batch sizes that `group_size` divides."""
    groups = x.reshape(group_size, -1, *x.shape[1:])
    deviation = np.sqrt(np.mean((groups - groups.mean(0)) ** 2, 0) + 1e-8)
    deviation = deviation.mean(tuple(range(1, x.ndim)), keepdims=True)
    channel = np.broadcast_to(np.tile(deviation, (group_size, *[1] * (x.ndim - 1))), (*x.shape[:-1], 1))
    return np.concatenate([x, channel], -1)


@pytest.mark.parametrize(
    ("shape", "group_size"), [((8, 3, 2, 5), 4), ((6, 4), 3), ((4, 2, 3), 4), ((4, 3, 3, 1), 2)]
)
def test_std_dev_is_that_of_the_paper(shape, group_size):
    x = normal(*shape)
    outputs = layers.MinibatchStdDev(group_size)(x)
    close(values([outputs]), [as_in_the_paper(x, group_size)], rtol=1e-5, atol=1e-6)


def test_std_dev_of_few_samples():
    x = normal(3, 2, 2, 5)
    close(values([layers.MinibatchStdDev(4)(x)]), [as_in_the_paper(x, 3)], rtol=1e-5, atol=1e-6)
    (alone,) = values([layers.MinibatchStdDev(4)(x[:1])])
    np.testing.assert_allclose(alone[..., -1], 1e-4, rtol=1e-3)


def test_std_dev_of_a_batch_that_the_group_size_does_not_divide():
    x = normal(7, 5)  # three groups: samples 0, 3, 6; 1, 4; 2, 5
    (outputs,) = values([layers.MinibatchStdDev(2)(x)])
    for group in ([0, 3, 6], [1, 4], [2, 5]):
        expected = np.sqrt(np.var(x[group], 0) + 1e-8).mean()
        np.testing.assert_allclose(outputs[group, -1], expected, rtol=1e-5)


@pytest.mark.parametrize("layer", ["MinibatchStdDev", "MinibatchDiscrimination"])
def test_batches_of_any_size(layer):
    layer, x = getattr(layers, layer)(2), normal(7, 4)
    model = keras.Sequential([keras.Input((4,)), layer])
    for n in (7, 4, 1):
        close([model.predict_on_batch(x[:n])], values([layer(x[:n])]), rtol=1e-5, atol=1e-5)
    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), layer])
    network.compile("sgd", "mse")
    network.fit(x, np.zeros(network.compute_output_shape(x.shape)), batch_size=4, verbose=0)


@pytest.mark.parametrize("group_size", [0, 1, 2.5, True, "4"])
def test_std_dev_refuses_group_sizes(group_size):
    with pytest.raises(ValueError, match=r"`group_size` must be .* Received: .* Pass for example"):
        layers.MinibatchStdDev(group_size)


def test_std_dev_refuses_inputs():
    with pytest.raises(ValueError, match=r"\(batch, ..., channels\).* Received: shape \(None,\)"):
        layers.MinibatchStdDev().build((None,))


def test_discrimination_by_hand():
    layer = layers.MinibatchDiscrimination(2, 3)
    x = normal(4, 5)
    (outputs,) = values([layer(x)])
    vectors = (x @ values([layer.T])[0]).reshape(4, 2, 3)
    for i in range(4):
        near = [np.exp(-abs(vectors[i] - vectors[j]).sum(-1)) for j in range(4) if j != i]
        np.testing.assert_allclose(outputs[i], [*x[i], *sum(near)], rtol=1e-4, atol=1e-5)


def test_discrimination_of_a_collapsed_batch():
    (outputs,) = values([layers.MinibatchDiscrimination(3)(np.tile(normal(1, 5), (6, 1)))])
    np.testing.assert_allclose(outputs[:, 5:], 5.0, rtol=1e-5)


@pytest.mark.parametrize("argument", ["kernels", "dimensions"])
def test_discrimination_refuses_arguments(argument):
    with pytest.raises(ValueError, match=rf"`{argument}` must be .* Received: {argument}=0\. Pass "):
        layers.MinibatchDiscrimination(**{argument: 0})


def test_discrimination_refuses_images():
    with pytest.raises(ValueError, match=r"\(batch, features\)\. Received: shape .* Add `keras.layers"):
        layers.MinibatchDiscrimination().build((None, 4, 4, 3))


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (lambda: layers.MinibatchStdDev(2, dtype="float64"), (5, 2, 2, 3)),
        (lambda: layers.MinibatchDiscrimination(3, 2, dtype="float64"), (4, 3)),
    ],
)
def test_second_order(layer, shape, float64):
    assert layer_errors(layer(), normal(*shape).astype("float64")) < 1e-5


@pytest.mark.parametrize("layer", [layers.MinibatchStdDev, layers.MinibatchDiscrimination])
def test_float16(layer):
    outputs = layer(dtype="mixed_float16")(normal(4, 5) * 400)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    assert np.isfinite(values([outputs])[0]).all()


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.MinibatchStdDev(3),
        lambda: layers.MinibatchDiscrimination(3, 2, kernel_initializer="he_normal"),
    ],
)
def test_survives_saving(layer, tmp_path):
    survives(layer(), normal(6, 5), tmp_path / "model.keras")
