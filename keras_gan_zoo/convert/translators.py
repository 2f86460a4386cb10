"""Weights of pytorch-CycleGAN-and-pix2pix and of StyleGAN2 for models of this package."""

import os

import keras
import numpy as np

from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.convert import stylegan2
from keras_gan_zoo.models.image_to_image.cyclegan import CycleGAN
from keras_gan_zoo.models.image_to_image.pix2pix import Pix2Pix
from keras_gan_zoo.utils.files import printable
from keras_gan_zoo.utils.torch_files import read

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def into(network: keras.Model, path: str | os.PathLike) -> None:
    """Load the weights of a file into a network of the same architecture.

    Args:
        network: the network that corresponds to the file.
            `resnet_6blocks`, `resnet_9blocks`: `CycleGAN(...).network("a_to_b")`.
            `unet_128`, `unet_256`: `Pix2Pix(norm="batch").generator`.
            `basic` discriminators: `Pix2Pix(norm="batch").discriminator`,
            `CycleGAN().discriminator.get_layer("discriminator_a")`.
            stylegan2-ada-pytorch: `StyleGAN2(...).generator`.
        path: file for `read`, such as `latest_net_G.pth`, `latest_net_D_A.pth`, or a StyleGAN2
            generator as for `model`.

    Raises:
        ValueError: the weights do not match; the message names the first difference. The network is
            not changed.
    """
    arrays, path = read(path), printable(path)
    load = stylegan2.load_weights if stylegan2.MARK in arrays else _load_weights
    load(network, arrays, path)


def model(path: str | os.PathLike, image_shape: tuple[int, int] = (256, 256), **arguments):
    """Build a `CycleGAN`, `Pix2Pix` or `StyleGAN2` with the generator weights of a file.

    StyleGAN2 generators are published as pickles that refer to code. With the repository of
    stylegan2-ada-pytorch and PyTorch, this command converts them to a file that needs neither:

        python -c "import sys, pickle, numpy; numpy.savez(sys.argv[2], **{k: v.numpy() for k, v in
        pickle.load(open(sys.argv[1], 'rb'))['G_ema'].state_dict().items()})" ffhq.pkl ffhq.npz

    Args:
        path: file of a generator for `read`; for `CycleGAN` of the direction from A to B.
        image_shape: (height, width) of a `CycleGAN` or `Pix2Pix`. Defaults to (256, 256).
        **arguments: arguments of the model, such as `seed`.

    Raises:
        ValueError: the file is not of a supported generator.
    """
    arrays, path = read(path), printable(path)
    if stylegan2.MARK in arrays:
        return stylegan2.model(arrays, path, **arguments)
    kernels = [array for array in arrays.values() if array.ndim == 4]
    blocks = len({name.split(".")[1] for name in arrays if "conv_block" in name})
    if not kernels or min(len(kernel) for kernel in kernels) == 0:
        raise ValueError(f"{path} has no convolutions. Pass the state dict of a generator.")
    channels, filters = kernels[0].shape[1], kernels[0].shape[0]
    if blocks and kernels[0].shape[2:] == (7, 7):
        translator = CycleGAN((*image_shape, channels), width=filters, blocks=blocks, **arguments)
        network = translator.network("a_to_b")
    elif kernels[0].shape[2:] == (4, 4) and kernels[-1].shape[0] == 2 * filters:
        shape = (*image_shape, kernels[-1].shape[1])
        batch = {"norm": "batch"} if any("running_mean" in name for name in arrays) else {}
        translator = Pix2Pix(shape, input_channels=channels, width=filters, **batch, **arguments)
        network = translator.generator
    else:
        raise ValueError(
            f"{path} is not a supported generator. Received: a first kernel of shape "
            f"{kernels[0].shape}. Supported are residual and U-Net generators of "
            "pytorch-CycleGAN-and-pix2pix and generators of stylegan2-ada-pytorch."
        )
    _load_weights(network, arrays, path)
    return translator


def _load_weights(network, arrays, path):
    """Assign named arrays from the file at `path` to a network; in case of an error, none of them."""
    groups = _grouped(arrays)
    targets = [layer for layer in network.layers if layer.weights]
    groups = [group for group in groups if set(group[1]) - set(_STATISTICS)]
    for layer, (name, group) in zip(targets, groups, strict=False):
        _check(layer, name, group, path)
    if len(targets) != len(groups):
        rest = [name for name, _ in groups[len(targets) :]] or [x.name for x in targets[len(groups) :]]
        raise ValueError(
            f"{path} has weights of {len(groups)} layers, the network has {len(targets)}. Unmatched: "
            f"{rest[:5]}. `keras_gan_zoo.convert.model` builds a model that fits a generator."
        )
    for layer, (_, group) in zip(targets, groups, strict=True):
        layer.set_weights(_converted(layer, group))


def _grouped(arrays):
    """Arrays of each layer, in order: [(name, {"weight": ..., "bias": ...}), ...]."""
    groups = {}
    for name, array in arrays.items():
        layer, _, kind = name.rpartition(".")
        groups.setdefault(layer, {})[kind] = array
    return list(groups.items())


def _converted(layer, group):
    """Arrays of a group in the order and layout of the weights of a Keras layer."""
    if "running_mean" in group and "weight" in group:
        return [group[name] for name in ("weight", "bias", *_STATISTICS[:2])]
    # (out, in, h, w) to (h, w, in, out); transposed (in, out, h, w) to (h, w, out, in).
    kernel = np.transpose(group["weight"], (2, 3, 1, 0))
    return [kernel, group["bias"]] if layer.use_bias else [kernel]


def _check(layer, name, group, path):
    """Raise ValueError if a group of arrays does not match the layer."""
    unknown = set(group) - {"weight", "bias", *_STATISTICS}
    is_norm = isinstance(layer, keras.layers.BatchNormalization)
    complete = {"weight", *(("bias", *_STATISTICS[:2]) if is_norm else ())} <= set(group)
    if (
        unknown
        or not complete
        or (not is_norm and (group["weight"].ndim != 4 or "running_mean" in group))
    ):
        raise ValueError(
            f"{path} has {sorted(group)} in {name!r}, where the network has a "
            f"{type(layer).__name__}. The file must have the architecture of the network."
        )
    if not is_norm and layer.use_bias != ("bias" in group) and not _is_redundant_bias(layer, group):
        raise ValueError(
            f"{path} has {'a' if 'bias' in group else 'no'} bias in {name!r}, the network's "
            f"{layer.name!r} has {'one' if layer.use_bias else 'none'}. Check the normalization: "
            '`norm="batch"` or `norm="instance"`.'
        )
    for array, weight in zip(_converted(layer, group), layer.weights, strict=True):
        if array.shape != tuple(weight.shape):
            raise ValueError(
                f"{path} has an array of shape {array.shape} in {name!r}, for the weight "
                f"{weight.path!r} of shape {tuple(weight.shape)}."
            )


def _is_redundant_bias(layer, group):
    """Whether the file has a bias that the layer omits because an instance normalization cancels it."""
    following = keras_private.following_operations(layer)
    while following and isinstance(following[0], keras.layers.Cropping2D):
        following = keras_private.following_operations(following[0])
    names = {type(operation).__name__ for operation in following}
    return "bias" in group and names == {"InstanceNormalization"}
