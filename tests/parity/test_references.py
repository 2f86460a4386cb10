"""Training steps beside plain PyTorch transcriptions of the papers, `benchmarks/references`."""

import sys
from pathlib import Path

import pytest
from tools import BACKEND

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import reference_curves

pytestmark = pytest.mark.skipif(BACKEND != "torch", reason="the transcriptions are in PyTorch")


@pytest.mark.parametrize("name", reference_curves.MODELS)
def test_steps(name):
    """With the same weights and random numbers; an activation near a kink changes a gradient."""
    found = reference_curves.check_model(name)
    assert found["images"] < 2e-5
    assert found["first step"] < 5e-4
    assert found["later steps"] < 0.05
    assert found["images after"] < 5e-3  # PyTorch's moving variance is the unbiased one
    assert found["optimizer"] < 1e-3
    assert found["initial"] < 4.0
