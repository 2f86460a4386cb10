"""Projected discriminator, on features of a trained network (Sauer et al. 2021, arXiv 2111.01007)."""

import itertools
from typing import Any

import keras
from keras import initializers, layers, ops

from keras_gan_zoo.layers import BilinearUpsampling2D, Conv2D, SpectralConv2D
from keras_gan_zoo.networks.feature_network import FeatureExtractor
from keras_gan_zoo.utils import checks

_LEVELS = 4  # feature maps, the deepest ones
_LABEL_CHANNELS = 64
_EMBEDDING_DIM = 128


@keras.saving.register_keras_serializable("keras_gan_zoo")
class Projection:
    """Feature maps of a frozen network, and the size of the discriminators on them.

    Args:
        network: `"rgb64"` (ships with the package), `"vgg19"` (`keras.applications`, which downloads
            its weights on first use), or a Keras network of images, functional or `Sequential`, such as
            one of `keras.applications` with `include_top=False`. It is copied.
        side: positive integer, side in pixels of the square that images are resized to for the network.
            Defaults to `None`, which is that of its input if it is fixed, 64 for `"rgb64"`, and 224 for
            others, as in the paper.
        width: positive integer, channels of the largest map after its projection; smaller ones have 2,
            4 and 8 times as many, as the discriminators have. Defaults to `None`, which is the paper's
            64, and 16 where `side` is at most 64, for CPUs.
        layers: list of layer names. Defaults to `None`, all layers. The discriminators get the last
            of them at each size of feature maps, of up to four sizes above 1x1 that halve.
        preprocess: input format of the network, see `FeatureExtractor`.

    Attributes:
        extractor: `FeatureExtractor` of the feature maps.

    Raises:
        ValueError: an invalid argument, not a network of images, or one whose feature maps do not halve
            in size.
        ConnectionError: the weights of VGG19 are not on this machine and cannot be downloaded.
    """

    # Not a Keras object: a model that refers to it must not track the extractor a second time.
    def __init__(self, network, side=None, width=None, layers=None, preprocess=None):
        extractor = FeatureExtractor.of_maps(network, layers, preprocess)
        fixed = extractor.network.input_shape[1]
        default = fixed or (64 if network == "rgb64" else 224)
        self.side = default if side is None else checks.positive_integer("side", side)
        width = (16 if self.side <= 64 else 64) if width is None else width
        self.width = checks.positive_integer("width", width)
        shapes = extractor.feature_shapes((1, self.side, self.side, extractor.channels))
        last = {shapes[name][1]: name for name in extractor.content_layers}
        sides = max((_doubled(side, last) for side in sorted(last) if side > 1), key=len, default=[])
        if len(sides) < 2:
            found = ", ".join(map(str, sorted(last, reverse=True)))
            raise ValueError(
                "Argument `d_features` must be a network whose feature maps halve in size. Received: "
                f"{extractor.network.name!r}, with sides of {found} for images of {self.side} pixels. "
                "Choose another `side` of a `Projection`, or another network."
            )
        self.extractor = extractor.with_layers([last[side] for side in reversed(sides)])

    def get_config(self) -> dict[str, Any]:
        return {
            "network": keras.saving.serialize_keras_object(self.extractor.network),
            "side": self.side,
            "width": self.width,
            "layers": list(self.extractor.content_layers),
            "preprocess": self.extractor.preprocess,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Projection":
        network = keras.saving.deserialize_keras_object(config["network"])
        return cls(**config | {"network": network})

    def discriminator(self, image_shape: tuple[int, int, int], condition=None) -> keras.Model:
        """Return a network from images (n, *image_shape) to logits (n, logits).

        The feature maps are mixed by random 1x1 convolutions, which are not trained: over the channels
        of a map, then from small maps to large ones. Each map has a discriminator of its own.

        Args:
            image_shape: (height, width, channels), with the network's number of channels or 1.
            condition: `Classes` or `Attributes` of a conditional model, whose inputs are `[images,
                labels]`. Defaults to `None`.

        Raises:
            ValueError: the network takes another number of channels.
        """
        channels = self.extractor.channels
        if image_shape[-1] not in (1, channels):
            raise ValueError(
                f"Argument `d_features` must be a network of images with {image_shape[-1]} channels. "
                f"Received: {self.extractor.network.name!r}, of {channels}."
            )
        inputs = images = keras.Input(image_shape, name="images")
        labels = None
        if condition is not None:
            labels = condition.input()
            inputs = [images, labels]
        x = images
        if image_shape[-1] != channels:
            x = ops.repeat(x, channels, -1)
        if image_shape[:2] != (self.side, self.side):
            x = ops.image.resize(x, (self.side, self.side), "bilinear")
        features = self.extractor(x)
        maps = _mixed([features[name] for name in self.extractor.content_layers], self.width)
        logits = [
            _logits(_halved(x, len(maps) - level, self.width), labels, condition)
            for level, x in enumerate(maps)
        ]
        logits = layers.Concatenate()(logits) if len(logits) > 1 else logits[0]
        return keras.Model(inputs, logits, name="discriminator")


def _doubled(side, available):
    """Sides from the smallest on, each of twice the size, that are available."""
    sides = (side * 2**level for level in range(_LEVELS))
    return list(itertools.takewhile(lambda each: each in available, sides))


def check(model, features) -> Projection | None:
    """Return the projection of a model with the argument `d_features`, or None without it.

    Raises:
        ValueError: the model, or one of its other arguments, excludes `d_features`.
    """
    if features is None:
        return None
    if not model.can_project:
        raise ValueError(
            f"Argument `d_features` must be None: {type(model).__name__} needs a discriminator of its "
            f"own. Received: {features!r}. Use for example `keras_gan_zoo.DCGAN`."
        )
    for name in ("pack", "d_norm", "minibatch", "d_output"):
        value = getattr(model, name)
        if value not in (None, 1):
            raise ValueError(
                f"Arguments `d_features` and `{name}` exclude each other, because `{name}` changes the "
                f"discriminator that `d_features` replaces. Received: {name}={value!r}."
            )
    if isinstance(features, dict):
        features = keras.saving.deserialize_keras_object(features)
    if isinstance(features, Projection):
        return features
    try:
        return Projection(features)
    except ValueError as error:
        raise ValueError(str(error).replace("Argument `network`", "Argument `d_features`")) from error


def _mixed(maps, width):
    """Random mixtures of feature maps, of twice their size."""
    projected = [_random(x, width * 2**level) for level, x in enumerate(maps)]
    mixed = []
    for level, x in reversed(list(enumerate(projected))):
        x = layers.Add()([x, mixed[-1]]) if mixed else x
        mixed.append(_random(BilinearUpsampling2D()(x), width * 2 ** max(0, level - 1)))
    return mixed[::-1]


def _random(x, filters):
    """A 1x1 convolution that is not trained, initialized as PyTorch's layers are."""
    limit = x.shape[-1] ** -0.5
    weights = {
        f"{name}_initializer": initializers.RandomUniform(-limit, limit) for name in ("kernel", "bias")
    }
    return Conv2D(filters, 1, trainable=False, **weights)(x)


def _halved(x, times, width):
    for level in reversed(range(times)):
        x = SpectralConv2D(width * max(1, 8 // 2**level), 4, 2)(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = layers.LeakyReLU(0.2)(x)
    return x


def _logits(x, labels, condition):
    """Logits (n, rows * columns) of a map (n, rows + 3, columns + 3, channels)."""
    channels = 1 if labels is None else _LABEL_CHANNELS
    x = SpectralConv2D(channels, min(4, x.shape[1]), padding="valid", use_bias=False)(x)
    x = layers.Reshape((-1, channels))(x)
    if labels is None:
        return layers.Flatten()(x)
    vectors = condition.embedding(_EMBEDDING_DIM)(labels)
    vectors = layers.LeakyReLU(0.2)(layers.Dense(channels)(vectors))
    return layers.Dot(-1)([x, vectors]) * channels**-0.5
