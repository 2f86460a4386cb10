"""Rebuild a discriminator with another normalization, minibatch statistics or last layer."""

import keras

from keras_gan_zoo import layers

NORMS = {
    "batch": layers.BatchNormalization,
    "layer": layers.LayerNormalization,
    "instance": layers.InstanceNormalization,
    "group": layers.GroupNormalization,
    "spectral": None,
    "none": None,
}
MINIBATCH = {"stddev": layers.MinibatchStdDev, "discrimination": layers.MinibatchDiscrimination}
OUTPUTS = {"san": layers.SANDense}
_SPECTRAL = {
    keras.layers.Dense: layers.SpectralDense,
    keras.layers.Conv2D: layers.SpectralConv2D,
    keras.layers.Embedding: layers.SpectralEmbedding,
}


def remodel(
    network: keras.Model,
    norm: str | None = None,
    minibatch: str | None = None,
    output: str | None = None,
) -> keras.Model:
    """Rebuild a discriminator, with new weights, as the arguments require.

    Args:
        network: a discriminator, `Sequential` or functional.
        norm: replacement for batch normalization, see `NoiseToImage`. With `"none"` and `"spectral"`,
            dense layers and convolutions get the biases that batch normalization made redundant.
            Defaults to None: no change.
        minibatch: minibatch layer to insert, see `NoiseToImage`. Defaults to None: no change.
        output: last layer, `d_output` of `NoiseToImage`. Defaults to None: no change.

    Returns:
        The rebuilt network, or `network` itself if all arguments are None.

    Raises:
        ValueError: the network has no normalization to replace; or has layers with an equalized
            learning rate, which exclude spectral normalization; or is not `Sequential`, which
            `minibatch` and `output` require.
    """
    if norm is not None:
        network = _with_norm(network, norm)
    if minibatch is not None:
        network = _with_minibatch(network, minibatch)
    return network if output is None else _with_output(network, output)


def _with_norm(network, norm):
    replacement = NORMS[norm]
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if replacement is not None and not norms:
        raise ValueError(
            f"Argument `d_norm` can be 'none' or 'spectral' here, because {network.name!r} has no "
            f"normalization to replace. Received: d_norm={norm!r}."
        )

    def rebuild(layer):
        config = layer.get_config()
        if layer in norms:
            name = {"name": layer.name}
            return keras.layers.Identity(**name) if replacement is None else replacement(**name)
        if norm == "spectral" and isinstance(layer, (layers.EqualizedDense, layers.EqualizedConv2D)):
            raise ValueError(
                f"Argument `d_norm` must be None or 'none' here: {network.name!r} has layers with an "
                "equalized learning rate, which already scale their weights. Received: "
                f"d_norm={norm!r}. To regularize it, pass `penalties=['r1']` to `compile`."
            )
        kind = next((kind for kind in _SPECTRAL if isinstance(layer, kind)), None)
        if kind is not None and replacement is None:
            if "use_bias" in config:
                config["use_bias"] = True
            return (_SPECTRAL[kind] if norm == "spectral" else type(layer)).from_config(config)
        return type(layer).from_config(config)

    if isinstance(network, keras.Sequential):
        return keras.models.clone_model(network, clone_function=rebuild)
    return keras.models.clone_model(network, clone_function=rebuild, call_function=_unmasked)


def _unmasked(layer, *arguments, mask=None, **named):
    """Call a layer without the mask of batch normalization, which its replacements do not accept."""
    return layer(*arguments, **named)


def _with_minibatch(network, minibatch):
    _check_sequential(network, "minibatch", minibatch, MINIBATCH)
    flatten = [i for i, layer in enumerate(network.layers) if isinstance(layer, keras.layers.Flatten)]
    before_last = len(network.layers) - 1
    index = flatten[-1] if flatten and flatten[-1] > 0 and minibatch == "stddev" else before_last
    stack = _copies(network)
    stack.insert(index, MINIBATCH[minibatch]())
    return keras.Sequential([keras.Input(network.input_shape[1:]), *stack], name=network.name)


def _with_output(network, output):
    _check_sequential(network, "d_output", output, OUTPUTS)
    *stack, last = _copies(network)
    if not isinstance(last, keras.layers.Dense) or last.units != 1:
        raise ValueError(
            "Argument `d_output` must be None for a discriminator that does not end in a "
            f"`keras.layers.Dense(1)`. Received: d_output={output!r} and the last layer {last.name!r}."
        )
    stack.append(OUTPUTS[output](kernel_initializer=last.kernel_initializer))
    return keras.Sequential([keras.Input(network.input_shape[1:]), *stack], name=network.name)


def _copies(network):
    return [type(layer).from_config(layer.get_config()) for layer in network.layers]


def _check_sequential(network, argument, value, options):
    if not isinstance(network, keras.Sequential):
        raise ValueError(
            f"Argument `{argument}` must be None for this model, whose discriminator is not "
            f"`Sequential`. Received: {argument}={value!r}. Add "
            f"`keras_gan_zoo.layers.{options[value].__name__}` in `make_discriminator` instead."
        )
