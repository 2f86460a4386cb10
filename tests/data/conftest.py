"""Fixtures of the tests of the loaders."""

import numpy as np
import pytest


@pytest.fixture
def npz(tmp_path):
    """Write arrays to an .npz file and return its path."""

    def write(**arrays):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays)
        return path

    return write
