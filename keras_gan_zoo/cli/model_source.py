"""Arguments of the models' constructors, read from the source files: importing them would import Keras.

The checks are those that the constructor makes at the top level of `__init__`, such as
`checks.positive_integer("width", width)`. All others are left to the constructor.
"""

import ast
import dataclasses
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras_gan_zoo
from keras_gan_zoo import registry
from keras_gan_zoo.utils import checks

_PACKAGE = "keras_gan_zoo"
_TYPES = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "str": (str,),
    "tuple": (tuple, list),
    "list": (tuple, list),
    "None": (type(None),),
}


class _NotLiteralError(ValueError):
    """The value of an expression is not in the source."""


@dataclasses.dataclass(frozen=True)
class Argument:
    """An argument of a constructor.

    Args:
        types: types of its annotation; None if they are not built-in.
        description: the annotation, for messages.
        check: function of the value that raises ValueError, or None.
    """

    types: tuple[type, ...] | None
    description: str
    check: Callable[[Any], Any] | None

    def validate(self, name: str, value: Any) -> None:
        """Raise ValueError unless `value` has the type of the annotation and passes the check."""
        if self.types is not None:
            is_bool = isinstance(value, bool)
            if not isinstance(value, self.types) or (is_bool and bool not in self.types):
                raise ValueError(
                    f"Argument `{name}` must be of the type {self.description}. Received: "
                    f"{name}={value}."
                )
        if self.check is not None and value is not None:
            self.check(value)


@dataclasses.dataclass(frozen=True)
class ModelSource:
    """A model class as its source describes it.

    Args:
        name: name of the class.
        summary: first line of its docstring.
        bases: names of its base classes in this package.
        arguments: arguments of its constructor and of those of its bases.
        attributes: literal class attributes, such as `needs_labels`.
    """

    name: str
    summary: str
    bases: frozenset[str]
    arguments: dict[str, Argument]
    attributes: dict[str, Any]


@functools.cache
def read(name: str) -> ModelSource:
    """Read the source of a model of the registry."""
    module, _, _ = {**registry.MODELS, **registry.STYLE_MODELS}[name].partition(":")
    classes = list(_classes(_module(module), name))
    arguments, attributes = {}, {}
    for module, node in reversed(classes):
        attributes |= _attributes(module, node)
        for key, argument in _arguments(module, node).items():
            inherited = arguments[key].check if key in arguments else None
            arguments[key] = dataclasses.replace(argument, check=argument.check or inherited)
    summary = ast.get_docstring(classes[0][1]).splitlines()[0]
    bases = frozenset(node.name for _, node in classes[1:])
    return ModelSource(name, summary, bases, arguments, attributes)


class _Module:
    """Names that a module defines or imports from this package."""

    def __init__(self, name: str):
        path = Path(keras_gan_zoo.__file__).parent.joinpath(*name.split(".")[1:])
        path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        self.imports, self.definitions = {}, {}
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ImportFrom):
                self.imports |= {
                    alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names
                }
            elif isinstance(node, ast.ClassDef):
                self.definitions[node.name] = node
            else:
                self.definitions |= {target: node.value for target in _targets(node)}

    def value(self, node: ast.expr) -> Any:
        """Return the value of a literal, of constants, or of a tuple of both; of a dict, its keys."""
        if isinstance(node, ast.Dict):
            return tuple(self.value(key) for key in node.keys)
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(self._items(node))
        if isinstance(node, ast.Name):
            module, definition = self.find(node.id)
            return module.value(definition)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, definition = _module(self.imports.get(node.value.id, "")).find(node.attr)
            return module.value(definition)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, AttributeError) as error:
            raise _NotLiteralError from error

    def _items(self, node):
        for item in node.elts:
            if isinstance(item, ast.Starred):
                yield from self.value(item.value)
            else:
                yield self.value(item)

    def find(self, name: str) -> tuple["_Module", Any]:
        """Return the module that defines a name, and the definition."""
        if name in self.definitions:
            return self, self.definitions[name]
        path, _, attribute = self.imports.get(name, "").rpartition(".")
        return _module(path).find(attribute)


@functools.cache
def _module(name: str) -> _Module:
    if not name.startswith(f"{_PACKAGE}."):
        raise _NotLiteralError
    return _Module(name)


def _targets(node) -> list[str]:
    targets = getattr(node, "targets", [getattr(node, "target", None)])
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _classes(module: _Module, name: str) -> Iterator[tuple[_Module, ast.ClassDef]]:
    """Yield a class and its bases in this package, the class first."""
    module, node = module.find(name)
    yield module, node
    for base in node.bases:
        if isinstance(base, ast.Name):
            yield from _classes(module, base.id)


def _attributes(module, node) -> dict[str, Any]:
    attributes = {}
    for statement in node.body:
        for target in _targets(statement):
            try:
                attributes[target] = module.value(statement.value)
            except (_NotLiteralError, OSError):
                attributes.pop(target, None)
    return attributes


def _arguments(module, node) -> dict[str, Argument]:
    functions = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    constructor = next((item for item in functions if item.name == "__init__"), None)
    if constructor is None:
        return {}
    calls = _checks(module, constructor)
    declared = [*constructor.args.args, *constructor.args.kwonlyargs][1:]  # without self
    return {
        argument.arg: Argument(
            _types(argument.annotation),
            ast.unparse(argument.annotation) if argument.annotation else "",
            calls.get(argument.arg),
        )
        for argument in declared
    }


def _types(annotation) -> tuple[type, ...] | None:
    if isinstance(annotation, ast.BinOp):
        left, right = _types(annotation.left), _types(annotation.right)
        return None if left is None or right is None else left + right
    if isinstance(annotation, ast.Subscript):
        return _types(annotation.value)
    return None if annotation is None else _TYPES.get(ast.unparse(annotation))


def _checks(module, constructor) -> dict[str, Callable[[Any], Any]]:
    """Return the checks of `utils.checks` that a constructor applies to its unchanged arguments."""
    bound = {}
    for statement in constructor.body:
        call = getattr(statement, "value", None)
        if not (isinstance(call, ast.Call) and ast.unparse(call.func).startswith("checks.")):
            continue
        if len(call.args) < 2:
            continue
        name, value, *rest = call.args
        if isinstance(name, ast.Constant) and isinstance(value, ast.Name) and name.value == value.id:
            check = _bind(module, getattr(checks, call.func.attr), name.value, rest)
            bound |= {} if check is None else {name.value: check}
    return bound


def _bind(module, check, name, rest):
    """Return a check of the value alone; None if another argument is not in the source."""
    try:
        rest = [module.value(node) for node in rest]
    except (_NotLiteralError, OSError):
        return None
    return lambda value: check(name, value, *rest)
