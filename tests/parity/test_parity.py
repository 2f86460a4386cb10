"""Training, and the files that it leaves, are the same on every backend."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tools import BACKEND, BACKENDS, importable

from keras_gan_zoo import registry

sys.path.append(str(Path(__file__).parent))
import trainer

# Of the first step's losses, of all losses (a float32, whatever trains), of the weights after the last.
TOLERANCES = {
    "float32": ({"rtol": 1e-5}, {"rtol": 1e-4}, {"rtol": 0, "atol": 1e-3}),
    "float64": ({"rtol": 1e-6}, {"rtol": 1e-6, "atol": 1e-7}, {"rtol": 1e-6, "atol": 1e-6}),
}

# The first backend's suite compares it with all others, so theirs need not.
FIRST, *OTHERS = filter(importable, BACKENDS)
OTHERS = OTHERS if BACKEND == FIRST else []

each_model = pytest.mark.parametrize("name", registry.MODELS)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """`run(backend, task)` is the folder where `trainer.py` has done the task; each runs once.

    Suites that run one after the other share it where PARITY_FOLDER names a folder, empty at first.
    """
    shared = os.environ.get("PARITY_FOLDER")
    folder = Path(shared) if shared else tmp_path_factory.mktemp("parity")
    if not (folder / "given").exists():
        trainer.give(folder)
        (folder / "given").touch()

    def get(backend, task):
        done = folder / f"{backend}-{task}"
        if not done.exists():
            if not importable(backend):
                pytest.skip(f"{backend} is not installed")
            path = os.pathsep.join(sys.path)
            # What users run: as XLA optimizes it.
            chosen = {"KERAS_BACKEND": backend, "PYTHONPATH": path, "XLA_FLAGS": ""}
            environment = {**os.environ, **chosen}
            command = [sys.executable, trainer.__file__, str(folder), task]
            result = subprocess.run(command, env=environment, capture_output=True, text=True)
            assert result.returncode == 0, result.stderr[-3000:]
            done.touch()
        return folder

    return get


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("updates", trainer.UPDATES)
@each_model
def test_twenty_steps_of_adam(name, updates, other, run):
    here = dict(np.load(run(BACKEND, "train") / f"{BACKEND}-{name}-{updates}.npz"))
    there = dict(np.load(run(other, "train") / f"{other}-{name}-{updates}.npz"))
    start = dict(np.load(run(other, "train") / f"{name}.npz"))

    of_first, of_losses, of_weights = TOLERANCES[trainer.DTYPES[name]]
    np.testing.assert_allclose(there["losses"][0], here["losses"][0], **of_first)
    np.testing.assert_allclose(there.pop("losses"), here["losses"], **of_losses)
    for key in there:
        np.testing.assert_allclose(there[key], here[key], **of_weights, err_msg=key)
    # The weights moved by more than the tolerance, so equal ones mean something.
    moved = [abs(here[key] - start[key]).max() for key in there if here[key].ndim > 1]
    assert max(moved) > 1.3e-3 and min(moved) > 0


@pytest.mark.parametrize("other", BACKENDS)
@each_model
def test_a_file_opens_and_trains_wherever_it_was_saved(name, other, run):
    folder = run(other, "save")
    model = keras.models.load_model(folder / f"{other}-{name}.keras")
    saved, found = dict(np.load(folder / f"{other}-{name}-saved.npz")), trainer.inside(model)
    assert found.keys() == saved.keys()
    for key in saved:
        np.testing.assert_allclose(found[key], saved[key], rtol=1e-5, atol=1e-5, err_msg=key)

    images = np.load(folder / f"{name}.npz")["images"]
    y = trainer.second(model, images)
    history = model.fit(images, y, batch_size=trainer.BATCH, verbose=0).history
    assert model.steps == 3 + len(images) // trainer.BATCH
    assert np.isfinite(history["d_loss"]).all() and np.isfinite(history["g_loss"]).all()
    again = trainer.inside(model)
    assert not np.array_equal(again["images"], found["images"])
