"""Models with tiny fixed networks, and the totals that their networks minimize in a training step."""

import math
from unittest import mock

import keras
import numpy as np
import pytest
from keras import layers
from tools import FEWER_UPDATES, SHAPE, TINY, fit, frozen

import keras_gan_zoo as kgz
from keras_gan_zoo import backend

# Images are 0 but for the first two pixels. Logits are their product with a vector of norm 2.
KERNEL = np.array([1.2, 1.6])
REAL_PIXELS, FAKE_PIXELS = np.array([[0.75, 0.5], [-0.5, 0.25]]), np.array([0.25, 0.125])
REAL, FAKE = np.array([1.7, -0.2]), 0.5  # logits of the two real images and of all generated ones


def close(value):
    return pytest.approx(value, rel=2e-5)


def log_sigmoid(x):
    return -np.logaddexp(0.0, -np.asarray(x))


def real_images():
    return np.stack([image(pixels) for pixels in REAL_PIXELS])


def image(pixels, shape=SHAPE):
    picture = np.zeros(shape, "float32")
    picture[0, :2, 0] = pixels
    return picture


def with_weights(model, *weights):
    model.set_weights([np.asarray(weight, "float32") for weight in weights])
    return model


def fake_image(x, shape=SHAPE):
    """Symbolic images (n, *shape) with the pixels `FAKE_PIXELS` for any vectors x (n, size)."""
    bias = keras.initializers.Constant(image(FAKE_PIXELS, shape).ravel().tolist())
    dense = layers.Dense(math.prod(shape), kernel_initializer="zeros", bias_initializer=bias)
    return layers.Reshape(shape)(dense(x))


def fixed_generator(latent_dim=4):
    latents = keras.Input((latent_dim,))
    return keras.Model(latents, fake_image(latents))


def scorer(shape=SHAPE):
    """Network from images to two features, pixels times `KERNEL`, to the logit, their sum."""
    network = keras.Sequential(
        [
            keras.Input(shape),
            layers.Flatten(),
            layers.Dense(2, use_bias=False),
            layers.Dense(1, use_bias=False),
        ]
    )
    pixels = np.zeros((math.prod(shape), 2))
    pixels[[0, shape[2]], [0, 1]] = KERNEL
    return with_weights(network, pixels, [[1], [1]])


def pointwise(*kernel, name=None):
    """Network that multiplies the channels of each pixel by `kernel` and adds them."""
    network = keras.Sequential(
        [keras.Input((None, None, len(kernel))), layers.Conv2D(1, 1, use_bias=False)], name=name
    )
    return with_weights(network, np.reshape(kernel, (1, 1, -1, 1)))


class WithTotals:
    """Mixin of a model that also logs `d_total` and `g_total`."""

    @property
    def extra_logs(self):
        return (*super().extra_logs, "d_total", "g_total")


def model(name, arguments=None, **methods):
    """A tiny model of the registry in which the values of `methods` replace its methods."""
    kind = getattr(kgz, name)
    stub = type(f"Fixed{name}", (WithTotals, kind), methods)
    return stub(**TINY[name] | FEWER_UPDATES.get(name, {}) | {"seed": 0} | (arguments or {}))


def noise_model(name, arguments=None, **methods):
    """As `model`, with networks from latents to `FAKE_PIXELS` and from images to logits."""
    fixed = {
        "make_generator": lambda self: fixed_generator(),
        "make_discriminator": lambda self: scorer(),
        "build_discriminator": lambda self: self.make_discriminator(),
    }
    return model(name, arguments, **fixed | methods)


def totals(model, x=None, y=None, **arguments):
    """Scalars that the discriminator and the generator minimize in a first step.

    Args:
        model: made by `model` or `noise_model`.
        x, y: two images and, where the model needs them, labels or images of the other domain.
        **arguments: of `compile`.
    """
    vjp = backend.vjp

    def recording_vjp(objective, groups):
        losses, pullbacks = vjp(objective, groups)
        model.log("d_total" if len(groups) == 2 else "g_total", losses[0])
        return losses, pullbacks

    frozen(model, **arguments)
    with mock.patch.object(backend, "vjp", recording_vjp):
        x = real_images() if x is None else x
        logs = fit(model, x, y=y, batch_size=2)
    assert model.steps == 1
    return logs["d_total"][0], logs["g_total"][0]
