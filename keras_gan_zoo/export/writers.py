"""Files of exported networks: `keras.Model.export`, then the names that it leaves out."""

import contextlib
import logging
import os
import warnings
from pathlib import Path

import keras

from keras_gan_zoo.backend import exported
from keras_gan_zoo.export.graphs import Graph, one_or_list

_NAMES_IN_KERAS = {"saved_model": "tf_saved_model"}


def write(graph: Graph, path: str, format: str, uint8: bool) -> None:
    """Write the network of a graph.

    Args:
        graph: the network.
        path: the file or folder.
        format: a format of `FORMATS` except `"weights"`.
        uint8: see `Graph.network`.

    Raises:
        RuntimeError: the converter failed.
    """
    backend = keras.backend.backend()
    # Of these formats, Keras takes the names of outputs from a dict.
    network = graph.network(uint8, format in ("saved_model", "litert") and backend != "torch")
    if backend == "torch":
        exported.store_contiguously(network)
    options = exported.dynamic_batch(network.inputs) if format == "torch" else {}
    try:
        with _quiet():
            network(one_or_list(graph.example))  # Keras exports networks that have been called
            name = _NAMES_IN_KERAS.get(format, format)
            network.export(path, format=name, verbose=False, **options)
            if format in _NAMERS:
                _NAMERS[format](path, network, graph.output)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # each converter has its own types
        raise RuntimeError(
            f"Keras cannot export this network to {format!r} on the backend {backend}: {error}"
        ) from error


@contextlib.contextmanager
def _quiet():
    """Silence what converters say about their own code."""
    loggers = [logging.getLogger(name) for name in ("tf2onnx", "tensorflow", "absl")]
    levels = [logger.level for logger in loggers]
    with warnings.catch_warnings(), open(os.devnull, "w") as sink, contextlib.redirect_stdout(sink):
        warnings.simplefilter("ignore")
        try:
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
        finally:
            for logger, level in zip(loggers, levels, strict=True):
                logger.setLevel(level)


def _name_onnx(path, network, output):
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for value in graph.input:
        value.type.tensor_type.shape.dim[0].dim_param = "batch"
    graph.node.append(onnx.helper.make_node("Identity", [graph.output[0].name], [output]))
    shape = ["batch", *network.outputs[0].shape[1:]]
    element = graph.output[0].type.tensor_type.elem_type
    del graph.output[:]
    graph.output.append(onnx.helper.make_tensor_value_info(output, element, shape))
    onnx.save(model, path)
    Path(f"{path}.data").unlink(missing_ok=True)  # weights that jax2onnx kept apart


def _name_openvino(path, network, output):
    import openvino

    model = openvino.Core().read_model(path)
    shapes = {}
    for port, tensor in zip(model.inputs, network.inputs, strict=True):
        port.get_node().set_friendly_name(tensor.name)
        port.tensor.set_names({tensor.name})
        shapes[tensor.name] = [-1 if side is None else side for side in tensor.shape]
    model.outputs[0].tensor.set_names({output})
    model.reshape(shapes)
    folder = Path(path).parent / "named"  # the weights of the first file are in use
    folder.mkdir()
    openvino.serialize(model, folder / Path(path).name)
    for file in folder.iterdir():
        file.replace(Path(path).parent / file.name)
    folder.rmdir()


_NAMERS = {"onnx": _name_onnx, "openvino": _name_openvino}
