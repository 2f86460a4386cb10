"""Runtimes that run exported files, each in a function that takes NumPy arrays."""

from collections.abc import Mapping

import numpy as np

from keras_gan_zoo.backend import exported


def run(path: str, format: str, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the images of an exported file, on the CPU.

    Args:
        path: the file or folder.
        format: a format of `FORMATS` except `"weights"`.
        inputs: arrays by the name of the input, in the order of the inputs.

    Raises:
        ImportError: the runtime is not installed.
    """
    return _RUNTIMES[format](str(path), dict(inputs))


def _onnx(path, inputs):
    import onnxruntime

    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def _litert(path, inputs):
    from ai_edge_litert.interpreter import Interpreter

    runner = Interpreter(model_path=path).get_signature_runner()
    names = runner.get_input_details()
    if set(names) != set(inputs):  # written on PyTorch, which has no names
        inputs = dict(zip(sorted(names), inputs.values(), strict=True))
    (images,) = runner(**inputs).values()
    return images


def _openvino(path, inputs):
    import openvino

    # Some processors would compute in bfloat16.
    model = openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return model(inputs)[0]


_RUNTIMES = {
    "onnx": _onnx,
    "litert": _litert,
    "openvino": _openvino,
    "saved_model": exported.run_saved_model,
    "torch": exported.run_program,
}
