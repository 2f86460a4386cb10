"""GANs for Keras 3, on TensorFlow, JAX and PyTorch.

Importing this package imports neither Keras nor a framework: names are loaded when they are used.
"""

import importlib
import importlib.abc
import sys

from keras_gan_zoo import registry

_SUBPACKAGES = (
    "augment",
    "callbacks",
    "convert",
    "data",
    "latent",
    "layers",
    "legacy",
    "losses",
    "metrics",
    "optimizers",
    "penalties",
    "plots",
    "training.recipes",
    "schedules",
)

_MODELS = {**registry.MODELS, **registry.STYLE_MODELS, **registry.BASES}

_MODULES = {path.rpartition(".")[2]: path for path in _SUBPACKAGES}

__all__ = [*_MODELS, *_MODULES]


def __getattr__(name: str):
    if name in _MODELS:
        return registry.load(_MODELS[name])
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{_MODULES[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})


class _AfterKeras(importlib.abc.MetaPathFinder):
    """Tells Keras our class names as soon as it is imported.

    `keras.models.load_model` finds a class only if it is registered: Keras refuses to import modules
    that a file names. So `import keras_gan_zoo` has to be enough, and still must not import Keras.
    """

    def find_spec(self, name, path=None, target=None):
        if name != "keras":
            return None
        found = (finder.find_spec(name, path) for finder in sys.meta_path if finder is not self)
        spec = next(filter(None, found), None)
        if spec is not None:
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: self._load(execute, module)
        return spec

    def _load(self, execute, module):
        try:
            execute(module)
        except ImportError as error:
            framework = (error.name or "").partition(".")[0]
            if framework not in ("tensorflow", "jax", "torch"):
                raise
            raise ImportError(
                f"Keras needs {framework}, which cannot be imported. Install it, or set the variable "
                "KERAS_BACKEND to 'tensorflow', 'jax' or 'torch', whichever is installed."
            ) from error
        sys.meta_path.remove(self)
        registry.announce(module)


if "keras" in sys.modules:
    registry.announce(sys.modules["keras"])
else:
    sys.meta_path.insert(0, _AfterKeras())
