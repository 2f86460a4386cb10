"""A small feature network, and the losses of style transfer in numpy."""

import keras
import numpy as np
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view

RNG = np.random.default_rng(0)
KERNELS = [RNG.normal(0, 0.4, (3, 3, 3, 4)), RNG.normal(0, 0.3, (3, 3, 4, 5))]
LAYERS = {"content_layers": ["deep"], "style_layers": {"shallow": 1.0, "deep": 3.0}}


def network(channels=3, size=(None, None)):
    """Two convolutions with 2x2 average pooling between them, and a layer without spatial outputs."""
    inputs = keras.Input((*size, channels))
    x = layers.Conv2D(4, 3, padding="same", activation="tanh", use_bias=False, name="shallow")(inputs)
    x = layers.AveragePooling2D(2, name="halved")(x)
    x = layers.Conv2D(5, 3, padding="same", activation="tanh", use_bias=False, name="deep")(x)
    model = keras.Model(inputs, layers.GlobalAveragePooling2D(name="flat")(x), name="small")
    model.set_weights([KERNELS[0][:, :, :channels], KERNELS[1]])
    return model


def picture(height=8, width=8, channels=3, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (height, width, channels)).astype("float32")


def features(image):
    """Features of one image by layer name, in float64."""
    shallow = np.tanh(_convolved(image.astype("float64"), KERNELS[0]))
    height, width, channels = shallow.shape
    halved = shallow.reshape(height // 2, 2, width // 2, 2, channels).mean((1, 3))
    return {"shallow": shallow, "deep": np.tanh(_convolved(halved, KERNELS[1]))}


def _convolved(x, kernel):
    windows = sliding_window_view(np.pad(x, ((1, 1), (1, 1), (0, 0))), (3, 3), (0, 1))
    return np.einsum("hwcij,ijcd->hwd", windows, kernel)


def _gram(x):
    return np.einsum("hwc,hwd->cd", x, x) / (x.shape[0] * x.shape[1])


def losses(image, content, styles, style_weights):
    """Content, style and variation losses of one image."""
    actual, target = features(image), features(content)["deep"]
    content_loss = ((actual["deep"] - target) ** 2).mean() / (target**2).mean()
    style_loss = 0.0
    for style, weight in zip(styles, style_weights, strict=True):
        for name, share in (("shallow", 0.25), ("deep", 0.75)):
            gram = _gram(features(style)[name])
            difference = ((_gram(actual[name]) - gram) ** 2).mean() / (gram**2).mean()
            style_loss += share * weight * difference
    variation = sum((np.diff(image, axis=axis) ** 2).mean() for axis in (0, 1))
    return np.array([content_loss, style_loss, variation])
