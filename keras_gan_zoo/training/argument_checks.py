"""Checks of the arguments of constructors, `compile` and `fit`, before Keras uses them."""

import difflib
import inspect
import os
import warnings
from typing import Any

import keras

from keras_gan_zoo import backend
from keras_gan_zoo.utils import checks, machine

# Arguments that `keras.Model` itself takes.
_KERAS_ARGUMENTS = frozenset({"name", "dtype", "trainable", "autocast", "activity_regularizer"})
# The counterpart of an argument of `keras.Model.compile`.
_COMPILE_ALTERNATIVES = {
    "optimizer": "The two sides have one optimizer each: pass `d_opt` and `g_opt`.",
    "loss": "Pass `losses`, such as losses='hinge'.",
    "loss_weights": "Pass the weights in `losses`, such as losses={'adversarial': 'hinge', ...}.",
    "weighted_metrics": "Pass `metrics`.",
}
_WEIGHTS = ("class_weight", "sample_weight")


def check_constructor(model: Any, keras_arguments: dict[str, Any]) -> None:
    """Refuse keyword arguments that neither the model's class nor `keras.Model` takes.

    Args:
        model: the object under construction.
        keras_arguments: the keyword arguments that its class passes on to `keras.Model`.

    Raises:
        TypeError: an unknown argument; the message lists the known ones.
    """
    unknown = {name: v for name, v in keras_arguments.items() if name not in _KERAS_ARGUMENTS}
    if unknown:
        _refuse(type(model).__name__, unknown, constructor_arguments(type(model)) | {"name", "dtype"})


def constructor_arguments(model_class: type) -> set[str]:
    """Return the names of the constructor arguments of a model class and its bases outside Keras."""
    names = set()
    for cls in model_class.__mro__:
        if "__init__" in vars(cls) and cls.__module__.partition(".")[0] not in ("keras", "builtins"):
            parameters = inspect.signature(cls.__init__).parameters.values()
            names |= {p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
    return names - {"self"}


def check_compile(model: Any, unknown: dict[str, Any]) -> None:
    """Refuse keyword arguments that `compile` of an adversarial model does not have.

    Raises:
        TypeError: an unknown argument; the message names its counterpart or the known arguments.
    """
    for name in unknown:
        if name in _COMPILE_ALTERNATIVES:
            raise TypeError(
                f"`{type(model).__name__}.compile` has no argument `{name}`. "
                f"{_COMPILE_ALTERNATIVES[name]} Received: {name}={unknown[name]!r}."
            )
    if unknown:
        known = inspect.signature(type(model).compile).parameters.values()
        names = {p.name for p in known if p.kind != p.VAR_KEYWORD} - {"self"}
        _refuse(f"{type(model).__name__}.compile", unknown, names)


def _refuse(function, unknown, known):
    name, value = next(iter(unknown.items()))
    similar = difflib.get_close_matches(name, sorted(known), 1)
    suggestion = f" Did you mean `{similar[0]}`?" if similar else ""
    raise TypeError(
        f"`{function}` has no argument `{name}`. Received: {name}={value!r}.{suggestion} "
        f"Known arguments: {', '.join(sorted(known))}."
    )


def check_fit(
    model: Any, x: Any, batch_size: Any, epochs: Any, keras_arguments: dict[str, Any]
) -> None:
    """Refuse arguments of `fit` that Keras accepts or reports in terms of its internals.

    Args:
        model: the model that is trained.
        x, batch_size, epochs: arguments of `fit`.
        keras_arguments: the other keyword arguments of `fit`.

    Raises:
        ValueError: `batch_size` is not positive, `epochs` is negative, there are class or sample
            weights, or `x` is neither an array nor a source of batches.
    """
    if batch_size is not None:
        checks.positive_integer("batch_size", batch_size)
    checks.non_negative_integer("epochs", epochs, example=10)
    for name in _WEIGHTS:
        if keras_arguments.get(name) is not None:
            raise ValueError(
                f"Argument `{name}` must be None: adversarial losses do not weight images. Received: a "
                f"{type(keras_arguments[name]).__name__}. Repeat images in the data to give them more "
                "weight."
            )
    _check_source(x, getattr(model, "halves", None))


def _check_source(x, halves):
    loader = "load(..., image_size=64)" if halves is None else "paired(...)` or `unpaired(...)"
    if isinstance(x, str | os.PathLike):
        raise ValueError(
            f"Argument `x` must be an array or a dataset, not a path or a name. Received: x={x!r}. "
            f"Load the images with `keras_gan_zoo.data.{loader}` and pass the result."
        )
    if isinstance(x, tuple | list):
        arrays = len(x) == 2 and all(hasattr(item, "shape") for item in x)
        way_out = (
            "Pass the two arrays as two arguments, `fit(x, y)`"
            if arrays and isinstance(x, tuple)
            else "Pass one array, such as `np.stack(images)`, or two, `fit(x, y)`"
        )
        raise ValueError(
            f"Argument `x` must be an array or a dataset. Received: a {type(x).__name__} of {len(x)}. "
            f"{way_out}."
        )
    if x is not None and (isinstance(x, dict) or not (hasattr(x, "shape") or _is_iterable(x))):
        raise ValueError(
            "Argument `x` must be an array, a `tf.data.Dataset`, a `keras.utils.PyDataset`, a torch "
            f"`DataLoader` or a generator. Received: an object of type {type(x).__name__}."
        )


def _is_iterable(x):
    return hasattr(x, "__iter__") or hasattr(x, "__getitem__")


def warn_of_slow_precision(policy: keras.DTypePolicy) -> None:
    """Warn the caller of `compile` that a processor without bfloat16 units is slow in it."""
    uses_processor = policy.compute_dtype == "bfloat16" and not backend.has_accelerator()
    if uses_processor and machine.lacks_bfloat16():
        warnings.warn(
            f"This processor has no bfloat16 units: {policy.name!r} is slower than 'float32' on it.",
            stacklevel=3,
        )
