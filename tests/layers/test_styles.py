"""Layers of StyleGAN2: literal values, definitions and second-order gradients."""

import keras
import numpy as np
import pytest
from keras import ops
from layer_tools import normal, survives
from second_order_tools import errors, layer_errors
from tools import values

from keras_gan_zoo import layers
from keras_gan_zoo.layers.blur import blur


def modulated(**arguments):
    layer = layers.ModulatedConv2D(4, 3, **arguments)
    layer.build([(None, 4, 6, 3), (None, 3)])
    return layer


def by_definition(layer, images, styles):
    """Modulated convolution with one kernel per sample, as in the paper."""
    kernel = values([layer.kernel])[0] / np.sqrt(27)
    found = []
    for image, style in zip(images, styles, strict=True):
        own = kernel * style[None, None, :, None]
        if layer.demodulate:
            own = own / np.sqrt((own**2).sum((0, 1, 2)) + 1e-8)
        step = 2 if layer.upsampling else 1
        h, w = (step * (side - 1) + 3 for side in image.shape[:2])
        large = np.zeros((h, w, own.shape[3]))
        for y in range(image.shape[0]):
            for x in range(image.shape[1]):
                # A transposed convolution is a convolution with the flipped kernel.
                kernel_here = own if layer.upsampling else own[::-1, ::-1]
                share = np.einsum("i,hwio->hwo", image[y, x], kernel_here)
                large[step * y : step * y + 3, step * x : step * x + 3] += share
        found.append(large if layer.upsampling else large[1:-1, 1:-1])
    found = np.array(found, "float32")
    return values([blur(found, 1, 1, gain=4.0)])[0] if layer.upsampling else found


@pytest.mark.parametrize(("demodulate", "upsampling"), [(True, True), (True, False), (False, False)])
def test_modulation_is_a_kernel_for_each_image(demodulate, upsampling):
    layer = modulated(demodulate=demodulate, upsampling=upsampling)
    images, styles = normal(2, 4, 6, 3), normal(2, 3) + 1
    found = values([layer([images, styles])])[0]
    assert found.shape == layer.compute_output_shape([images.shape, styles.shape])
    assert found.shape == ((2, 8, 12, 4) if upsampling else (2, 4, 6, 4))
    np.testing.assert_allclose(found, by_definition(layer, images, styles), rtol=1e-4, atol=1e-5)


def test_demodulated_outputs_have_unit_variance_for_any_style():
    layer = layers.ModulatedConv2D(16, 3)
    styles = np.repeat([[0.01], [1.0], [100.0]], 32, axis=1).astype("float32")
    outputs = values([layer([normal(3, 16, 16, 32), styles])])[0][:, 1:-1, 1:-1]
    np.testing.assert_allclose(outputs.std((1, 2, 3)), 1.0, rtol=0.1)


def test_half_precision_does_not_overflow():
    styles = np.full((1, 32), 6e4, "float32")
    images = np.full((1, 4, 4, 32), 10, "float32")
    layer = layers.ModulatedConv2D(4, 3, dtype="mixed_float16")
    found = values([layer([images, styles])])[0]
    layer32 = layers.ModulatedConv2D(4, 3)
    layer32.build([images.shape, styles.shape])
    layer32.set_weights(layer.get_weights())
    np.testing.assert_allclose(found, values([layer32([images, styles])])[0], rtol=0.02, atol=0.1)
    assert found.dtype == np.float16


@pytest.mark.parametrize(("demodulate", "upsampling"), [(True, True), (False, False)])
def test_modulation_second_order(demodulate, upsampling, float64):
    arguments = {"demodulate": demodulate, "upsampling": upsampling, "dtype": "float64"}
    layer = modulated(**arguments)
    direction = normal(*layer.compute_output_shape([(2, 4, 6, 3), (2, 3)]))
    images, kernel, bias = normal(2, 4, 6, 3), normal(3, 3, 3, 4), normal(4)

    def total(styles, images, kernel, bias):
        outputs, _ = layer.stateless_call([kernel, bias], [], [images, styles])
        return ops.sum(ops.square(outputs) * ops.convert_to_tensor(direction, "float64"))

    assert max(errors(total, normal(2, 3) + 1, images, kernel, bias)) < 1e-5


