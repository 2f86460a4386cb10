"""The Inception network of 2015, on whose features papers report FID and KID."""

import hashlib
import os
from pathlib import Path

import keras
import numpy as np
from keras import layers

from keras_gan_zoo.data.messages import warn
from keras_gan_zoo.layers import Conv2D
from keras_gan_zoo.metrics.extractors.published import Published, bilinear, clean
from keras_gan_zoo.utils import checks
from keras_gan_zoo.utils.files import printable
from keras_gan_zoo.utils.torch_files import read

FILE = "pt_inception-2015-12-05-6726825d.pth"
SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
URL = f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{FILE}"
CLASSES = 1008
_SIDE = 299
_EPSILON = 1e-3


class Inception(Published):
    """`inception(weights, resize)`.

    Args:
        weights: File of the weights.
        resize: `"torch"` or `"clean"`.
    """

    def __init__(self, weights: str | os.PathLike, resize: str = "torch"):
        model = network()
        load_weights(model, weights)
        self.resize = resize
        name = "inception_2015" if resize == "torch" else "inception_2015_clean"
        super().__init__(model, name, _digest(weights))

    def resized(self, images):
        return bilinear(images, _SIDE) if self.resize == "torch" else normalized_clean(images)


def inception(weights: str | os.PathLike | None = None, resize: str = "torch") -> Inception:
    """Return the Inception network of 2015 as an extractor, for FID and KID of papers.

    Szegedy et al. 2016, arXiv 1512.00567, in the variant that Heusel et al. 2017, arXiv 1706.08500,
    measured on. Features are the 2048 averages of the last block; there are 1008 logits.

    Args:
        weights: pytorch-fid's file `pt_inception-2015-12-05-6726825d.pth`. Defaults to `None`, which
            downloads it on first use into the folder `keras_gan_zoo` of Keras' own folder
            (`KERAS_HOME`), where it can also be placed by hand.
        resize: How images are resized to 299x299 pixels. `"torch"`: bilinear without antialiasing, as
            in pytorch-fid. `"clean"`: bicubic with antialiasing in float32, as in clean-fid (Parmar et
            al. 2022, arXiv 2104.11222), which differs most for images larger than 299 pixels.

    Raises:
        ConnectionError: The weights are not on this machine and cannot be downloaded.
        ValueError: The file is missing, damaged or of another network.

    Example:

    >>> extractor = kgz.metrics.inception("pt_inception-2015-12-05-6726825d.pth", resize="clean")
    >>> features = extractor(images).features  # (n, 2048)
    """
    checks.one_of("resize", resize, ("torch", "clean"))
    if weights is not None and not Path(weights).is_file():
        raise ValueError(
            f"The weights of 'inception_2015' must be a file. Received: {printable(weights)}, which is "
            f"none. Download {URL}."
        )
    return Inception(_fetched() if weights is None else weights, resize)


def normalized_clean(images: np.ndarray) -> np.ndarray:
    """Resize uint8 images for the network as clean-fid does, which maps 0..255 to [-1, 127/128]."""
    return (clean(images, _SIDE) * 127.5 - 0.5) / 128.0


def _fetched():
    try:
        return keras.utils.get_file(FILE, URL, cache_subdir="keras_gan_zoo", file_hash=SHA256)
    except Exception as error:  # Keras raises errors of any class when a download fails
        raise ConnectionError(
            f"The weights of the Inception network of 2015 could not be fetched "
            f"({str(error).splitlines()[0]}). Download {URL} where there is a network, and pass its "
            'path: networks={"inception_2015": PATH}, on the command line --network '
            "inception_2015=PATH; or use 'frechet' and 'kernel', which need no download."
        ) from error


def _digest(path):
    digest = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    if digest != SHA256:
        warn(
            f"{printable(path)} is not pytorch-fid's {FILE}: its sha256 is {digest}, not {SHA256}. "
            "Figures measured with it are not comparable with those of papers."
        )
    return digest


def load_weights(model: keras.Model, path: str | os.PathLike) -> None:
    """Load the state dict of the PyTorch network, with batch normalization folded into convolutions.

    Raises:
        ValueError: The file is damaged, or an array is missing or has another shape.
    """
    arrays = {name.replace(".", "_"): values for name, values in read(path).items()}

    def array(name, shape):
        if name not in arrays or arrays[name].shape != shape:
            found = arrays[name].shape if name in arrays else "none"
            raise ValueError(
                f"{printable(path)} must hold the weights of the Inception network of 2015: {name!r} "
                f"of shape {shape}. Received: {found}. Pass pytorch-fid's {FILE}."
            )
        return arrays[name].astype("float64")

    for layer in model.layers:
        if isinstance(layer, Conv2D):
            name, filters = layer.name, layer.filters
            kernel = array(f"{name}_conv_weight", tuple(np.array(layer.kernel.shape)[[3, 2, 0, 1]]))
            gamma, beta, mean, variance = (
                array(f"{name}_bn_{kind}", (filters,))
                for kind in ("weight", "bias", "running_mean", "running_var")
            )
            scale = gamma / np.sqrt(variance + _EPSILON)
            layer.set_weights([kernel.transpose(2, 3, 1, 0) * scale, beta - mean * scale])
        elif isinstance(layer, layers.Dense):
            kernel = array("fc_weight", layer.kernel.shape[::-1])
            layer.set_weights([kernel.T, array("fc_bias", (layer.units,))])


