"""The model of communication in `scaling.py`."""

import sys
from pathlib import Path

import pytest
from tools import BACKEND

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import scaling

pytestmark = pytest.mark.skipif(BACKEND != "torch", reason="a model of training on PyTorch")


def test_seconds():
    """By hand: a ring sends 2 (n - 1) / n of the bytes."""
    assert scaling.seconds({450e6: 1, 0: 3}, 8) == pytest.approx(4 * 20e-6 + 1.75e-3, rel=1e-9)
    assert scaling.seconds({50e6: 0.5}, 64) == pytest.approx(0.5 * (50e-6 + 1.96875e-3), rel=1e-9)


def test_two_processes_send_what_is_predicted():
    text, agrees = scaling.check()
    rows = [line.split(" | ") for line in text.splitlines()[2:]]
    assert agrees, text
    assert [row[0] for row in rows] == [f"| {title}" for title in scaling.CHECKED]
    assert [row[1] for row in rows] == ["23", "3", "5"]
    assert all(row[3] + " |" == row[4] for row in rows)
