"""The same weights, batches and latents give the same training on every backend."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from tools import BACKEND, BACKENDS, importable

from keras_gan_zoo import registry

TRAINER = Path(__file__).with_name("trainer.py")
OTHERS = [backend for backend in BACKENDS if backend != BACKEND]


def train(backend, *arguments):
    environment = {**os.environ, "KERAS_BACKEND": backend}
    command = [sys.executable, str(TRAINER), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("updates", ["alternating", "simultaneous"])
@pytest.mark.parametrize("name", registry.MODELS)
def test_twenty_steps_of_adam(name, updates, other, tmp_path, own_run):
    if not importable(other):
        pytest.skip(f"{other} is not installed")
    given, here = own_run(name, updates)
    train(other, name, updates, given, tmp_path / "there.npz")
    start, there = (dict(np.load(path)) for path in (given, tmp_path / "there.npz"))

    np.testing.assert_allclose(there["losses"][0], here["losses"][0], rtol=1e-5)
    np.testing.assert_allclose(there.pop("losses"), here["losses"], rtol=1e-4)
    for key in there:
        np.testing.assert_allclose(there[key], here[key], rtol=0, atol=1e-3, err_msg=key)
    # The weights moved by more than the tolerance, so equal ones mean something.
    moved = [abs(here[key] - start[key]).max() for key in there if here[key].ndim > 1]
    assert min(moved) > 3e-3


@pytest.fixture(scope="module")
def own_run(tmp_path_factory):
    """This backend's run, made once for the others to be compared with."""
    folder, runs = tmp_path_factory.mktemp("parity"), {}

    def get(name, updates):
        if (name, updates) not in runs:
            given, result = (folder / f"{name}-{updates}-{part}.npz" for part in ("given", "here"))
            train(BACKEND, "--give", name, given)
            train(BACKEND, name, updates, given, result)
            runs[name, updates] = given, dict(np.load(result))
        return runs[name, updates]

    return get
