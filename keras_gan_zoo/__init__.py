"""GANs for Keras 3, on TensorFlow, JAX and PyTorch.

Importing this package imports neither Keras nor a framework: names are loaded when they are used.
"""

import importlib

from keras_gan_zoo import registry

_SUBPACKAGES = ("callbacks", "data", "layers", "legacy", "losses", "optimizers")


def __getattr__(name: str):
    if name in registry.MODELS:
        return registry.load(registry.MODELS[name])
    if name in _SUBPACKAGES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