def network() -> keras.Model:
    """Build the network from images (n, h, w, 3) in [-1, 1] to features (n, 2048) and logits.

    Layers have the names of PyTorch's modules, with underscores in place of dots. Batch normalization
    is part of the convolutions.
    """
    inputs = keras.Input((None, None, 3))
    x = _conv(inputs, "Conv2d_1a_3x3", 32, 3, 2, "valid")
    x = _conv(x, "Conv2d_2a_3x3", 32, 3, padding="valid")
    x = _conv(x, "Conv2d_2b_3x3", 64, 3)
    x = layers.MaxPooling2D(3, 2)(x)
    x = _conv(x, "Conv2d_3b_1x1", 80, 1)
    x = _conv(x, "Conv2d_4a_3x3", 192, 3, padding="valid")
    x = layers.MaxPooling2D(3, 2)(x)
    for name, pooled in (("Mixed_5b", 32), ("Mixed_5c", 64), ("Mixed_5d", 64)):
        x = _block_a(x, name, pooled)
    x = _block_b(x, "Mixed_6a")
    for name, width in (("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)):
        x = _block_c(x, name, width)
    x = _block_d(x, "Mixed_7a")
    x = _block_e(x, "Mixed_7b", layers.AveragePooling2D)
    x = _block_e(x, "Mixed_7c", layers.MaxPooling2D)  # the network of 2015 differs here from the paper
    features = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(CLASSES, kernel_initializer="zeros", name="fc")(features)
    return keras.Model(inputs, {"features": features, "logits": logits}, name="inception_2015")


def _conv(x, name, filters, kernel_size, strides=1, padding="same"):
    # Weights are loaded; on JAX, every other initializer would be compiled for every shape.
    arguments = {"activation": "relu", "kernel_initializer": "zeros", "name": name}
    return Conv2D(filters, kernel_size, strides, padding, **arguments)(x)


def _chain(x, name, *stages):
    """Convolutions of stride 1, each given as (suffix of its name, filters, kernel size)."""
    for suffix, filters, kernel_size in stages:
        x = _conv(x, f"{name}_{suffix}", filters, kernel_size)
    return x


def _pooled(x, name, filters, pool=layers.AveragePooling2D):
    """Pool without the padding in the averages, and convolve."""
    return _chain(pool(3, 1, "same")(x), name, ("branch_pool", filters, 1))


def _block_a(x, name, pooled):
    branches = [
        _chain(x, name, ("branch1x1", 64, 1)),
        _chain(x, name, ("branch5x5_1", 48, 1), ("branch5x5_2", 64, 5)),
        _chain(
            x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3), ("branch3x3dbl_3", 96, 3)
        ),
        _pooled(x, name, pooled),
    ]
    return layers.Concatenate()(branches)


def _block_b(x, name):
    deep = _chain(x, name, ("branch3x3dbl_1", 64, 1), ("branch3x3dbl_2", 96, 3))
    branches = [
        _conv(x, f"{name}_branch3x3", 384, 3, 2, "valid"),
        _conv(deep, f"{name}_branch3x3dbl_3", 96, 3, 2, "valid"),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return layers.Concatenate()(branches)


def _block_c(x, name, width):
    row, column = (1, 7), (7, 1)
    shapes = (1, column, row, column, row)
    deep = [(f"branch7x7dbl_{i}", width, shape) for i, shape in enumerate(shapes, 1)]
    deep[-1] = ("branch7x7dbl_5", 192, row)
    branches = [
        _chain(x, name, ("branch1x1", 192, 1)),
        _chain(
            x,
            name,
            ("branch7x7_1", width, 1),
            ("branch7x7_2", width, row),
            ("branch7x7_3", 192, column),
        ),
        _chain(x, name, *deep),
        _pooled(x, name, 192),
    ]
    return layers.Concatenate()(branches)


def _block_d(x, name):
    short = _chain(x, name, ("branch3x3_1", 192, 1))
    deep = _chain(
        x,
        name,
        ("branch7x7x3_1", 192, 1),
        ("branch7x7x3_2", 192, (1, 7)),
        ("branch7x7x3_3", 192, (7, 1)),
    )
    branches = [
        _conv(short, f"{name}_branch3x3_2", 320, 3, 2, "valid"),
        _conv(deep, f"{name}_branch7x7x3_4", 192, 3, 2, "valid"),
        layers.MaxPooling2D(3, 2)(x),
    ]
    return layers.Concatenate()(branches)


def _block_e(x, name, pool):
    def split(x, branch):
        return [
            _chain(x, name, (f"{branch}{s}", 384, size)) for s, size in (("a", (1, 3)), ("b", (3, 1)))
        ]

    short = _chain(x, name, ("branch3x3_1", 384, 1))
    deep = _chain(x, name, ("branch3x3dbl_1", 448, 1), ("branch3x3dbl_2", 384, 3))
    branches = [
        _chain(x, name, ("branch1x1", 320, 1)),
        *split(short, "branch3x3_2"),
        *split(deep, "branch3x3dbl_3"),
        _pooled(x, name, 192, pool),
    ]
    return layers.Concatenate()(branches)