@pytest.mark.parametrize("shapes", [[(None, 4, 4, 3), (None, 4)], (None, 4, 4, 3), [(None, 3)] * 2])
def test_inputs_must_be_a_pair(shapes):
    with pytest.raises(ValueError, match=r"must be \[images, styles\].*Received"):
        layers.ModulatedConv2D(4, 3).build(shapes)


@pytest.mark.parametrize("arguments", [{"kernel_size": 2}, {"kernel_size": 5, "upsampling": True}])
def test_kernel_sizes_are_checked(arguments):
    with pytest.raises(ValueError, match=r"`kernel_size` must be odd, and 3 with `upsampling`"):
        layers.ModulatedConv2D(4, **arguments)


def test_a_layer_with_two_inputs_is_saved(tmp_path):
    images, styles = keras.Input((4, 4, 3)), keras.Input((3,))
    model = keras.Model(
        [images, styles], layers.ModulatedConv2D(2, 3, upsampling=True)([images, styles])
    )
    model.save(tmp_path / "model.keras")
    x = [normal(2, 4, 4, 3), normal(2, 3)]
    again = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(*values([again(x), model(x)]))


def test_scaled_leaky_relu():
    x = np.array([[-1.0, 2.0]], "float32")
    found = values([layers.ScaledLeakyReLU()(x), layers.ScaledLeakyReLU(gain=3.0, slope=0.1)(x)])
    np.testing.assert_allclose(found[0], [[-0.2 * 2**0.5, 2 * 2**0.5]], rtol=1e-6)
    np.testing.assert_allclose(found[1], [[-0.3, 6.0]], rtol=1e-6)
    half = layers.ScaledLeakyReLU(dtype="float16")(x * 1000)
    np.testing.assert_array_equal(values([half])[0], [[-256, 256]])


def test_constant_input():
    layer = layers.ConstantInput((2, 3, 4))
    found = values([layer(np.zeros((5, 7), "float32"))])[0]
    assert found.shape == (5, 2, 3, 4)
    np.testing.assert_array_equal(found[4], values([layer.constant])[0])


def test_mean_tracker():
    layer = layers.MeanTracker(momentum=0.75)
    x = np.array([[1.0, 2.0], [3.0, 6.0]], "float32")
    np.testing.assert_array_equal(values([layer(x, training=True)])[0], x)
    np.testing.assert_allclose(values([layer.mean])[0], [0.5, 1.0])
    layer(x)
    np.testing.assert_allclose(values([layer.mean])[0], [0.5, 1.0])


def test_noise_is_random_in_training_and_constant_at_inference():
    layer = layers.NoiseInjection(seed=3)
    x = np.zeros((2, 4, 5, 3), "float32")
    layer.build(x.shape)
    layer.strength.assign(2.0)
    first, second, fixed, again = values(
        [layer(x, training=True), layer(x, training=True), layer(x), layer(x)]
    )
    assert (first == first[..., :1]).all()  # equal for all channels
    assert not np.array_equal(first[0], first[1]) and not np.array_equal(first, second)
    np.testing.assert_array_equal(fixed, again)
    drawn = np.random.default_rng(3).standard_normal((4, 5, 1))
    np.testing.assert_allclose(fixed[1], np.repeat(2 * drawn, 3, -1), rtol=1e-6)
    assert first.std() == pytest.approx(2.0, rel=0.5)


@pytest.mark.parametrize(
    "layer",
    [
        layers.NoiseInjection,
        layers.ScaledLeakyReLU,
        lambda: layers.ConstantInput((2, 2, 1)),
        layers.MeanTracker,
    ],
)
def test_files(layer, tmp_path):
    survives(layer(), normal(2, 4, 4, 3), tmp_path / "model.keras")


def test_noise_second_order(float64):
    layer = layers.NoiseInjection(dtype="float64")

    class Squared(keras.layers.Layer):
        def build(self, shape):
            layer.build(shape)

        def call(self, inputs):
            return layer(inputs) ** 2

        def compute_output_shape(self, shape):
            return shape

    assert layer_errors(Squared(dtype="float64"), normal(2, 3, 3, 2).astype("float64")) < 1e-6
