"""Networks of other libraries whose weights ours can take."""

import os

import keras
import numpy as np

from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.convert import stylegan2
from keras_gan_zoo.convert.checkpoints import read
from keras_gan_zoo.models.image_to_image.cyclegan import CycleGAN
from keras_gan_zoo.models.image_to_image.pix2pix import Pix2Pix

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def into(network: keras.Model, path: str | os.PathLike) -> None:
    """Put the weights of a file into a network of the same architecture.

    Args:
        network: `resnet_6blocks` or `resnet_9blocks`: `CycleGAN(...).network("a_to_b")`. `unet_128`,
            `unet_256`: `Pix2Pix(norm="batch").generator`. `basic` discriminators:
            `Pix2Pix(norm="batch").discriminator`, and
            `CycleGAN().discriminator.get_layer("discriminator_a")`.
            StyleGAN2's: `StyleGAN2(...).generator`.
        path: see `read`: a `latest_net_G.pth`, `latest_net_D_A.pth`, a StyleGAN2 as `model` takes it.

    Raises:
        ValueError: the file has other weights than the network; it names the first one. The network
            is as it was.
    """
    arrays = read(path)
    fill = stylegan2.fill if stylegan2.MARK in arrays else _fill
    fill(network, arrays, path)


def model(path: str | os.PathLike, image_shape: tuple[int, int] = (256, 256), **arguments):
    """A `CycleGAN`, `Pix2Pix` or `StyleGAN2` whose generator has the weights of a file.

    StyleGAN2's generators are published as pickles that name code. With that code, of
    stylegan2-ada-pytorch, at hand, and with torch, one line makes a file that needs neither:

        python -c "import sys, pickle, numpy; numpy.savez(sys.argv[2], **{k: v.numpy() for k, v in
        pickle.load(open(sys.argv[1], 'rb'))['G_ema'].state_dict().items()})" ffhq.pkl ffhq.npz

    Args:
        path: of a generator, see `read`. A translator's goes from A to B.
        image_shape: (height, width) that a translator is to be trained with.
        **arguments: of the model, such as `seed`.

    Raises:
        ValueError: the file holds no generator that is known.
    """
    arrays = read(path)
    if stylegan2.MARK in arrays:
        return stylegan2.model(arrays, path, **arguments)
    kernels = [array for array in arrays.values() if array.ndim == 4]
    blocks = len({name.split(".")[1] for name in arrays if "conv_block" in name})
    if not kernels or min(len(kernel) for kernel in kernels) == 0:
        raise ValueError(f"{path} has no convolutions. Expected is a generator's state dict.")
    channels, filters = kernels[0].shape[1], kernels[0].shape[0]
    if blocks and kernels[0].shape[2:] == (7, 7):
        made = CycleGAN((*image_shape, channels), width=filters, blocks=blocks, **arguments)
        network = made.network("a_to_b")
    elif kernels[0].shape[2:] == (4, 4) and kernels[-1].shape[0] == 2 * filters:
        shape = (*image_shape, kernels[-1].shape[1])
        batch = {"norm": "batch"} if any("running_mean" in name for name in arrays) else {}
        made = Pix2Pix(shape, input_channels=channels, width=filters, **batch, **arguments)
        network = made.generator
    else:
        raise ValueError(
            f"{path} is no generator that is known: its first kernel has the shape {kernels[0].shape}. "
            "Known are residual and U-Net generators of pytorch-CycleGAN-and-pix2pix, and those of "
            "stylegan2-ada-pytorch."
        )
    _fill(network, arrays, path)
    return made


def _fill(network, arrays, path):
    """Put arrays by name, which are from the file at `path`, into a network; all of them or none."""
    groups = _grouped(arrays)
    wanted = [layer for layer in network.layers if layer.weights]
    groups = [group for group in groups if set(group[1]) - set(_STATISTICS)]
    for layer, (name, group) in zip(wanted, groups, strict=False):
        _check(layer, name, group, path)
    if len(wanted) != len(groups):
        rest = [name for name, _ in groups[len(wanted) :]] or [x.name for x in wanted[len(groups) :]]
        raise ValueError(
            f"{path} has weights of {len(groups)} layers, the network has {len(wanted)}. Without a "
            f"partner: {rest[:5]}. `keras_gan_zoo.convert.model` makes a model that fits a generator."
        )
    for layer, (_, group) in zip(wanted, groups, strict=True):
        layer.set_weights(_converted(layer, group))


def _grouped(arrays):
    """Arrays by layer, in order: [(name, {"weight": ..., "bias": ...}), ...]."""
    groups = {}
    for name, array in arrays.items():
        layer, _, kind = name.rpartition(".")
        groups.setdefault(layer, {})[kind] = array
    return list(groups.items())


def _converted(layer, group):
    """The group's arrays as the weights of our layer."""
    if "running_mean" in group and "weight" in group:
        return [group[name] for name in ("weight", "bias", *_STATISTICS[:2])]
    # (out, in, h, w) to (h, w, in, out); transposed (in, out, h, w) to (h, w, out, in).
    kernel = np.transpose(group["weight"], (2, 3, 1, 0))
    return [kernel, group["bias"]] if layer.use_bias else [kernel]


def _check(layer, name, group, path):
    """Refuse a group that is not this layer's."""
    known = {"weight", "bias", *_STATISTICS}
    strange = [kind for kind in group if kind not in known]
    is_norm = isinstance(layer, keras.layers.BatchNormalization)
    complete = {"weight", *(("bias", *_STATISTICS[:2]) if is_norm else ())} <= set(group)
    if (
        strange
        or not complete
        or (not is_norm and (group["weight"].ndim != 4 or "running_mean" in group))
    ):
        raise ValueError(
            f"{path} has {sorted(group)} under {name!r}, where the network has a "
            f"{type(layer).__name__}. Only networks of the same architecture can be converted."
        )
    if not is_norm and layer.use_bias != ("bias" in group) and not _is_vain(layer, group):
        raise ValueError(
            f"{path} has {'a' if 'bias' in group else 'no'} bias under {name!r}, the network's "
            f"{layer.name!r} has {'one' if layer.use_bias else 'none'}: another normalization?"
        )
    for array, weight in zip(_converted(layer, group), layer.weights, strict=True):
        if array.shape != tuple(weight.shape):
            raise ValueError(
                f"{path} has an array of the shape {array.shape} under {name!r}, for the weight "
                f"{weight.path!r} of the shape {tuple(weight.shape)}."
            )


def _is_vain(layer, group):
    """Whether the layer does without the bias because the normalization behind it takes it away."""
    following = keras_private.following_operations(layer)
    while following and isinstance(following[0], keras.layers.Cropping2D):
        following = keras_private.following_operations(following[0])
    names = {type(operation).__name__ for operation in following}
    return "bias" in group and names == {"InstanceNormalization"}
