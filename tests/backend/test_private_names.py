"""Private names of Keras and PyTorch: available, used in one file each, with clear errors."""

import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tools import BACKEND, values

from keras_gan_zoo import backend
from keras_gan_zoo.backend import keras_private
from keras_gan_zoo.backend.keras_private import PrivateNameError
from keras_gan_zoo.optimizers import ScheduledAdam

ROOT = Path(__file__).parents[2]
KERAS_FILE = "keras_gan_zoo/backend/keras_private.py"
TORCH_FILE = "keras_gan_zoo/backend/torch_private.py"
# Attributes of Keras optimizers and layers that some Keras release may rename.
KERAS_NAMES = (
    r"(?<!\w)keras\.src(?!\w)(?!\")",
    r"\._momentums\b",
    r"\._velocities\b",
    r"\._get_variable_index\b",
    r"\._iterations\b",
    r"\._learning_rate\b",
    r"(?<!self)\._trainable_variables\b",
    r"\._flatten_layers\b",
    r"\._outbound_nodes\b",
)
TORCH_NAMES = (r"torch\._[a-z]\w*",)


def adam():
    variable = keras.Variable(np.ones(3, "float32"))
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build([variable])
    return optimizer, variable


def network():
    inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.ReLU()])
    return keras.Sequential([keras.Input((2,)), inner])


@pytest.mark.parametrize(
    ("names", "file"), [(KERAS_NAMES, KERAS_FILE), (TORCH_NAMES, TORCH_FILE)], ids=["keras", "torch"]
)
def test_private_names_are_used_in_one_file(names, file):
    # The checkpoint reader compares names of PyTorch functions and does not use the functions.
    exempt = {file, "keras_gan_zoo/utils/torch_files.py", "benchmarks/references/common.py"}
    exempt |= {str(Path(__file__).relative_to(ROOT)), "tests/test_layout.py"}
    found = []
    for folder in ("keras_gan_zoo", "tests", "benchmarks", "examples"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if str(path.relative_to(ROOT)) not in exempt:
                text = path.read_text(encoding="utf-8")
                found += [f"{path.relative_to(ROOT)}: {m}" for n in names for m in re.findall(n, text)]
    assert not found, f"Private names belong in {file}: {found}"


def test_stateless_scope():
    assert keras_private.stateless_scope() is None
    with keras.StatelessScope() as scope:
        assert keras_private.stateless_scope() is scope


def test_data_adapter():
    x = np.arange(6, dtype="float32").reshape(3, 2)
    adapter = keras_private.data_adapter(x=x, y=None, batch_size=2, shuffle=False)
    assert adapter.num_batches == 2
    first = next(iter(adapter.get_numpy_iterator()))
    images = first[0] if isinstance(first, tuple | list) else first
    np.testing.assert_array_equal(images, x[:2])


def test_narrowed_dtypes():
    expected = "float64" if BACKEND == "tensorflow" else "float32"
    assert keras_private.narrowed_dtypes()["float64"] == expected


def test_optimizer_step_and_targets():
    optimizer, variable = adam()
    assert int(keras_private.optimizer_step(optimizer)) == 0
    optimizer.apply([keras.ops.ones(3)], [variable])
    assert int(keras_private.optimizer_step(optimizer)) == 1
    assert [v is variable for v in keras_private.optimizer_targets(optimizer)] == [True]


def test_learning_rate():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)
    assert keras_private.learning_rate(keras.optimizers.Adam(schedule)) is schedule
    assert float(keras_private.learning_rate(keras.optimizers.Adam(0.5))) == 0.5


def test_adam_moments():
    optimizer, variable = adam()
    optimizer.apply([keras.ops.full((3,), 2.0)], [variable])
    assert keras_private.variable_index(optimizer, variable) == 0
    ((first, second),) = keras_private.adam_moments(optimizer, [variable])
    np.testing.assert_allclose(values([first, second]), [[0.2] * 3, [0.004] * 3], rtol=1e-5)


