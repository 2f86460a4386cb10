import os
import pathlib
import tempfile

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # for torch: threads that wait cost more than they help
# Compiling is what the suite spends its time on: XLA leaves its machine code as it comes, and on JAX a
# program is compiled once in a session.
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0")
_programs = tempfile.TemporaryDirectory(prefix="keras_gan_zoo_jax_")
os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", _programs.name)
os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.05")

import keras  # noqa: E402
import tools  # noqa: E402


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture
def shared_data():
    folder = pathlib.Path(__file__).parents[1] / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real images are not at {folder}")
    return folder


@pytest.fixture
def float64():
    """Makes float64 real."""
    with tools.float64():
        yield
