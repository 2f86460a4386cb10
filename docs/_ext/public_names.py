"""The public names of the package: what the API reference lists and tests/test_docstrings.py checks."""

import ast
import importlib
import inspect

import keras_gan_zoo

MODULES = {name: f"keras_gan_zoo.{path}" for name, path in keras_gan_zoo._MODULES.items()}
TOP_LEVEL = sorted(set(keras_gan_zoo.__all__) - set(MODULES))


def public_names(module: str) -> list[str]:
    """Names of the public classes and functions of a module, sorted.

    Those of `__all__`; without it those that the module defines, or imports as themselves
    (`from package import name as name`).
    """
    imported = importlib.import_module(module)
    names = getattr(imported, "__all__", None)
    if names is None:
        names = []
        for node in ast.parse(inspect.getsource(imported)).body:
            if isinstance(node, ast.ImportFrom):
                names += [alias.name for alias in node.names if alias.asname == alias.name]
            elif isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                names.append(node.name)
    return sorted(name for name in names if callable(getattr(imported, name)))
