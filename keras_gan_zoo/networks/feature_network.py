"""Networks whose layer activations losses and distances compare."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from keras.applications import imagenet_utils

from keras_gan_zoo.layers import Conv2D
from keras_gan_zoo.metrics.extractors import get_extractor
from keras_gan_zoo.utils import checks

# Input formats of a network: [-1, 1], the two formats of `keras.applications`, or 0..255.
PREPROCESSING = ("tf", "caffe", "torch", "bytes")

# Content layers, style layers and preprocessing. Those of VGG19 are from Gatys et al. 2016.
NETWORKS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    "vgg19": (("block4_conv2",), tuple(f"block{i}_conv1" for i in range(1, 6)), "caffe"),
    "rgb64": (("conv5",), tuple(f"conv{i}" for i in range(1, 6)), "tf"),
}


# Networks of `keras.applications` by the start of their name. All others take [-1, 1].
_APPLICATIONS = {
    "caffe": ("vgg16", "vgg19", "resnet50", "resnet101", "resnet152"),
    "torch": ("densenet",),
    "bytes": ("efficientnet", "mobilenetv3", "convnext"),
}


class FeatureExtractor(keras.layers.Layer):
    """Frozen network from images in [-1, 1] to the activations of selected layers.

    Args:
        network: `"vgg19"` (`keras.applications`, which downloads its weights on first use), `"rgb64"`
            (ships with the package), or a functional or `Sequential` Keras network with one input of
            images (n, height, width, channels). The network is copied; the original is not changed.
        content_layers: list of layer names, or dict of layer name to weight, for the content loss.
            Defaults to `None`, which uses the layers of the named network.
        style_layers: the same for the style loss.
        preprocess: input format of the network: `"tf"` for images in [-1, 1]; `"caffe"` or `"torch"` as
            `keras.applications` prepares images for ImageNet networks; `"bytes"` for 0..255. Other
            formats can be part of the network, as a first layer such as `keras.layers.Rescaling`.
            Defaults to `None`, which is the format of the named network, that of a network of
            `keras.applications`, recognized by its name, and `"tf"` for others.

    Call arguments: images (n, height, width, channels) in [-1, 1].

    Returns: dict of layer name to features (n, h, w, channels).

    Raises:
        ValueError: an unknown network or layer, or an invalid argument.
        ConnectionError: the weights of VGG19 are not on this machine and cannot be downloaded.
    """

    def __init__(self, network, content_layers=None, style_layers=None, preprocess=None, **kwargs):
        super().__init__(**kwargs)
        content, style, mode = None, None, None
        if isinstance(network, str):
            content, style, mode = NETWORKS[checks.one_of("network", network, NETWORKS)]
        self.content_layers = _normalized_weights("content_layers", content_layers, content)
        self.style_layers = _normalized_weights("style_layers", style_layers, style)
        network = _resolve_network(network)
        mode = preprocess or mode or _application_format(network.name)
        self.preprocess = checks.one_of("preprocess", mode, PREPROCESSING)
        self.network = _select_outputs(network, {**self.content_layers, **self.style_layers})
        self.network.trainable = False
        self.channels = self.network.input_shape[-1]
        if self.preprocess in ("caffe", "torch") and self.channels != 3:
            raise ValueError(
                f"Argument `preprocess` must be 'tf' or 'bytes' for a network of {self.channels} "
                f"channels. Received: preprocess={preprocess!r}."
            )
        self.built = True

    @classmethod
    def of_maps(cls, network, names=None, preprocess=None) -> "FeatureExtractor":
        """Return an extractor of layers for other uses than the losses.

        Args:
            network, preprocess: see the class.
            names: list of layer names. Defaults to `None`, which uses all layers with outputs of the
                shape (n, height, width, channels).
        """
        if isinstance(network, str):
            mode = NETWORKS[checks.one_of("network", network, NETWORKS)][2]
            preprocess = preprocess or mode
        network = _resolve_network(network)
        if names is None:
            names = [layer.name for layer in network.layers if _has_map(layer)]
        return cls(network, names, names, preprocess)

    def with_layers(self, names) -> "FeatureExtractor":
        """Return an extractor of some of this one's layers, by name, with the same weights."""
        return type(self)(self.network, names, names, self.preprocess)

    def call(self, images):
        if self.preprocess != "tf":
            images = (images + 1.0) * 127.5
        if self.preprocess in ("caffe", "torch"):
            images = imagenet_utils.preprocess_input(images, "channels_last", self.preprocess)
        return self.network(images, training=False)

    def extract(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Features of images (n, height, width, channels) as numpy arrays, by layer name."""
        features = self(ops.convert_to_tensor(images, self.compute_dtype))
        return {name: ops.convert_to_numpy(x) for name, x in features.items()}

    def feature_shapes(self, image_shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
        """Shapes of the features by layer name, for images of shape (n, height, width, channels).

        Raises:
            ValueError: the network does not accept images of this size.
        """
        for expected, side in zip(self.network.input_shape[1:3], image_shape[1:3], strict=True):
            if expected not in (None, side):
                raise ValueError(
                    f"The network only takes pictures of {self.network.input_shape[1:3]} pixels. "
                    f"Received: {tuple(image_shape[1:3])}. Build it with an input of (None, None, "
                    f"{self.channels}), or resize the pictures."
                )
        shapes = self.network.compute_output_shape(image_shape)
        if any(side < 1 for shape in shapes.values() for side in shape):
            raise ValueError(
                "The picture is too small for the network. Received: "
                f"{tuple(image_shape[1:3])} pixels. Enlarge it, or leave out the deepest layers."
            )
        return shapes

    def is_rgb64(self) -> bool:
        """Return whether the network is the one that ships with the package."""
        try:
            shipped = _select_outputs(_rgb64(), {**self.content_layers, **self.style_layers})
        except ValueError:
            return False
        own, expected = self.network.get_weights(), shipped.get_weights()
        return [w.shape for w in own] == [w.shape for w in expected] and all(
            map(np.array_equal, own, expected)
        )

    def get_config(self):
        return {
            "network": keras.saving.serialize_keras_object(self.network),
            "content_layers": dict(self.content_layers),
            "style_layers": dict(self.style_layers),
            "preprocess": self.preprocess,
        }


# Keras derives paths inside saved files from this name; release 0.1 called the class `Perception`.
FeatureExtractor.__name__ = "Perception"


def _normalized_weights(argument: str, value: Any, default: tuple[str, ...] | None) -> dict[str, float]:
    """Layer weights by layer name, scaled to a sum of 1."""
    selected = default if value is None else value
    if isinstance(selected, str):
        selected = (selected,)
    if not isinstance(selected, Mapping | list | tuple) or not selected:
        raise ValueError(
            f"Argument `{argument}` must name layers of the network, as a list or as a dict of name to "
            f"weight. Received: {argument}={value!r}. Only the networks "
            f"{' and '.join(map(repr, NETWORKS))} have default layers."
        )
    weights = dict(selected) if isinstance(selected, Mapping) else dict.fromkeys(selected, 1.0)
    total = sum(checks.non_negative(f"{argument}[{name!r}]", w) for name, w in weights.items())
    if total == 0.0:
        raise ValueError(
            f"Argument `{argument}` must have a weight above 0. Received: {argument}={value!r}."
        )
    return {name: weight / total for name, weight in weights.items()}


def _has_map(layer) -> bool:
    output = getattr(layer, "output", None)
    return not isinstance(layer, layers.InputLayer) and len(getattr(output, "shape", ())) == 4


def _application_format(name: str) -> str:
    """Input format of a network of `keras.applications`, by its name."""
    for mode, starts in _APPLICATIONS.items():
        if name.lower().startswith(starts) and not name.endswith("v2"):
            return mode
    return "tf"


def _resolve_network(network) -> keras.Model:
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
    except Exception as error:  # the exception type of a failed download varies
        raise ConnectionError(
            "The weights of VGG19 are not on this machine and could not be downloaded "
            f"({str(error).splitlines()[0]}). Connect to a network once, or use the network that ships "
            "with the package, network='rgb64', or any Keras network."
        ) from error


def _rgb64():
    """Convolutions of the shipped classifier, with batch normalization folded into their weights.

    Strided convolutions are replaced by dense ones and 2x2 average pooling: with strides, some pixels
    have more influence than others, and optimized images show the grid.
    """
    shipped_layers = get_extractor("rgb64").network.layers
    convolutions = [layer for layer in shipped_layers if isinstance(layer, layers.Conv2D)]
    norms = [layer for layer in shipped_layers if isinstance(layer, layers.BatchNormalization)]
    inputs = x = keras.Input((None, None, 3))
    for index, (shipped, norm) in enumerate(zip(convolutions, norms, strict=True), 1):
        gamma, beta, mean, variance = norm.get_weights()
        scale = gamma / np.sqrt(variance + norm.epsilon)
        folded = Conv2D(shipped.filters, shipped.kernel_size, activation="relu", name=f"conv{index}")
        x = folded(x)
        folded.set_weights([shipped.get_weights()[0] * scale, beta - mean * scale])
        if shipped.strides == (2, 2):
            x = layers.AveragePooling2D(2, name=f"pool{index}")(x)
    return keras.Model(inputs, x, name="rgb64")


def _select_outputs(network: keras.Model, names) -> keras.Model:
    """Copy the network up to the named layers; its output is a dict of layer name to features."""
    available = {
        layer.name: layer for layer in network.layers if not isinstance(layer, layers.InputLayer)
    }
    missing = [name for name in names if name not in available]
    if missing:
        raise ValueError(
            f"The network {network.name!r} has no layer {', '.join(map(repr, missing))}. It has: "
            f"{', '.join(available)}."
        )
    outputs = {name: available[name].output for name in names}
    not_maps = [name for name, output in outputs.items() if len(output.shape) != 4]
    if not_maps:
        raise ValueError(
            "Features must have the shape (n, height, width, channels). Received: the layer "
            f"{not_maps[0]!r}, whose output has the shape {tuple(outputs[not_maps[0]].shape)}. Name a "
            "convolutional layer."
        )
    truncated = keras.Model(network.inputs[0], outputs)
    copy = keras.models.clone_model(truncated)
    copy.set_weights(truncated.get_weights())
    return copy
