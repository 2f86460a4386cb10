import os
import pathlib
import tempfile

import compiler_flags
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # for torch: idle threads cost more than they help
# The suite spends most of its time on compiling. XLA skips its optimizations, and JAX keeps each
# compiled program for all processes of a session.
# XLA ends the process at a flag that it does not have (any more): set XLA_FLAGS then.
_flags = compiler_flags.without_optimizations(os.environ.get("KERAS_BACKEND", "tensorflow"))
os.environ.setdefault("XLA_FLAGS", _flags)
_programs = tempfile.TemporaryDirectory(prefix="keras_gan_zoo_jax_")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", _programs.name)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")

import keras  # noqa: E402
import tools  # noqa: E402

if tools.BACKEND == "tensorflow":  # no optimized graphs either, for the same reason
    import tensorflow as tf

    tf.config.optimizer.set_experimental_options({"disable_meta_optimizer": True})

DATA_VARIABLE = "KERAS_GAN_ZOO_TEST_DATA"


def pytest_addoption(parser):
    parser.addoption(
        "--full-matrix",
        action="store_true",
        help="Also run the tests marked `full_matrix` on TensorFlow and JAX (see docs/testing.md).",
    )


def pytest_collection_modifyitems(config, items):
    """Skip the tests marked `full_matrix` on the backends that compile; torch always runs them."""
    if config.getoption("--full-matrix") or tools.BACKEND == "torch":
        return
    skip = pytest.mark.skip(reason=f"runs on torch, and on {tools.BACKEND} with --full-matrix")
    for item in items:
        if "full_matrix" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture
def shared_data():
    """The folder of real images (see docs/testing.md): `DATA_VARIABLE`, or one beside Keras' caches."""
    keras_home = pathlib.Path(os.environ.get("KERAS_HOME", pathlib.Path.home() / ".keras"))
    folder = pathlib.Path(os.environ.get(DATA_VARIABLE) or keras_home / "keras_gan_zoo" / "test_data")
    if not folder.is_dir():
        pytest.skip(f"no folder of real images at {folder}; {DATA_VARIABLE} names another one")
    return folder


@pytest.fixture
def float64():
    """Compute in float64 on every backend."""
    with tools.float64():
        yield
