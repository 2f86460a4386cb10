"""`set_seed`: two processes give the same bits."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from tools import BACKEND

import keras_gan_zoo as kgz

# Networks without a seed, an array that `fit` shuffles, images without a seed; several threads.
PROGRAM = """
import hashlib, sys
sys.path.insert(0, "tests")
import numpy as np
import keras_gan_zoo as kgz
kgz.set_seed(3, deterministic=True)
from tools import images, state
model = kgz.DCGAN((16, 16, 1), latent_dim=8, width=8)
model.compile(ema=0.9, augment="diffaugment")
model.fit(images(64, (16, 16, 1)), batch_size=16, epochs=2, verbose=0)
values = [*state(model), model.generate(4)]
print(hashlib.sha256(b"".join(array.tobytes() for array in values)).hexdigest())
"""


def start():
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "random"}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(__file__).parents[1],
        env=environment | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_give_the_same_bits():
    one, two = (process.communicate()[0] for process in [start(), start()])
    assert len(one) == 65
    assert one == two


def test_seeds_everything():
    draws = []
    for seed in (1, 1, 2):
        kgz.set_seed(seed)
        draws.append((np.random.rand(), float(keras.random.uniform(()))))
    assert draws[0] == draws[1] != draws[2]


@pytest.mark.parametrize("seed", [-1, 1.5, 2**32, None])
def test_invalid_seeds(seed):
    with pytest.raises(ValueError, match=r"`seed` must be"):
        kgz.set_seed(seed)


def test_a_gpu_of_jax_needs_its_option(monkeypatch):
    if BACKEND != "jax":
        pytest.skip("JAX only")
    import jax

    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setenv("XLA_FLAGS", "")
    with pytest.raises(RuntimeError, match="xla_gpu_deterministic_ops=true"):
        kgz.set_seed(1, deterministic=True)
    monkeypatch.setenv("XLA_FLAGS", "--xla_gpu_deterministic_ops=true")
    kgz.set_seed(1, deterministic=True)
