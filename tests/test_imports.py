"""Import costs, public names, type checkers' names, and use without TensorFlow."""

import ast
import importlib
import importlib.util
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import keras
import pytest
from tools import BACKEND, BACKENDS, importable, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo import registry

# What a plain install brings and `--no-deps` does not: these imports fail.
BLOCK = "import sys; sys.modules |= dict.fromkeys("
BLOCK += "['tensorflow', 'tensorflow_datasets', 'importlib_resources'])"


def python(code, backend=BACKEND, **environment):
    """Standard output of a process that runs `code`; it must not fail."""
    environment = {**os.environ, "KERAS_BACKEND": backend, **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_import_is_light():
    heavy = ["keras", *BACKENDS]
    code = f"import keras_gan_zoo, sys; print([name for name in {heavy} if name in sys.modules])"
    assert python(code).strip() == "[]"


def test_public_names():
    assert {*registry.MODELS, *registry.STYLE_MODELS} <= set(dir(kgz))
    assert {"callbacks", "data", "layers", "legacy", "losses"} <= set(dir(kgz))
    for name in kgz.__all__:
        assert getattr(kgz, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'DCGAAN'"):
        kgz.DCGAAN  # noqa: B018


def type_checked_names():
    """Public name to (module, name in it) of the imports under `if TYPE_CHECKING:`."""
    tree = ast.parse(Path(kgz.__file__).read_text(encoding="utf-8"))
    (block,) = (
        node.body
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    imports = [node for node in block if isinstance(node, ast.ImportFrom)]
    return {
        alias.asname: (node.module, alias.name)
        for node in imports
        for alias in node.names
        if alias.asname == alias.name  # only `X as X` is re-exported
    }


def test_type_checkers_see_all_public_names():
    found = type_checked_names()
    assert sorted(found) == sorted(kgz.__all__)
    models = {**registry.MODELS, **registry.STYLE_MODELS, **registry.BASES}
    assert {name: ":".join(found[name]) for name in models} == models
    for name, (module, attribute) in found.items():
        module = importlib.import_module(module)
        assert getattr(module, attribute) is getattr(kgz, name)


def test_version():
    assert "__version__" in dir(kgz)
    assert kgz.__version__ == metadata.version("keras-gan-zoo")
    assert python("import keras_gan_zoo as kgz; print(kgz.__version__)").strip() == kgz.__version__


def test_version_of_a_source_tree_that_is_not_installed(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert kgz.__version__ == "0+unknown"


def test_the_version_needs_no_keras():
    code = "import keras_gan_zoo as kgz, sys; kgz.__version__; print('keras' in sys.modules)"
    assert python(code).strip() == "False"


@pytest.mark.full_matrix
@pytest.mark.parametrize("first", ["keras", "keras_gan_zoo"])
def test_load_model_needs_no_more_than_the_import(first, tmp_path):
    path = tmp_path / "model.keras"
    tiny("DCGAN").save(path)
    second = {"keras": "keras_gan_zoo", "keras_gan_zoo": "keras"}[first]
    code = f"import {first}, {second}; print(type(keras.models.load_model({str(path)!r})).__name__)"
    assert python(code).strip() == "DCGAN"


@pytest.mark.full_matrix
@pytest.mark.parametrize(
    "module", ["data", "losses", "models.noise_to_image.gan", "callbacks", "legacy"]
)
def test_a_submodule_may_be_the_first_import(module):
    code = f"import keras_gan_zoo.{module}; import keras_gan_zoo as kgz; print(kgz.GAN.__name__)"
    assert python(code).strip() == "GAN"


@pytest.mark.full_matrix
def test_layers_are_found_in_files(tmp_path):
    path = tmp_path / "layer.keras"
    keras.Sequential([keras.Input((4, 4, 2)), kgz.layers.BatchNormalization()]).save(path)
    code = (
        "import keras_gan_zoo, keras; "
        f"print(type(keras.models.load_model({str(path)!r}).layers[0]).__module__)"
    )
    assert python(code).strip() == "keras_gan_zoo.layers.normalization"


@pytest.mark.full_matrix
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_trains_saves_and_loads_where_tensorflow_cannot_be_imported(backend, tmp_path):
    if not importable(backend):
        pytest.skip(f"{backend} is not installed")
    code = f"""{BLOCK}
import keras_gan_zoo as kgz, keras
dataset = kgz.data.load("digits", 8, batch_size=8, samples=16)
model = kgz.DCGAN(dataset.image_shape, width=4)
model.compile(ema=0.9)
model.fit(dataset, verbose=0, callbacks=[kgz.callbacks.ImageSnapshots({str(tmp_path)!r})])
model.save({str(tmp_path / "model.keras")!r})
model = keras.models.load_model({str(tmp_path / "model.keras")!r})
model.fit(dataset, verbose=0)
print(model.steps, model.generate(2).shape, sys.modules["tensorflow"])
"""
    assert python(code, backend).strip() == "4 (2, 8, 8, 1) None"


def test_a_backend_that_is_missing_is_named():
    code = f"""{BLOCK}
import keras_gan_zoo as kgz
try:
    kgz.GAN
except ImportError as error:
    print(error)
"""
    said = python(code, "tensorflow")
    assert "Keras needs tensorflow" in said and "KERAS_BACKEND" in said


@pytest.mark.skipif(BACKEND == "tensorflow", reason="TensorFlow is the backend")
def test_training_imports_no_tensorflow():
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed")
    code = """
import keras_gan_zoo as kgz, sys
dataset = kgz.data.load("digits", 8, batch_size=8, samples=16)
model = kgz.GAN(dataset.image_shape)
model.compile()
model.fit(dataset, verbose=0)
print("tensorflow" in sys.modules)
"""
    assert python(code).strip() == "False"
