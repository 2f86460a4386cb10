import keras
import numpy as np
import pytest
from layer_tools import assert_equal, normal, survives, twins
from second_order_tools import layer_errors, penalty, task
from tools import close, values

from keras_gan_zoo import layers


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (8, 6), (4, 3, 6)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm_equals_that_of_keras(shape, training):
    x = normal(*shape) * 3 + 1
    arguments = {"momentum": 0.7, "epsilon": 1e-2}
    ours, theirs = layers.BatchNormalization(**arguments), keras.layers.BatchNormalization(**arguments)
    assert_equal(*twins(ours, theirs, shape), x, training=training)


@pytest.mark.parametrize("arguments", [{"scale": False}, {"center": False}, {"axis": 1}])
def test_batch_norm_configurations_equal_keras(arguments):
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


def test_frozen_batch_norm_does_not_update_statistics():
    x = normal(4, 3, 3, 2) + 5
    ours, theirs = twins(layers.BatchNormalization(), keras.layers.BatchNormalization(), x.shape)
    before = values(ours.weights)
    ours.trainable = theirs.trainable = False
    close(values([ours(x, training=True)]), values([theirs(x, training=True)]), rtol=1e-5, atol=1e-5)
    close(values(ours.weights), before, rtol=0, atol=0)


@pytest.mark.parametrize("size", [1.0, 400.0])  # the square of 400 overflows float16
def test_batch_norm_in_float16(size):
    x = (normal(8, 4, 4, 3) * size).astype("float16")
    ours = layers.BatchNormalization(dtype="mixed_float16")
    theirs = keras.layers.BatchNormalization(dtype="mixed_float16")
    twins(ours, theirs, x.shape)
    outputs, expected = ours(x, training=True), theirs(x, training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    close(values([outputs]), values([expected]), rtol=2e-2, atol=2e-2)
    close(values(ours.weights), values(theirs.weights), rtol=2e-3)


@pytest.mark.parametrize("argument", ["renorm", "synchronized"])
def test_batch_norm_refuses(argument):
    if argument == "synchronized" and keras.backend.backend() != "tensorflow":
        pytest.skip("Keras itself refuses it")
    with pytest.raises(ValueError, match=rf"must be False.* Received: .*{argument}=True.* Use `keras"):
        layers.BatchNormalization(**{argument: True})


def test_batch_norm_with_a_mask_equals_that_of_keras():
    x, mask = normal(4, 3, 6), np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 1, 1]], bool)
    ours, theirs = twins(layers.BatchNormalization(), keras.layers.BatchNormalization(), x.shape)
    outputs, expected = (layer(x, training=True, mask=mask) for layer in (ours, theirs))
    close(values([outputs]), values([expected]), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("kind", "shape", "arguments"),
    [
        ("LayerNormalization", (4, 6), {}),
        ("LayerNormalization", (4, 3, 5, 6), {"epsilon": 0.1}),
        ("LayerNormalization", (4, 3, 5, 6), {"axis": [1, 2, 3]}),
        ("LayerNormalization", (4, 6), {"scale": False}),
        ("GroupNormalization", (4, 12), {"groups": 3}),
        ("GroupNormalization", (4, 3, 5, 6), {"groups": 2, "epsilon": 0.1}),
        ("GroupNormalization", (4, 6, 5, 3), {"groups": 3, "axis": 1}),
        ("GroupNormalization", (4, 5, 6), {"groups": 6, "center": False}),
    ],
)
def test_norm_equals_that_of_keras(kind, shape, arguments):
    ours, theirs = (getattr(module, kind)(**arguments) for module in (layers, keras.layers))
    assert_equal(*twins(ours, theirs, shape), normal(*shape) * 3 + 1)


def test_instance_norm_is_group_norm_of_single_channels():
    x = normal(4, 3, 5, 6) * 3 + 1
    theirs = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)
    assert_equal(*twins(layers.InstanceNormalization(), theirs, x.shape), x)


