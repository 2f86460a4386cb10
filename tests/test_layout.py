"""Layout of the package: no import cycle, no long file, frameworks in one folder, models apart."""

import ast
import graphlib
from pathlib import Path

import pytest

import keras_gan_zoo
from keras_gan_zoo import registry

PACKAGE = Path(keras_gan_zoo.__file__).parent
SOURCES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
MAX_LINES = 300
# Other modules reach a framework through `keras_gan_zoo.backend`.
FRAMEWORKS = ("tensorflow", "torch", "jax", "jaxlib", "keras.src")
FAMILIES = {"noise_to_image", "image_to_image", "style_transfer"}


def module_name(file):
    """`layers/blur.py` -> `keras_gan_zoo.layers.blur`, `__init__.py` -> its package."""
    return ".".join(["keras_gan_zoo", *Path(file).with_suffix("").parts]).removesuffix(".__init__")


MODULES = {module_name(file): path for file, path in SOURCES.items()}


def is_type_checking(node):
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def imports(node, everywhere=False):
    """Pairs (module, imported name or None) of the import statements below `node`.

    By default only those that run when the module is imported: neither inside functions, which run
    later, nor under `if TYPE_CHECKING`, which never run. `everywhere=True` includes both.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, None) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"relative import: {ast.unparse(child)}"
            yield from ((child.module, alias.name) for alias in child.names)
        elif not everywhere and isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        elif not everywhere and is_type_checking(child):
            for statement in child.orelse:
                yield from imports(statement)
        else:
            yield from imports(child, everywhere)


def dependencies(module):
    """Modules of the package that `module` imports at import time.

    `from keras_gan_zoo.layers import blur` is a dependency on the module `blur`, not on the package
    that contains it: Python can import a submodule of a package that is being initialized.
    """
    for source, name in imports(ast.parse(MODULES[module].read_text())):
        target = f"{source}.{name}" if f"{source}.{name}" in MODULES else source
        if target in MODULES:
            yield target


def assert_no_cycle(graph):
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("import cycle: " + " <- ".join(error.args[1]))


def test_no_cycle_among_modules():
    assert_no_cycle({module: set(dependencies(module)) for module in MODULES})


def test_no_cycle_among_folders():
    """Nor among the folders and modules on the top level, each folder with all its modules."""

    def folder(module):
        return ".".join(module.split(".")[:2])

    graph = {}
    for module in MODULES:
        targets = {folder(target) for target in dependencies(module)}
        graph.setdefault(folder(module), set()).update(targets - {folder(module)})
    assert_no_cycle(graph)


def test_file_length():
    lengths = {file: len(path.read_text().splitlines()) for file, path in SOURCES.items()}
    assert {file: length for file, length in lengths.items() if length > MAX_LINES} == {}


def is_framework(source, name):
    """Whether an import names a framework: `keras.src` as well in `from keras import src`."""
    full = source if name is None else f"{source}.{name}"
    return any(full == framework or full.startswith(f"{framework}.") for framework in FRAMEWORKS)


def test_only_the_backend_folder_names_a_framework():
    found = {
        file
        for file, path in SOURCES.items()
        if any(is_framework(*pair) for pair in imports(ast.parse(path.read_text()), everywhere=True))
    }
    assert {file for file in found if not file.startswith("backend/")} == set()
    assert {"backend/tensorflow.py", "backend/torch.py", "backend/jax.py"} <= found


def test_frameworks_are_recognized():
    tree = ast.parse("def f():\n    from keras import src\nimport torch.nn\nimport torchvision, keras")
    assert [is_framework(*pair) for pair in imports(tree, True)] == [True, True, False, False]
    assert list(imports(tree)) == [("torch.nn", None), ("torchvision", None), ("keras", None)]


def test_models_contains_families_only():
    entries = {path.name for path in (PACKAGE / "models").iterdir()} - {"__pycache__", "__init__.py"}
    assert entries == FAMILIES
    for path in {**registry.MODELS, **registry.STYLE_MODELS}.values():
        module, name = path.split(":")
        assert module.split(".")[:2] == ["keras_gan_zoo", "models"] and module.split(".")[2] in FAMILIES
        assert f"class {name}(" in MODULES[module].read_text()
