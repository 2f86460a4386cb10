"""Networks as they are exported: copies in float32, with named inputs and outputs."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.layers import Conv2DTranspose, NoiseDropout
from keras_gan_zoo.utils import checks


class Graph(NamedTuple):
    """What a model exports.

    Args:
        inputs: named symbolic inputs.
        images: symbolic images of the network, in [-1, 1] if nothing else limits them.
        output: name of the output.
        example: arrays for the inputs, two images each.
        expected: images of the model for them, float32 in [-1, 1].
    """

    inputs: Sequence[Any]
    images: Any
    output: str
    example: Sequence[np.ndarray]
    expected: np.ndarray

    def network(self, uint8: bool, named_output: bool) -> keras.Model:
        """Return the network to export.

        Args:
            uint8: whether images are integers in 0..255, else floats in [-1, 1].
            named_output: whether outputs are a dict of the output's name, else a tensor.
        """
        images = ops.clip(self.images, -1.0, 1.0)
        if uint8:
            images = ops.cast(ops.round((images + 1.0) * 127.5), "uint8")
        inputs = one_or_list(self.inputs)
        return keras.Model(inputs, {self.output: images} if named_output else images, name="generator")


def one_or_list(items):
    """Return the only item of a list, or the list."""
    return items[0] if len(items) == 1 else list(items)


def copied(network: keras.Model) -> keras.Model:
    """Copy a network for inference, in float32, without dropout, of layers that converters know."""
    result = keras.models.clone_model(network, clone_function=_copied_layer, recursive=True)
    result.set_weights(network.get_weights())
    return result


def _copied_layer(layer):
    if not isinstance(layer, keras.layers.Layer):
        return layer  # an operation, which has no state
    owner = type(layer)
    if owner is Conv2DTranspose:
        owner = keras.layers.Conv2DTranspose  # jax2onnx cannot convert all operations of ours
    elif owner is keras.layers.UpSampling2D and layer.interpolation == "nearest":
        return _Repetition(layer.size, name=layer.name)
    copy = owner.from_config(layer.get_config() | {"dtype": "float32"})
    if isinstance(copy, NoiseDropout):
        copy.always = False
    return copy


class _Repetition(keras.layers.Layer):
    """`keras.layers.UpSampling2D`, whose `repeat` is no operation of LiteRT's own."""

    def __init__(self, size, **kwargs):
        super().__init__(**kwargs)
        self.size = size

    def call(self, images):
        rows, columns = self.size
        _, h, w, channels = ops.shape(images)
        images = ops.reshape(ops.concatenate([images] * columns, 3), (-1, h, w * columns * channels))
        images = ops.concatenate([images] * rows, 2)
        return ops.reshape(images, (-1, h * rows, w * columns, channels))


def of_generator(model, **options) -> Graph:
    """Return the graph of the generator of a `NoiseToImage`.

    Args:
        model: the model.
        **options: arguments of its `exported_images` and `generate`.
    """
    inputs, example = [keras.Input((model.latent_dim,), name="latents")], [model.latents(2, seed=0)]
    labels = None
    if model.condition is not None:
        inputs.append(model.condition.input())
        labels = np.resize(model.condition.rows(), (2, *model.condition.shape))
        example.append(labels)
    images = model.exported_images(copied(model.best_generator()), inputs, **options)
    expected = model.generate(latents=example[0], labels=labels, **options)
    return Graph(inputs, images, "images", example, expected)


def of_translator(network, image_shape, image_size, multiple, styles=None) -> Graph:
    """Return the graph of a network from images to images.

    Args:
        network: a copy of the network, from images or from `[images, style weights]`.
        image_shape: (height, width, channels) of the training images.
        image_size: see `ExportModel.export`.
        multiple: integer, divisor of height and width.
        styles: number of styles of a network that takes weights of styles. With 1 they are left out.

    Raises:
        ValueError: an invalid `image_size`.
    """
    sides = _sides(image_size, image_shape, multiple)
    known = image_shape[:2] if None in sides else sides
    channels = network.inputs[0].shape[-1]
    inputs = [keras.Input((*sides, channels), name="images")]
    example = [np.random.default_rng(0).uniform(-1, 1, (2, *known, channels)).astype("float32")]
    if styles is None:
        outputs = network(inputs[0])
    elif styles == 1:
        outputs = network([inputs[0], ops.ones_like(inputs[0][:, 0, 0, :1])])
    else:
        inputs.append(keras.Input((styles,), name="style_weights"))
        example.append(np.eye(styles, dtype="float32")[:2])
        outputs = network(inputs)
    weights = example[1:] if styles != 1 else [np.ones((2, 1), "float32")]
    expected = backend.predict(network, one_or_list([example[0], *weights]), 2)
    expected = np.clip(expected, -1.0, 1.0)
    return Graph(inputs, outputs, "translated", example, expected)


def _sides(image_size, image_shape, multiple):
    """Return the height and width of the images, or None and None."""
    if isinstance(image_size, str) and image_size == "any":
        if keras.backend.backend() != "tensorflow":
            raise ValueError(
                "Argument `image_size` must be a size on the backend "
                f"{keras.backend.backend()}. Received: image_size='any'. Use TensorFlow "
                "(KERAS_BACKEND, or --backend on the command line)."
            )
        return None, None
    if image_size is None:
        return tuple(image_shape[:2])
    sides = image_size if isinstance(image_size, tuple | list) else (image_size, image_size)
    numbers = [checks.integer(side) for side in sides]
    if len(numbers) != 2 or not all(side and side > 0 and side % multiple == 0 for side in numbers):
        raise ValueError(
            f"Argument `image_size` must be a side, or (height, width), multiples of {multiple}, or "
            f"'any'. Received: image_size={image_size!r}."
        )
    return tuple(numbers)
