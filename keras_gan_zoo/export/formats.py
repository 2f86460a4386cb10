"""The formats of `export`, what each needs, and why a backend has none; without importing Keras."""

import importlib.util
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

_NOTHING = ("", ())


class Format(NamedTuple):
    """A format of `export`.

    Args:
        suffix: how the names of its files end; "" for a folder.
        writers: backend to the extra of this package and the modules that writing needs.
        runtime: module that runs the files, or None.
        extra: extra of this package that installs the runtime.
    """

    suffix: str
    writers: Mapping[str, tuple[str, tuple[str, ...]]]
    runtime: str | None = None
    extra: str = ""


FORMATS = MappingProxyType(
    {
        "onnx": Format(
            ".onnx",
            {
                "tensorflow": ("onnx", ("tf2onnx", "onnx")),
                "jax": ("onnx-jax", ("jax2onnx", "onnx")),
                "torch": ("onnx", ("onnx",)),
            },
            "onnxruntime",
            "onnx",
        ),
        "litert": Format(
            ".tflite",
            {"tensorflow": _NOTHING, "torch": ("litert-torch", ("litert_torch",))},
            "ai_edge_litert",
            "litert",
        ),
        "saved_model": Format("", {"tensorflow": _NOTHING, "jax": ("", ("tensorflow",))}, "tensorflow"),
        "openvino": Format(
            ".xml",
            dict.fromkeys(("tensorflow", "torch"), ("openvino", ("openvino",))),
            "openvino",
            "openvino",
        ),
        "torch": Format(".pt2", {"torch": _NOTHING}, "torch"),
        "weights": Format(".weights.h5", dict.fromkeys(("tensorflow", "jax", "torch"), _NOTHING)),
    }
)

# Why Keras 3.15 cannot write a format on a backend.
REASONS = MappingProxyType(
    {
        ("litert", "jax"): "Keras converts to LiteRT from TensorFlow and PyTorch only",
        ("saved_model", "torch"): "Keras needs torch-xla, whose last release 2.9 is for PyTorch 2.9 "
        "(keras-team/keras#20685)",
        ("openvino", "jax"): "Keras uses an option of jax2tf that JAX has removed "
        "(keras-team/keras#22443)",
        ("torch", "tensorflow"): "only PyTorch can trace a network for PyTorch "
        "(keras-team/keras#22797)",
        ("torch", "jax"): "only PyTorch can trace a network for PyTorch (keras-team/keras#22797)",
    }
)

# Format and backend of files that take one image at a time (keras-team/keras#22996).
ONE_IMAGE = ("litert", "torch")


def check_path(path: Path, format: str) -> None:
    """Raise ValueError unless the name of a file fits the format."""
    suffix = FORMATS[format].suffix
    if not path.name.endswith(suffix) or path.name == suffix:
        raise ValueError(
            f"Argument `filepath` must end in {suffix} with format={format!r}. Received: "
            f"filepath={str(path)!r}."
        )


def check_backend(format: str, backend: str) -> None:
    """Check that Keras can write a format on a backend.

    Raises:
        ValueError: it cannot; the message names the backends that can.
        ImportError: a package is missing; the message has the command that installs it.
    """
    writers = FORMATS[format].writers
    if backend not in writers:
        raise ValueError(
            f"Argument `format` must not be {format!r} on the backend {backend}: "
            f"{REASONS[format, backend]}. Models open on every backend: use {' or '.join(writers)} "
            "(KERAS_BACKEND, or --backend on the command line)."
        )
    extra, modules = writers[backend]
    missing = [module for module in modules if not is_installed(module)]
    if missing:
        package = f'"keras-gan-zoo[{extra}]"' if extra else missing[0]
        raise ImportError(
            f"The export to {format!r} on the backend {backend} needs {' and '.join(missing)}. Install "
            f"with `pip install {package}`."
        )


def is_installed(module: str) -> bool:
    """Whether a module can be imported."""
    return importlib.util.find_spec(module) is not None
