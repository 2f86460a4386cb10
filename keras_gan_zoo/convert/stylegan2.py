"""Weights of stylegan2-ada-pytorch generators for `StyleGAN2`."""

import re

import keras
import numpy as np

from keras_gan_zoo.models.noise_to_image.stylegan2 import StyleGAN2

MARK = "synthesis.b4.const"  # identifies such a file
_FILTERS = "resample_filter"  # constant: [1, 3, 3, 1]
_IMAGES = re.compile(r"synthesis\.b(\d+)\.torgb\.bias$")
_SUFFIXES = {
    "kernel": ".weight",
    "bias": ".bias",
    "strength": ".noise_strength",
    "noise": ".noise_const",
    "constant": ".const",
    "mean": ".w_avg",
}


def model(arrays: dict[str, np.ndarray], path, **arguments) -> StyleGAN2:
    """Build a `StyleGAN2` with the generator weights of a file.

    Args:
        arrays: dict of name to array.
        path: path of the file, for error messages.
        **arguments: arguments of `StyleGAN2`, such as `seed`.

    Raises:
        ValueError: the file has another architecture.
    """
    sides = sorted(int(match[1]) for name in arrays if (match := _IMAGES.match(name)))
    widths = [_get(arrays, f"synthesis.b{side}.conv1.weight", path).shape[0] for side in sides]
    last = _get(arrays, f"synthesis.b{sides[-1]}.torgb.weight", path)
    embedded = arrays.get("mapping.embed.weight")
    stylegan2 = StyleGAN2(
        (sides[-1], sides[-1], last.shape[0]),
        latent_dim=_get(arrays, "mapping.fc0.weight", path).shape[0],
        width=widths[0],
        channel_base=widths[-1] * sides[-1] if widths[-1] < widths[0] else widths[0] * sides[-1],
        mapping_layers=sum(bool(re.fullmatch(r"mapping\.fc\d+\.bias", name)) for name in arrays),
        noise="synthesis.b4.conv1.noise_const" in arrays,
        num_classes=None if embedded is None else embedded.shape[1],
        **arguments,
    )
    load_weights(stylegan2.generator, arrays, path)
    return stylegan2


def load_weights(generator: keras.Model, arrays: dict[str, np.ndarray], path) -> None:
    """Assign arrays to the generator of a `StyleGAN2`; in case of an error, to none of its weights.

    Args:
        generator: `StyleGAN2(...).generator`.
        arrays: dict of name to array.
        path: path of the file, for error messages.

    Raises:
        ValueError: the weights do not match; the message names the first difference.
    """
    rest = {name: array for name, array in arrays.items() if not name.endswith(_FILTERS)}
    pairs = [
        (variable, _converted(rest.pop(name, None), name, variable, path))
        for name, variable in _weight_pairs(generator)
    ]
    if rest:
        raise ValueError(
            f"{path} has arrays that {generator.name!r} does not have: {sorted(rest)[:5]}. Supported "
            "are generators of stylegan2-ada-pytorch with skip connections."
        )
    for variable, array in pairs:
        variable.assign(array)


def _weight_pairs(generator):
    """Yield the name in the file and the variable, for each weight of the generator."""
    for part in (generator.get_layer("mapping"), generator.get_layer("synthesis")):
        for layer in part.layers:
            for variable in layer.weights:
                yield _source_name(part.name, layer.name) + _SUFFIXES[variable.name], variable


def _source_name(part, name):
    """Name in the file, such as `synthesis.b8.conv0.affine` for the layer `level1_conv0_style`."""
    if part == "mapping":
        return "mapping" if name == "mean" else f"mapping.{name.replace('dense', 'fc')}"
    if name == "constant":
        return "synthesis.b4"
    level, kind, *own = name.removeprefix("level").split("_")
    kind = {"images": "torgb"}.get(kind, kind)
    return f"synthesis.b{4 * 2 ** int(level)}.{kind}{'.affine' if own == ['style'] else ''}"


def _converted(array, name, variable, path):
    """The array in the axis order of `variable`."""
    if array is None:
        raise ValueError(f"{path} has no array {name!r}, for the weight {variable.path!r}.")
    if name.endswith(".const"):
        array = np.moveaxis(array, 0, -1)
    elif name.endswith(".noise_const"):
        array = array[..., None]
    elif name.endswith(".weight"):  # (out, in) or (out, in, h, w)
        array = np.transpose(array, (1, 0) if array.ndim == 2 else (2, 3, 1, 0))
    if array.shape != tuple(variable.shape):
        raise ValueError(
            f"{path} has an array {name!r} of shape {array.shape} (axes reordered), for the weight "
            f"{variable.path!r} of shape {tuple(variable.shape)}."
        )
    return array


def _get(arrays, name, path):
    if name not in arrays:
        raise ValueError(
            f"{path} has no array {name!r}. Supported are generators of stylegan2-ada-pytorch with "
            "skip connections."
        )
    return arrays[name]
