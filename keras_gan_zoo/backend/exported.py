"""Exported files of TensorFlow and PyTorch, on any backend on which the framework is installed."""

import numpy as np


def run_saved_model(path, inputs):
    import tensorflow as tf

    signature = tf.saved_model.load(path).signatures["serving_default"]
    (images,) = signature(**{name: tf.constant(value) for name, value in inputs.items()}).values()
    return images.numpy()


def run_program(path, inputs):
    import torch

    tensors = [torch.from_numpy(np.array(value)) for value in inputs.values()]
    with torch.no_grad():
        return torch.export.load(path).module()(tensors[0] if len(tensors) == 1 else tensors).numpy()


def store_contiguously(network):
    """Store the weights of a network on PyTorch in the order of their axes.

    litert-torch reads the memory of a kernel that is stored as it is convolved, but not its strides.
    """
    for variable in network.variables:
        variable.value.data = variable.value.data.contiguous()


def dynamic_batch(inputs):
    """The options of `keras.Model.export` to PyTorch that leave the batch size open."""
    import torch

    batch = {0: torch.export.Dim("batch", min=1)}
    shapes = [batch] * len(inputs)
    return {"dynamic_shapes": [(shapes if len(inputs) > 1 else batch,)]}
