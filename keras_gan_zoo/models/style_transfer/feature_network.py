"""Networks whose features say what is in a picture, and how it is painted."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from keras.applications import imagenet_utils

from keras_gan_zoo.layers import Conv2D
from keras_gan_zoo.metrics.extractors import get_extractor
from keras_gan_zoo.utils import checks

# How a network takes images of [-1, 1]: as they are, or as `keras.applications` prepares 0..255.
PREPROCESSING = ("tf", "caffe", "torch", "bytes")

# Layers of contents and of styles, and the preprocessing. VGG19's are those of Gatys et al. 2016.
NETWORKS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "vgg19": (("block4_conv2",), tuple(f"block{i}_conv1" for i in range(1, 6)), "caffe"),
    "rgb64": (("conv5",), tuple(f"conv{i}" for i in range(1, 6)), "tf"),
}


class Perception(keras.layers.Layer):
    """A frozen network from images in [-1, 1] to the features of some of its layers.

    Args:
        network: `"vgg19"` (`keras.applications`, which fetches its weights on first use), `"rgb64"`
            (ships with the package), or a Keras network, functional or `Sequential`, from images (n,
            height, width, channels) on. It is copied; its own weights stay as they are.
        content_layers: names of the layers that say what is in a picture, or a dict of name to weight.
            None: those of the named network.
        style_layers: the same for how it is painted.
        preprocess: what the network takes: `"tf"`: images in [-1, 1]; `"caffe"` or `"torch"`: as
            `keras.applications` prepares them for networks of ImageNet; `"bytes"`: 0..255. Another way
            goes into the network, as a first layer such as `keras.layers.Rescaling`. None: that of the
            named network, `"tf"` for others.

    Calling it with images gives a dict of layer name to features (n, h, w, channels).

    Raises:
        ValueError: an unknown network, layers that it has not, or an argument that breaks its rule.
        ConnectionError: the weights of VGG19 are not on this machine and cannot be fetched.
    """

    def __init__(self, network, content_layers=None, style_layers=None, preprocess=None, **kwargs):
        super().__init__(**kwargs)
        content, style, mode = None, None, "tf"
        if isinstance(network, str):
            content, style, mode = NETWORKS[checks.one_of("network", network, NETWORKS)]
        self.content_layers = _weights("content_layers", content_layers, content)
        self.style_layers = _weights("style_layers", style_layers, style)
        self.preprocess = checks.one_of("preprocess", preprocess or mode, PREPROCESSING)
        self.network = _cut(_get(network), {**self.content_layers, **self.style_layers})
        self.network.trainable = False
        self.channels = self.network.input_shape[-1]
        if self.preprocess in ("caffe", "torch") and self.channels != 3:
            raise ValueError(
                f"Argument `preprocess` must be 'tf' or 'bytes' for a network of {self.channels} "
                f"channels. Received: preprocess={preprocess!r}."
            )
        self.built = True

    def call(self, images):
        if self.preprocess != "tf":
            images = (images + 1.0) * 127.5
        if self.preprocess in ("caffe", "torch"):
            images = imagenet_utils.preprocess_input(images, "channels_last", self.preprocess)
        return self.network(images, training=False)

    def look(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Features of images (n, height, width, channels), as numpy arrays."""
        found = self(ops.convert_to_tensor(images, self.compute_dtype))
        return {name: ops.convert_to_numpy(features) for name, features in found.items()}

    def shapes(self, image_shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Shapes of the features of images (n, height, width, channels).

        Raises:
            ValueError: the network takes no such images.
        """
        for wanted, side in zip(self.network.input_shape[1:3], image_shape[1:3], strict=True):
            if wanted not in (None, side):
                raise ValueError(
                    f"The network takes pictures of {self.network.input_shape[1:3]} only. Received: "
                    f"{tuple(image_shape[1:3])}. Make it with an input of (None, None, "
                    f"{self.channels}), or resize the pictures."
                )
        found = self.network.compute_output_shape(image_shape)
        if any(side < 1 for shape in found.values() for side in shape):
            raise ValueError(
                f"The picture is too small for the network: {tuple(image_shape[1:3])} pixels leave no "
                "features. Enlarge it, or leave out the deepest layers."
            )
        return found

    def get_config(self):
        return {
            "network": keras.saving.serialize_keras_object(self.network),
            "content_layers": dict(self.content_layers),
            "style_layers": dict(self.style_layers),
            "preprocess": self.preprocess,
        }


def _weights(argument: str, given: Any, default: tuple[str, ...] | None) -> dict[str, float]:
    """Layers as a dict of name to weight; the weights sum to 1."""
    chosen = default if given is None else given
    if isinstance(chosen, str):
        chosen = (chosen,)
    if not isinstance(chosen, Mapping | list | tuple) or not chosen:
        raise ValueError(
            f"Argument `{argument}` must name layers of the network, in a list or in a dict of name to "
            f"weight. Received: {argument}={given!r}. Only {' and '.join(map(repr, NETWORKS))} have "
            "layers that None stands for."
        )
    weights = dict(chosen) if isinstance(chosen, Mapping) else dict.fromkeys(chosen, 1.0)
    total = sum(checks.non_negative(f"{argument}[{name!r}]", w) for name, w in weights.items())
    if total == 0.0:
        raise ValueError(
            f"Argument `{argument}` must have a weight above 0. Received: {argument}={given!r}."
        )
    return {name: weight / total for name, weight in weights.items()}


def _get(network) -> keras.Model:
    if isinstance(network, str):
        return _vgg19() if network == "vgg19" else _rgb64()
    inputs = getattr(network, "inputs", None) if isinstance(network, keras.Model) else None
    if not inputs or len(inputs) != 1 or len(inputs[0].shape) != 4:
        raise ValueError(
            f"Argument `network` must be one of {', '.join(map(repr, NETWORKS))} or a Keras network, "
            "functional or `Sequential`, with one input of images (n, height, width, channels). "
            f"Received: {network!r}."
        )
    if inputs[0].shape[-1] not in (1, 3):
        raise ValueError(
            "Argument `network` must take images of 1 or 3 channels. Received: a network with inputs "
            f"{tuple(inputs[0].shape)}."
        )
    return network


def _vgg19():
    try:
        return keras.applications.VGG19(include_top=False)
    except Exception as error:  # what a failed download raises depends on where it failed
        raise ConnectionError(
            "The weights of VGG19 are not on this machine and could not be fetched "
            f"({str(error).splitlines()[0]}). Connect to a network once, or take the one that ships "
            "with the package: network='rgb64' (`--network rgb64`), or any Keras network."
        ) from error


def _rgb64():
    """The shipped classifier's convolutions, with their batch normalization worked in.

    Strided convolutions become dense ones, followed by the mean of 2x2: what has strides sees some
    pixels more often than others, and the pictures that are made for it show the grid.
    """
    shipped = get_extractor("rgb64").network.layers
    kernels = [layer for layer in shipped if isinstance(layer, layers.Conv2D)]
    norms = [layer for layer in shipped if isinstance(layer, layers.BatchNormalization)]
    inputs = x = keras.Input((None, None, 3))
    for index, (old, norm) in enumerate(zip(kernels, norms, strict=True), 1):
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        new = Conv2D(old.filters, old.kernel_size, activation="relu", name=f"conv{index}")
        x = new(x)
        new.set_weights([old.get_weights()[0] * scale, beta - mean * scale])
        if old.strides == (2, 2):
            x = layers.AveragePooling2D(2, name=f"pool{index}")(x)
    return keras.Model(inputs, x, name="rgb64")


def _cut(network: keras.Model, names) -> keras.Model:
    """A copy of the network that ends in the features of these layers, in a dict."""
    known = {layer.name: layer for layer in network.layers if not isinstance(layer, layers.InputLayer)}
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(
            f"The network {network.name!r} has no layer {', '.join(map(repr, missing))}. It has: "
            f"{', '.join(known)}."
        )
    outputs = {name: known[name].output for name in names}
    flat = [name for name, output in outputs.items() if len(output.shape) != 4]
    if flat:
        raise ValueError(
            "Features must be maps (n, height, width, channels). Received: the layer "
            f"{flat[0]!r}, which gives {tuple(outputs[flat[0]].shape)}. Name a convolutional layer."
        )
    part = keras.Model(network.inputs[0], outputs)
    copy = keras.models.clone_model(part)
    copy.set_weights(part.get_weights())
    return copy