def test_instance_norm_by_hand():
    outputs = layers.InstanceNormalization(epsilon=0.0)(np.array([0, 0, 4, 4.0]).reshape(1, 2, 2, 1))
    np.testing.assert_allclose(values([outputs])[0].reshape(-1), [-1, -1, 1, 1], rtol=1e-5)


def test_instance_norm_refuses_vectors():
    with pytest.raises(
        ValueError, match=r"at least one axis of positions.* Received: shape \(None, 6\)\. Use "
    ):
        layers.InstanceNormalization().build((None, 6))


def test_layer_norm_refuses_rms_scaling():
    with pytest.raises(ValueError, match=r"`rms_scaling` must be False.* Received: .* Use `keras"):
        layers.LayerNormalization(rms_scaling=True)


@pytest.mark.parametrize("kind", ["Layer", "Group", "Instance"])
def test_norm_takes_images_of_any_size(kind):
    arguments = {"groups": 2} if kind == "Group" else {}
    layer = getattr(layers, f"{kind}Normalization")(**arguments)
    model = keras.Sequential([keras.Input((None, None, 4)), layer])
    x = normal(3, 5, 2, 4)
    close([model.predict(x, verbose=0)], values([layer(x)]), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "layer",
    [
        lambda **dtype: layers.LayerNormalization([1, 2, 3], **dtype),
        lambda **dtype: layers.GroupNormalization(2, **dtype),
        lambda **dtype: layers.InstanceNormalization(**dtype),
    ],
)
def test_norm_in_float16(layer):
    # The squares overflow float16.
    x = (normal(2, 4, 4, 4) * 400).astype("float16")
    outputs = layer(dtype="mixed_float16")(x)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    close(values([outputs]), values([layer()(x.astype("float32"))]), rtol=5e-3, atol=5e-3)


NORMS = {
    "batch": (layers.BatchNormalization, keras.layers.BatchNormalization, {}),
    "layer": (layers.LayerNormalization, keras.layers.LayerNormalization, {}),
    "group": (layers.GroupNormalization, keras.layers.GroupNormalization, {"groups": 2}),
}


def arguments_of_call(kind, training):
    return {"training": training} if kind == "batch" else {}


@pytest.mark.parametrize("shape", [(6, 4), (3, 4, 3, 4)])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", NORMS)
def test_norm_second_order(kind, training, shape, float64):
    ours, _, arguments = NORMS[kind]
    x = normal(*shape).astype("float64") * 2 + 1
    layer = ours(**arguments, dtype="float64")
    assert layer_errors(layer, x, **arguments_of_call(kind, training)) < 1e-5


def test_instance_norm_second_order(float64):
    x = normal(3, 4, 3, 4).astype("float64") * 2 + 1
    assert layer_errors(layers.InstanceNormalization(dtype="float64"), x) < 1e-5


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="only there Keras' are wrong")
@pytest.mark.parametrize("kind", NORMS)
def test_norm_of_keras_has_another_second_order(kind, float64):
    _, theirs, arguments = NORMS[kind]
    x = normal(6, 4).astype("float64") * 2 + 1
    layer = theirs(**arguments, dtype="float64")
    assert layer_errors(layer, x, **arguments_of_call(kind, True)) > 1e-3


def test_fused_batch_norm_second_order(float64):
    x = normal(3, 4, 3, 4) * 2 + 1
    results = []
    for dtype in ("float32", "float64"):
        layer = layers.BatchNormalization(dtype=dtype)
        total, *arrays = task(layer, x.astype(dtype), training=True)
        results.append(penalty(total)(*arrays)[1])
    fused, composed = results
    for one, other in zip(fused, composed, strict=True):
        assert one.dtype == "float32"
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-4 * abs(other).max())


@pytest.mark.parametrize(
    "layer",
    [
        lambda: layers.BatchNormalization(momentum=0.8, epsilon=1e-4, name="norm"),
        lambda: layers.LayerNormalization(epsilon=1e-4),
        lambda: layers.GroupNormalization(2, scale=False),
        lambda: layers.InstanceNormalization(center=False),
    ],
)
def test_norm_survives_saving(layer, tmp_path):
    survives(layer(), normal(4, 3, 3, 4), tmp_path / "model.keras")
