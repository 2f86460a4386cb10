"""Training gives the same weights on every backend, and saved files open on every backend."""

import contextlib
import fcntl
import os
import subprocess
import sys
from pathlib import Path

import compiler_flags
import keras
import numpy as np
import pytest
from tools import BACKEND, BACKENDS, REPRESENTATIVES, importable, mark_others, second_input

from keras_gan_zoo import registry

sys.path.append(str(Path(__file__).parent))
import trainer

# Tolerances of the losses of the first step, of all losses (always float32) and of the final weights.
TOLERANCES = {
    "float32": ({"rtol": 1e-5}, {"rtol": 1e-4}, {"rtol": 0, "atol": 1e-3}),
    "float64": ({"rtol": 1e-6}, {"rtol": 1e-6, "atol": 1e-7}, {"rtol": 1e-6, "atol": 1e-6}),
}

# The suite of the first backend compares it with all others; the other suites need not.
FIRST, *OTHERS = filter(importable, BACKENDS)
OTHERS = OTHERS if BACKEND == FIRST else []


@contextlib.contextmanager
def once(path):
    """Yield whether `path` is still to be made, and make it when the block ends without an error.

    Processes that use the same path wait for each other.
    """
    with open(f"{path}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        is_first = not path.exists()
        yield is_first
        if is_first:
            path.touch()


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """`run(backend, task)` runs a task of `trainer.py` once and returns the folder with its results.

    Suites of several backends share the results if PARITY_FOLDER names a folder, which is empty at
    first. They may run side by side: a lock makes the others wait for the results.
    """
    shared = os.environ.get("PARITY_FOLDER")
    folder = Path(shared) if shared else tmp_path_factory.mktemp("parity")
    with once(folder / "inputs") as is_first:
        if is_first:
            trainer.write_inputs(folder)

    def get(backend, task):
        if not importable(backend):
            pytest.skip(f"{backend} is not installed")
        with once(folder / f"{backend}-{task}") as is_first:
            if is_first:
                path = os.pathsep.join(sys.path)
                # The numbers of `train` are those of compiled code as users run it.
                flags = compiler_flags.without_optimizations(backend) if task == "save" else ""
                chosen = {"KERAS_BACKEND": backend, "PYTHONPATH": path, "XLA_FLAGS": flags}
                command = [sys.executable, trainer.__file__, str(folder), task]
                result = subprocess.run(
                    command, env={**os.environ, **chosen}, capture_output=True, text=True
                )
                assert result.returncode == 0, result.stderr[-3000:]
        return folder

    return get


TRAININGS = [(name, updates) for name in registry.MODELS for updates in trainer.UPDATES]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize(
    ("name", "updates"),
    mark_others(TRAININGS, [each for each in TRAININGS if trainer.task_of(*each) == "train"]),
)
def test_twenty_steps_of_adam(name, updates, other, run):
    task = trainer.task_of(name, updates)
    here = dict(np.load(run(BACKEND, task) / f"{BACKEND}-{name}-{updates}.npz"))
    there = dict(np.load(run(other, task) / f"{other}-{name}-{updates}.npz"))
    start = dict(np.load(run(other, task) / f"{name}.npz"))

    of_first, of_losses, of_weights = TOLERANCES[trainer.DTYPES[name]]
    np.testing.assert_allclose(there["losses"][0], here["losses"][0], **of_first)
    np.testing.assert_allclose(there.pop("losses"), here["losses"], **of_losses)
    for key in there:
        np.testing.assert_allclose(there[key], here[key], **of_weights, err_msg=key)
    # The weights moved by more than the tolerance, so the comparison is meaningful.
    moved = [abs(here[key] - start[key]).max() for key in there if here[key].ndim > 1]
    assert max(moved) > 1.3e-3 and min(moved) > 0


def files():
    """Models and the backends of their files; for most models one other backend suffices."""
    another = BACKENDS[BACKENDS.index(BACKEND) - 1]
    pairs = [(name, other) for name in registry.MODELS for other in BACKENDS]
    return mark_others(pairs, [(n, o) for n, o in pairs if n in REPRESENTATIVES or o == another])


@pytest.mark.parametrize(("name", "other"), files())
def test_a_file_opens_and_trains_on_every_backend(name, other, run):
    folder = run(other, "save")
    model = keras.models.load_model(folder / f"{other}-{name}.keras")
    saved, loaded = dict(np.load(folder / f"{other}-{name}-saved.npz")), trainer.contents(model)
    assert loaded.keys() == saved.keys()
    for key in saved:
        np.testing.assert_allclose(loaded[key], saved[key], rtol=1e-5, atol=1e-5, err_msg=key)

    images = np.load(folder / f"{name}.npz")["images"]
    y = second_input(model, images)
    history = model.fit(images, y, batch_size=trainer.BATCH, verbose=0).history
    assert model.steps == 3 + len(images) // trainer.BATCH
    assert np.isfinite(history["d_loss"]).all() and np.isfinite(history["g_loss"]).all()
    trained = trainer.contents(model)
    assert not np.array_equal(trained["images"], loaded["images"])
