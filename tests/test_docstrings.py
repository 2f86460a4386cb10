"""Docstrings of the public names: the API reference of the documentation has nothing else."""

import importlib
import inspect
import re
from pathlib import Path

import docstrings
import keras
import pytest
from public_names import MODULES, TOP_LEVEL, public_names

import keras_gan_zoo as kgz
from keras_gan_zoo import registry

pytestmark = pytest.mark.full_matrix  # nothing in it depends on the backend

PUBLIC = {f"kgz.{name}": getattr(kgz, name) for name in TOP_LEVEL} | {
    f"kgz.{folder}.{name}": getattr(importlib.import_module(module), name)
    for folder, module in MODULES.items()
    for name in public_names(module)
}


def parameters(value):
    """Names of the arguments of a function, or of the constructor of a class if it has its own."""
    function = vars(value).get("__init__") if isinstance(value, type) else value
    if function is None:
        return []
    kinds = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
    found = inspect.signature(function).parameters.values()
    return [each.name for each in found if each.name != "self" and each.kind not in kinds]


def test_public_names():
    assert len(PUBLIC) > 150
    assert {"kgz.DCGAN", "kgz.data.load", "kgz.callbacks.Checkpoint", "kgz.losses.Hinge"} <= set(PUBLIC)
    assert "kgz.losses.batch_mean" not in PUBLIC  # imported, not offered


def documented(value):
    """Names of the entries of the section `Args:` of a docstring, which must exist."""
    section = re.search(r"^Args:\n((?: .*\n?|\n)+)", inspect.cleandoc(value.__doc__), re.MULTILINE)
    entries = re.findall(r"^    (\S[^:]*):", section[1], re.MULTILINE) if section else []
    return re.findall(r"\w+", " ".join(entries))


def test_arguments_are_documented():
    missing = {name: set(parameters(value)) - set(documented(value)) for name, value in PUBLIC.items()}
    assert {name: arguments for name, arguments in missing.items() if arguments} == {}


def test_methods_have_docstrings():
    """All public methods and properties but those that Keras' classes have."""
    missing = set()
    for cls in filter(inspect.isclass, PUBLIC.values()):
        own = [base for base in cls.__mro__ if base.__module__.startswith("keras_gan_zoo")]
        inherited = [keras.Model, *(base for base in cls.__mro__ if base not in own)]
        for base in own:
            for name, value in vars(base).items():
                if name.startswith("_") or any(hasattr(other, name) for other in inherited):
                    continue
                member = isinstance(value, property | classmethod) or inspect.isfunction(value)
                if member and not inspect.getdoc(getattr(base, name)):
                    missing.add(f"{base.__name__}.{name}")
    assert sorted(missing) == []


def test_pages_of_models():
    """Each model has a page, linked from the overview, and its docstring yields the page's sections."""
    folder = Path(__file__).parents[1] / "docs" / "models"
    overview = (folder / "index.md").read_text(encoding="utf-8").splitlines()
    for name in registry.ALL_MODELS:
        page = (folder / f"{name.lower()}.md").read_text(encoding="utf-8")
        assert page.startswith(f"# {name}\n") and name.lower() in overview
        found = docstrings.parts(getattr(kgz, name).__doc__)
        assert found["differences"] and "import keras_gan_zoo as kgz\n" in found["example"]
        assert "Args:" in found["rest"] and "Example" not in found["rest"]


def test_docstrings_become_restructuredtext():
    text = "Images (n, *shape), `2**k`.\n\nRun:\n\n    make docs\n\nLogs: `loss`.\n\nArgs:\n    x: one."
    wanted = text.replace("*shape", "\\*shape").replace("Run:", "Run::").replace("Logs:", "**Logs**:")
    assert docstrings.to_rst(text) == wanted
