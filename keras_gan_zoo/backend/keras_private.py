"""Private names of Keras that the package depends on; no other file uses `keras.src` or a private
attribute of a Keras optimizer.

A Keras release may move or rename any of them. Each access then raises an error that names this file
and the missing attribute.
"""

import functools
import importlib

import keras

_FILE = "keras_gan_zoo/backend/keras_private.py"


class PrivateNameError(RuntimeError):
    """A Keras or PyTorch release lacks a private name that this package depends on."""


def _error(name: str) -> PrivateNameError:
    return PrivateNameError(
        f"Keras {keras.__version__} has no `{name}`, which {_FILE} uses. Install a Keras release that "
        "keras_gan_zoo supports, or adapt that file."
    )


def _attribute(owner, name: str):
    """`owner.name`, or an error that names this file."""
    try:
        return getattr(owner, name)
    except AttributeError as error:
        raise _error(f"{type(owner).__name__}.{name}") from error


@functools.cache
def _from_source(module: str, name: str):
    """The object `name` of a module of `keras.src`, or an error that names this file."""
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise _error(f"{module}.{name}") from error


def stateless_scope() -> keras.StatelessScope | None:
    """The innermost active stateless scope."""
    return _from_source("keras.src.backend.common.stateless_scope", "get_stateless_scope")()


def data_adapter(**arguments):
    """The adapter that `fit` makes for the arguments `x`, `y`, `batch_size`, `shuffle` and so on."""
    return _from_source("keras.src.trainers.data_adapters", "get_data_adapter")(**arguments)


def keep_saving_lists() -> None:
    """Keep Keras' lists of the attributes that files leave out, from which it derives one per class.

    Keras 3.15 stores them under another name than it looks them up by. It makes an optimizer for each
    file to derive one again, whose variables on TensorFlow stay in memory.
    """
    state = "keras.src.backend.common.global_state"
    for kind in ("Layer", "Functional", "Sequential", "Metric", "Optimizer"):
        name = f"saving_attr_skiplist_{kind}"
        if _from_source(state, "get_global_attribute")(name) is None:
            names = _from_source("keras.src.saving.saving_lib", "get_attr_skipset")(kind)
            _from_source(state, "set_global_attribute")(name, names)


def narrowed_dtypes() -> dict[str, str]:
    """Keras' mutable table of the 32-bit dtype that replaces each 64-bit dtype on JAX and PyTorch."""
    return _from_source("keras.src.backend.common.dtypes", "BIT64_TO_BIT32_DTYPE")


def optimizer_step(optimizer: keras.optimizers.Optimizer) -> keras.Variable:
    """Number of calls of `apply` so far, not divided by `gradient_accumulation_steps`."""
    return _attribute(optimizer, "_iterations")


def optimizer_targets(optimizer: keras.optimizers.Optimizer) -> list[keras.Variable]:
    """The variables that the optimizer was built for."""
    return _attribute(optimizer, "_trainable_variables")


def learning_rate(optimizer: keras.optimizers.Optimizer):
    """The learning rate's variable, or its schedule where it has one."""
    return _attribute(optimizer, "_learning_rate")


def variable_index(optimizer: keras.optimizers.Optimizer, variable) -> int:
    """Position of `variable` among the variables that the optimizer was built for."""
    return _attribute(optimizer, "_get_variable_index")(variable)


def adam_moments(optimizer: keras.optimizers.Adam, variables) -> list[tuple]:
    """First and second moment of each variable, a pair of `keras.Variable`."""
    first, second = _attribute(optimizer, "_momentums"), _attribute(optimizer, "_velocities")
    return [(first[i], second[i]) for i in (variable_index(optimizer, v) for v in variables)]


def flatten_layers(layer: keras.layers.Layer) -> list[keras.layers.Layer]:
    """The layer and all layers inside it, at any depth."""
    return list(_attribute(layer, "_flatten_layers")())


def following_operations(operation: keras.Operation) -> list[keras.Operation]:
    """Operations that take the outputs of `operation` in functional models."""
    return [node.operation for node in _attribute(operation, "_outbound_nodes")]


def output_in(network: keras.Model, layer: keras.layers.Layer):
    """Symbolic output of a layer in the graph of a functional model.

    `layer.output` of a layer that is a model is the output in its own graph.
    """
    depths = _attribute(network, "_nodes_by_depth").values()
    return next(node.outputs[0] for nodes in depths for node in nodes if node.operation is layer)
