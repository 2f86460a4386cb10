"""Weights of Keras networks for PyTorch modules."""

import re

import keras
import numpy as np
from tools import values


def in_order(network, kind):
    """Layers of a class in the order of their construction, which Keras counts in their names."""
    layers = [layer for layer in network.layers if isinstance(layer, kind)]
    return sorted(layers, key=lambda layer: int(re.search(r"(_\d+|)$", layer.name)[0].strip("_") or 0))


def randomized(layer, rng, spread=0.3):
    """The layer's weights, after random numbers were added to them."""
    for weight in layer.weights:
        noise = spread * rng.standard_normal(weight.shape).astype("float32")
        weight.assign(1.0 + abs(noise) if "variance" in weight.name else weight + noise)
    return values(layer.weights)


def as_torch(array):
    """A kernel in the order of PyTorch."""
    import torch

    order = {2: (1, 0), 4: (3, 2, 0, 1)}.get(array.ndim, range(array.ndim))
    return torch.from_numpy(array.transpose(order).copy())


def transplant_in_order(network, module, seed=0):
    """Copy random weights into a module whose layers are constructed in the same order."""
    from torch import nn

    rng = np.random.default_rng(seed)
    kinds = {
        keras.layers.Conv2D: nn.Conv2d,
        keras.layers.Dense: nn.Linear,
        keras.layers.BatchNormalization: nn.BatchNorm2d,
    }
    for kind, other in kinds.items():
        theirs = [each for each in module.modules() if isinstance(each, other)]
        for layer, each in zip(in_order(network, kind), theirs, strict=True):
            tensors = [t for t in each.state_dict().values() if t.is_floating_point()]
            for array, tensor in zip(randomized(layer, rng, 0.1), tensors, strict=True):
                tensor.copy_(as_torch(array))
