"""A discriminator made anew with another normalization, or with an eye for the variety of a batch."""

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
_SPECTRAL = {
    keras.layers.Dense: layers.SpectralDense,
    keras.layers.Conv2D: layers.SpectralConv2D,
    keras.layers.Embedding: layers.SpectralEmbedding,
}


def remodel(network: keras.Model, norm: str | None = None, minibatch: str | None = None) -> keras.Model:
    """`network`, or one like it with new weights where something is asked for.

    Args:
        network: a discriminator, `Sequential` or functional.
        norm: see `NoiseToImage`. Its batch normalization makes place for the one of this name. Where
            none follows, dense layers and convolutions have biases, whose part it had played.
        minibatch: see `NoiseToImage`.

    Raises:
        ValueError: the network has no normalization to replace, or layers that scale their weights in
            a way of their own, or is not `Sequential` and so has no one place where the variety of the
            batch can be looked at.
    """
    if norm is not None:
        network = _with_norm(network, norm)
    return network if minibatch is None else _with_minibatch(network, minibatch)


def _with_norm(network, norm):
    replaced = NORMS[norm]
    known = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    if replaced is not None and not known:
        raise ValueError(
            f"Argument `d_norm` can be 'none' or 'spectral' here: there is no normalization in "
            f"{network.name!r} that others could replace. Received: d_norm={norm!r}."
        )

    def anew(layer):
        config = layer.get_config()
        if layer in known:
            name = {"name": layer.name}
            return keras.layers.Identity(**name) if replaced is None else replaced(**name)
        if norm == "spectral" and isinstance(layer, (layers.EqualizedDense, layers.EqualizedConv2D)):
            raise ValueError(
                f"Argument `d_norm` must be None or 'none' here: {network.name!r} has layers of an "
                "equalized learning rate, which scale their weights already. Received: "
                f"d_norm={norm!r}. Against a steep discriminator pass `penalties=['r1']` to `compile`."
            )
        kind = next((kind for kind in _SPECTRAL if isinstance(layer, kind)), None)
        if kind is not None and replaced is None:
            if "use_bias" in config:
                config["use_bias"] = True
            return (_SPECTRAL[kind] if norm == "spectral" else type(layer)).from_config(config)
        return type(layer).from_config(config)

    if isinstance(network, keras.Sequential):
        return keras.models.clone_model(network, clone_function=anew)
    return keras.models.clone_model(network, clone_function=anew, call_function=_unmasked)


def _unmasked(layer, *arguments, mask=None, **named):
    """The layer's outputs: batch normalization was called with a mask, its successors take none."""
    return layer(*arguments, **named)


def _with_minibatch(network, minibatch):
    if not isinstance(network, keras.Sequential):
        raise ValueError(
            f"Argument `minibatch` must be None for this model. Received: minibatch={minibatch!r}. Its "
            "discriminator is not `Sequential`; put the layer in `make_discriminator` yourself: "
            f"`keras_gan_zoo.layers.{MINIBATCH[minibatch].__name__}`."
        )
    found = list(network.layers)
    flatten = [i for i, layer in enumerate(found) if isinstance(layer, keras.layers.Flatten)]
    before_last = len(found) - 1
    at = flatten[-1] if flatten and flatten[-1] > 0 and minibatch == "stddev" else before_last
    anew = [type(layer).from_config(layer.get_config()) for layer in found]
    anew.insert(at, MINIBATCH[minibatch]())
    return keras.Sequential([keras.Input(network.input_shape[1:]), *anew], name=network.name)
