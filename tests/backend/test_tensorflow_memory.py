"""Memory of freed tensors is reused on TensorFlow."""

import platform

import keras
import numpy as np
import pytest

import keras_gan_zoo as kgz


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow" or platform.libc_ver()[0] != "glibc",
    reason="TensorFlow changes the thresholds of glibc",
)
def test_memory_of_freed_tensors_is_reused_after_fit():
    import resource

    model = kgz.GAN((8, 8, 1), width=8, seed=0)
    model.compile()
    model.fit(np.zeros((8, 8, 8, 1), "float32"), batch_size=4, verbose=0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        keras.ops.ones((2**22,)) + 1.0  # twice 16 MiB, 8,192 pages
    faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
    assert faults < 50 * 8192 / 4
