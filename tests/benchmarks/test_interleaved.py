"""Contestants that take turns, and the tables of `run_all.py`."""

import sys
from pathlib import Path

import pytest
from tools import BACKEND

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import interleaved
import run_all

pytestmark = pytest.mark.skipif(BACKEND != "torch", reason="the same on all backends")

SCRIPT = """
import sys

sys.path.append({folder!r})
import interleaved

name, number = sys.argv[2:]
turns = iter(range(int(number)))


def epoch():
    if next(turns, None) is None:
        sys.exit(3)


if name == "stops at once":
    sys.exit(4)
interleaved.serve(epoch, 10, memory=lambda: 2.5)
"""


def test_record_goes_on_without_those_that_stop(tmp_path, capsys):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(folder=str(Path(interleaved.__file__).parent)))
    contestants = {name: (name, "torch") for name in ("stays", "stops at once")}
    found = interleaved.record(script, contestants, list(contestants), [3], rounds=2)
    assert [*found["speeds"]] == [*found["start"]] == ["stays"]
    assert found["memory"] == {"stays": 2.5}
    assert len(found["speeds"]["stays"]) == 2 and min(found["speeds"]["stays"]) > 0
    assert capsys.readouterr().err == "stops at once stopped with exit status 4\n"
    found = interleaved.record(script, contestants, ["stays"], [2], rounds=2)
    assert found == {"speeds": {}, "start": {}, "memory": {}}
    assert capsys.readouterr().err == "stays stopped with exit status 3\n"


def test_tables():
    """Of older results, too, with another name of the loop and fewer contestants."""
    old = {
        "speeds": {"plain PyTorch": [1.0, 2.0, 4.0], "fit, JAX": [3.0, 2.0, 8.0]},
        "start": {"plain PyTorch": 1.25, "fit, JAX": 2.0},
        "memory": {"plain PyTorch": 1234.4, "fit, JAX": 2.0},
        "native": "plain PyTorch",
    }
    speeds = {interleaved.LOOP: [2.0], interleaved.ROOF: [8.0], "fit, JAX": [4.0]}
    new = {
        "speeds": speeds | {"bare step, JAX": [5.0]},
        "start": dict.fromkeys(speeds, 1.0),
        "memory": dict.fromkeys(speeds, 1.0),
        "native": interleaved.LOOP,
    }
    parts = run_all.tables({"old": old, "new": new}).split("\n\n")
    tables = dict(zip(parts[::2], parts[1::2], strict=True))
    rows = [[line.split(" | ") for line in table.splitlines()[2:]] for table in tables.values()]
    assert [title.partition(",")[0].partition(" (")[0] for title in tables] == [
        "Speed",
        "Share of the speed of a matrix product",
        "Speed of `fit`",
        "Seconds from the start of the process to the end of the first turn:",
        "Peak memory",
    ]
    assert rows[0] == [
        ["| old", "1.00", "-", "-", "-", "-", "2.00 |"],
        ["| new", "1.00", "-", "-", "-", "-", "2.00 |"],
    ]
    assert rows[1] == [["| new", "0.25", "-", "-", "-", "-", "0.50 |"]]
    assert rows[2] == [["| new", "-", "-", "0.80 |"]]
    assert rows[3][0] == ["| old", "1.2", "-", "-", "-", "-", "2.0 |"]
    assert rows[4][0] == ["| old", "1,234", "-", "-", "-", "-", "2 |"]
