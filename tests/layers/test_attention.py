import keras
import numpy as np
import pytest
from layer_tools import normal, survives
from second_order_tools import layer_errors
from tools import close, values

from keras_gan_zoo import layers


def built(shape, gamma, **arguments):
    layer = layers.SelfAttention(**arguments)
    layer.build(shape)
    layer.gamma.assign(gamma)
    return layer


def test_starts_as_the_identity():
    x = normal(2, 4, 4, 8)
    close(values([layers.SelfAttention()(x)]), [x], rtol=0, atol=0)


@pytest.mark.parametrize("spectral", [False, True])
def test_by_hand(spectral):
    n, h, w, _ = shape = (2, 4, 5, 16)
    layer, x = built(shape, 0.7, spectral=spectral), normal(*shape)
    kernels = {
        name: values([part.normalized_kernel() if spectral else part.kernel])[0][0, 0]
        for name, part in layer.convolutions.items()
    }
    assert {name: kernel.shape for name, kernel in kernels.items()} == {
        "query": (16, 2),
        "key": (16, 2),
        "value": (16, 8),
        "output": (8, 16),
    }
    pooled = {}
    for name in ("key", "value"):
        blocks = (x @ kernels[name])[:, :, :4].reshape(n, 2, 2, 2, 2, -1)
        pooled[name] = blocks.max((2, 4)).reshape(n, 4, -1)
    logits = (x @ kernels["query"]).reshape(n, h * w, -1) @ pooled["key"].swapaxes(1, 2)
    weights = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    expected = x + 0.7 * (weights @ pooled["value"] @ kernels["output"]).reshape(shape)
    close(values([layer(x)]), [expected], rtol=1e-4, atol=1e-4)


def test_few_channels():
    x = normal(2, 4, 4, 1)
    assert values([built(x.shape, 1.0)(x)])[0].shape == x.shape


def test_images_of_any_size():
    layer, x = built((None, None, None, 8), 1.0), normal(2, 6, 4, 8)
    model = keras.Sequential([keras.Input((None, None, 8)), layer])
    close([model.predict(x, verbose=0)], values([layer(x)]), rtol=1e-5, atol=1e-5)


def test_spectral_steps_in_training_only():
    x = normal(2, 4, 4, 8)
    layer = built(x.shape, 1.0, spectral=True)
    assert len(layer.non_trainable_weights) == 4
    before = values(layer.non_trainable_weights)
    layer(x)
    close(values(layer.non_trainable_weights), before, rtol=0, atol=0)
    layer(x, training=True)
    moved = values(layer.non_trainable_weights)
    assert not any(np.array_equal(old, new) for old, new in zip(before, moved, strict=True))


@pytest.mark.parametrize("shape", [(None, 8), (None, 4, 8), (None, 1, 4, 8)])
def test_refuses(shape):
    with pytest.raises(ValueError, match=r"sides of 2 or more.* Received: shape .* Apply the layer"):
        layers.SelfAttention().build(shape)


@pytest.mark.parametrize("spectral", [False, True])
def test_second_order(spectral, float64):
    layer = layers.SelfAttention(spectral, dtype="float64")
    x = normal(2, 4, 4, 3).astype("float64")
    assert layer_errors(layer, x, training=False) < 1e-5


def test_float16():
    layer = layers.SelfAttention(spectral=True, dtype="mixed_float16")
    outputs = layer(normal(2, 4, 4, 8), training=True)
    assert keras.backend.standardize_dtype(outputs.dtype) == "float16"
    assert {weight.dtype for weight in layer.weights} == {"float32"}


@pytest.mark.parametrize("spectral", [False, True])
def test_survives_saving(spectral, tmp_path):
    x = normal(2, 4, 4, 8)
    survives(built(x.shape, 0.7, spectral=spectral), x, tmp_path / "model.keras")