def test_flatten_layers():
    kinds = sorted(type(layer).__name__ for layer in keras_private.flatten_layers(network()))
    assert [kind for kind in kinds if kind != "InputLayer"] == ["Dense", "ReLU"] + ["Sequential"] * 2


def test_following_operations():
    dense, relu = keras.layers.Dense(2), keras.layers.ReLU()
    relu(dense(keras.Input((2,))))
    assert keras_private.following_operations(dense) == [relu]
    assert keras_private.following_operations(relu) == []


def test_output_in():
    inputs, inner_inputs = keras.Input((2,)), keras.Input((2,))
    inner = keras.Model(inner_inputs, keras.layers.Dense(3)(inner_inputs))
    output = inner(inputs)
    outer = keras.Model(inputs, keras.layers.ReLU()(output))
    assert keras_private.output_in(outer, inner) is output and inner.output is not output


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        (lambda owner: keras_private.optimizer_step(owner), "_iterations"),
        (lambda owner: keras_private.optimizer_targets(owner), "_trainable_variables"),
        (lambda owner: keras_private.learning_rate(owner), "_learning_rate"),
        (lambda owner: keras_private.variable_index(owner, None), "_get_variable_index"),
        (lambda owner: keras_private.flatten_layers(owner), "_flatten_layers"),
        (lambda owner: keras_private.following_operations(owner), "_outbound_nodes"),
        (lambda owner: keras_private.output_in(owner, None), "_nodes_by_depth"),
    ],
)
def test_a_missing_attribute_is_named_with_the_file(call, missing):
    class Other:
        pass

    with pytest.raises(PrivateNameError, match=rf"no `Other\.{missing}`, which {KERAS_FILE}"):
        call(Other())


@pytest.mark.parametrize("missing", ["_momentums", "_velocities"])
def test_missing_moments_are_named_with_the_file(missing):
    optimizer, variable = adam()
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(optimizer, missing)
        with pytest.raises(PrivateNameError, match=rf"no `Adam\.{missing}`.*{KERAS_FILE}"):
            keras_private.adam_moments(optimizer, [variable])


def test_a_missing_step_of_a_scheduled_adam_is_named_with_the_file(monkeypatch):
    optimizer = ScheduledAdam()
    monkeypatch.delattr(optimizer, "_iterations")
    with pytest.raises(PrivateNameError, match=r"no `ScheduledAdam\._iterations`"):
        optimizer.beta_2  # noqa: B018


@pytest.mark.parametrize(
    ("function", "module", "missing"),
    [
        ("stateless_scope", "keras.src.backend.common.stateless_scope", "get_stateless_scope"),
        ("data_adapter", "keras.src.trainers.data_adapters", "get_data_adapter"),
        ("narrowed_dtypes", "keras.src.backend.common.dtypes", "BIT64_TO_BIT32_DTYPE"),
    ],
)
@pytest.mark.parametrize("gone", ["attribute", "module"])
def test_a_missing_name_of_the_source_is_named_with_the_file(function, module, missing, gone):
    keras_private._from_source.cache_clear()
    with pytest.MonkeyPatch.context() as patch:
        if gone == "module":
            patch.setitem(sys.modules, module, None)
        else:
            patch.delattr(f"{module}.{missing}")
        with pytest.raises(PrivateNameError, match=rf"no `{module}\.{missing}`, which {KERAS_FILE}"):
            getattr(keras_private, function)()
    keras_private._from_source.cache_clear()


@pytest.mark.skipif(BACKEND != "torch", reason="PyTorch's names")
@pytest.mark.parametrize("missing", ["_fused_adam_", "_foreach_lerp_"])
def test_a_missing_function_of_torch_is_named_with_the_file(missing, monkeypatch):
    import torch

    monkeypatch.delattr(torch, missing)
    optimizer, variable = adam()
    calls = {
        "_fused_adam_": lambda: backend.apply(optimizer, [keras.ops.ones(3)], [variable]),
        "_foreach_lerp_": lambda: backend.average([variable], [variable], 0.5),
    }
    with pytest.raises(PrivateNameError, match=rf"no `torch\.{missing}`, which {TORCH_FILE}"):
        calls[missing]()
