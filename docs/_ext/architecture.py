"""Networks as HTML: the resolutions that images pass through, with the layers at each of them."""

import html
import math

import keras

from keras_gan_zoo import TwoDomains
from keras_gan_zoo.layers import ReflectionPadding2D

# Arguments without a default. `rgb64` is part of the package, the default network is a download.
ARGUMENTS = {
    "ConditionalGAN": {"num_classes": 10},
    "StyleTransfer": {"network": "rgb64"},
    "FastStyleTransfer": {"network": "rgb64"},
}

LEFT_OUT = (
    keras.layers.InputLayer,  # of a network in the network
    keras.layers.Identity,
    keras.layers.ZeroPadding2D,
    keras.layers.Cropping2D,
    ReflectionPadding2D,
)


def build(cls: type[keras.Model]) -> keras.Model:
    """A model with its default arguments. Its weights have shapes but no values, which is fast."""
    with keras.StatelessScope(initialize_variables=False):
        return cls(**ARGUMENTS.get(cls.__name__, {}))


def networks(model: keras.Model) -> dict[str, keras.Model]:
    """The networks to draw, by their titles."""
    found = {name: getattr(model, name, None) for name in ("generator", "discriminator")}
    if isinstance(model, TwoDomains):
        one_domain = found["discriminator"].get_layer("discriminator_a")
        found = {
            "generator, one for each direction": model.translators()[0],
            "discriminator, one for each domain": one_domain,
        }
    return {name: network for name, network in found.items() if network is not None}


def sized(network: keras.Model, image_shape) -> keras.Model:
    """The network for images of one size, if it takes images of any size."""
    if all(None not in tensor.shape[1:] for tensor in network.inputs):
        return network
    inputs = [
        keras.Input((*image_shape[:2], x.shape[-1]) if len(x.shape) == 4 else x.shape[1:], name=x.name)
        for x in network.inputs
    ]
    with keras.StatelessScope(initialize_variables=False):
        return keras.models.clone_model(network, input_tensors=inputs if inputs[1:] else inputs[0])


def path_to(tensor, known: dict) -> list:
    """Pairs (operation, output) from the largest input to a tensor, with the most operations.

    `known` has the paths to other tensors of the same network.
    """
    if id(tensor) not in known:
        operation, node, index = tensor._keras_history
        parents = [path_to(parent, known) for parent in operation._inbound_nodes[node].input_tensors]
        own = [(operation, tensor)]
        if isinstance(operation, keras.Model):
            own = path_to(operation.outputs[index], {})
        known[id(tensor)] = max(parents, key=rank, default=[]) + own
    return known[id(tensor)]


def rank(path: list) -> tuple[int, int]:
    """The size of the input that a path starts from, and its length."""
    return math.prod(path[0][1].shape[1:]), len(path)


def stages(network: keras.Model) -> list[tuple[tuple, list[str]]]:
    """Pairs (shape, layers): the input, then one for each resolution on the path to the last output.

    The shape is that after the layers. Layers that only add or remove borders are left out.
    """
    first, *path = path_to(network.outputs[-1], {})
    found = [(tuple(first[1].shape[1:]), ["input"])]
    for layer, tensor in path:
        shape = tuple(tensor.shape[1:])
        shown = isinstance(layer, keras.layers.Layer) and not isinstance(layer, LEFT_OUT)
        if len(found) > 1 and same_resolution(found[-1][0], shape):
            if shown:
                found[-1][1].append(describe(layer))
            if shown or isinstance(layer, keras.layers.Cropping2D):
                found[-1] = (shape, found[-1][1])
        elif shown:
            found.append((shape, [describe(layer)]))
    return found


def same_resolution(shape: tuple, other: tuple) -> bool:
    """Whether two shapes are equal, or both of images whose sides differ by less than an eighth."""
    if len(shape) == len(other) == 3:
        return abs(shape[0] - other[0]) < max(shape[0], other[0]) / 8
    return shape == other


def describe(layer: keras.layers.Layer) -> str:
    """Class of a layer, with the kernel and the stride of a convolution."""
    text = type(layer).__name__
    kernel, strides = getattr(layer, "kernel_size", None), getattr(layer, "strides", (1, 1))
    if kernel is not None:
        text += " {}x{}".format(*(kernel if isinstance(kernel, tuple) else (kernel, kernel)))
        text += f" stride {max(strides)}" if max(strides) > 1 else ""
    return text


def fold(layers: list[str]) -> str:
    """The layers in one line, with the repetition that covers the most of them written once."""
    candidates = [
        (times * length, length, start)
        for start in range(len(layers))
        for length in range(1, (len(layers) - start) // 2 + 1)
        if (times := repetitions(layers, start, length)) > 1
    ]
    if not candidates:
        return " · ".join(layers)
    covered, length, start = max(candidates, key=lambda found: (found[0], -found[1]))
    unit = " · ".join(layers[start : start + length])
    repeated = f"{covered // length}x {f'({unit})' if length > 1 else unit}"
    around = (fold(layers[:start]), fold(layers[start + covered :]))
    return " · ".join(filter(None, (around[0], repeated, around[1])))


def repetitions(layers: list[str], start: int, length: int) -> int:
    """How often the `length` layers from `start` on follow each other."""
    unit, times = layers[start : start + length], 1
    while layers[start + times * length : start + (times + 1) * length] == unit:
        times += 1
    return times


def draw(network: keras.Model, title: str, image_shape) -> str:
    """A network as an HTML figure: a bar for each resolution, in proportion to its logarithm."""
    network = sized(network, image_shape)
    drawn = stages(network)
    sides = [max(shape[:2]) if len(shape) == 3 else 1 for shape, _ in drawn]
    shares = [math.log2(2 * side) / math.log2(2 * max(sides)) for side in sides]
    lines = "".join(
        f'<li><span class="bar" style="--share: {share:.2f}"></span>'
        f'<span class="shape">{"x".join(map(str, shape))}</span>'
        f'<span class="layers">{html.escape(fold(layers))}</span></li>'
        for share, (shape, layers) in zip(shares, drawn, strict=True)
    )
    caption = f"{title.capitalize()}: {network.count_params():,} weights"
    return f'<figure class="network"><figcaption>{caption}</figcaption><ol>{lines}</ol></figure>'


def architecture(cls: type[keras.Model]) -> str:
    """The networks of a model class with its default arguments, as HTML; empty without networks."""
    model = build(cls)
    shape = getattr(model, "image_shape", None)
    return "\n".join(draw(network, title, shape) for title, network in networks(model).items())
