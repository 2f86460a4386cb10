"""Generators of stylegan2-ada-pytorch, whose weights `StyleGAN2` can take."""

import re

import keras
import numpy as np

from keras_gan_zoo.models.noise_to_image.stylegan2 import StyleGAN2

MARK = "synthesis.b4.const"  # what only such a file has
_FILTERS = "resample_filter"  # always [1, 3, 3, 1]
_IMAGES = re.compile(r"synthesis\.b(\d+)\.torgb\.bias$")
_KINDS = {
    "kernel": ".weight",
    "bias": ".bias",
    "strength": ".noise_strength",
    "noise": ".noise_const",
    "constant": ".const",
    "mean": ".w_avg",
}


def model(arrays: dict[str, np.ndarray], path, **arguments) -> StyleGAN2:
    """A `StyleGAN2` whose generator has the weights of a file.

    Args:
        arrays: by name, from the file.
        path: of the file, for messages.
        **arguments: of the model, such as `seed`.

    Raises:
        ValueError: the file holds another architecture.
    """
    sides = sorted(int(found[1]) for name in arrays if (found := _IMAGES.match(name)))
    widths = [_get(arrays, f"synthesis.b{side}.conv1.weight", path).shape[0] for side in sides]
    last = _get(arrays, f"synthesis.b{sides[-1]}.torgb.weight", path)
    embedded = arrays.get("mapping.embed.weight")
    made = StyleGAN2(
        (sides[-1], sides[-1], last.shape[0]),
        latent_dim=_get(arrays, "mapping.fc0.weight", path).shape[0],
        width=widths[0],
        channel_base=widths[-1] * sides[-1] if widths[-1] < widths[0] else widths[0] * sides[-1],
        mapping_layers=sum(bool(re.fullmatch(r"mapping\.fc\d+\.bias", name)) for name in arrays),
        noise="synthesis.b4.conv1.noise_const" in arrays,
        num_classes=None if embedded is None else embedded.shape[1],
        **arguments,
    )
    fill(made.generator, arrays, path)
    return made


def fill(generator: keras.Model, arrays: dict[str, np.ndarray], path) -> None:
    """Put the arrays into the generator of a `StyleGAN2`; all of them or none.

    Raises:
        ValueError: the file has other weights than the generator; the message names the first one.
    """
    rest = {name: array for name, array in arrays.items() if not name.endswith(_FILTERS)}
    pairs = [
        (variable, _as_ours(rest.pop(name, None), name, variable, path))
        for name, variable in _partners(generator)
    ]
    if rest:
        raise ValueError(
            f"{path} has arrays that {generator.name!r} has no place for: {sorted(rest)[:5]}. Known "
            "are the generators of stylegan2-ada-pytorch with skip connections."
        )
    for variable, array in pairs:
        variable.assign(array)


def _partners(generator):
    """Names in the file, each with the variable of ours that takes the array."""
    for part in (generator.get_layer("mapping"), generator.get_layer("synthesis")):
        for layer in part.layers:
            for variable in layer.weights:
                yield _their_name(part.name, layer.name) + _KINDS[variable.name], variable


def _their_name(part, name):
    """Such as `synthesis.b8.conv0.affine` for our `level1_conv0_style`."""
    if part == "mapping":
        return "mapping" if name == "mean" else f"mapping.{name.replace('dense', 'fc')}"
    if name == "constant":
        return "synthesis.b4"
    level, kind, *own = name.removeprefix("level").split("_")
    kind = {"images": "torgb"}.get(kind, kind)
    return f"synthesis.b{4 * 2 ** int(level)}.{kind}{'.affine' if own == ['style'] else ''}"


def _as_ours(array, name, variable, path):
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
            f"{path} has an array of the shape {array.shape}, in our order of axes, under {name!r}, "
            f"for the weight {variable.path!r} of the shape {tuple(variable.shape)}."
        )
    return array


def _get(arrays, name, path):
    if name not in arrays:
        raise ValueError(
            f"{path} has no array {name!r}. Known are the generators of stylegan2-ada-pytorch with "
            "skip connections."
        )
    return arrays[name]
