"""The models by name. The command line, the contract tests and the README's table read this."""

import importlib

MODELS: dict[str, str] = {
    "GAN": "keras_gan_zoo.models.gan:GAN",
    "DCGAN": "keras_gan_zoo.models.dcgan:DCGAN",
}


def load(path: str):
    """The object that `"module:name"` stands for."""
    module, name = path.split(":")
    return getattr(importlib.import_module(module), name)


def load_all() -> None:
    """Import every module that registers classes with Keras, so that saved models open."""
    for module in ("keras_gan_zoo.layers", "keras_gan_zoo.losses"):
        importlib.import_module(module)
    for path in MODELS.values():
        load(path)
