"""Contestants that take turns.

Each lives in a process of its own and works only when it is its turn; so a slow minute of the machine
hits all of them. A script that uses this runs itself with `--work NAME NUMBER ...`, and calls `serve`;
a NAME of `loops` is that of a loop of plain PyTorch, or of its roof, and served by `native.serve`.
"""

import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

LOOP = "native PyTorch loop"
OTHER_LAYOUT, COMPILED = f"{LOOP}, other layout", f"{LOOP}, compiled"
ROOF = "matrix product"


def loops(layout=""):
    """A loop of plain PyTorch in its usual layout, in the other one and compiled, and its roof.

    Args:
        layout: the usual one, "channels_last" or "" for PyTorch's default.
    """
    other = "" if layout else "channels_last"
    words = {LOOP: layout, OTHER_LAYOUT: other, COMPILED: f"{layout} compiled", ROOF: "roof"}
    return {label: (f"native {words}", "torch") for label, words in words.items()}


def host_memory():
    """Peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def serve(epoch, count, memory=host_memory):
    """Answer the lines on standard input: call `epoch()` and print its speed, or print `memory()`.

    Args:
        epoch: function without arguments, the work of one turn.
        count: what it counts for; the speed is in these per second.
        memory: function that returns the peak memory in MiB.
    """
    epoch()
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        if line == "memory\n":
            print(memory(), flush=True)
        else:
            epoch()
            print(count / (time.perf_counter() - start), flush=True)


def measure(script, contestants, labels, numbers, rounds):
    """Speeds in every round, by label; see `record`.

    If the environment has INTERLEAVED_RESULTS, the record is also written to the file of this name.
    """
    measured = record(script, contestants, labels, numbers, rounds)
    if path := os.environ.get("INTERLEAVED_RESULTS"):
        Path(path).write_text(json.dumps(measured))
    return measured["speeds"]


def record(script, contestants, labels, numbers, rounds):
    """Speeds in every round, seconds to get ready and peak memory in MiB: three dicts by label.

    The others go on without a contestant that stops.

    Args:
        script: path of the script that serves.
        contestants: `{label: (name, backend)}`.
        labels: which of them take part.
        numbers: further arguments of the script.
        rounds: how many turns each one gets.
    """
    workers, start = {}, {}

    def stop(label):
        worker = workers.pop(label)
        with contextlib.suppress(BrokenPipeError):
            worker.stdin.close()
        worker.stdout.close()
        return worker.wait()

    def answer(label, question=""):
        """The next line of a contestant; None if it has stopped, and so is left out."""
        with contextlib.suppress(BrokenPipeError):
            workers[label].stdin.write(question)
            workers[label].stdin.flush()
        if line := workers[label].stdout.readline().strip():
            return line
        print(f"{label} stopped with exit status {stop(label)}", file=sys.stderr, flush=True)
        return None

    for label in labels:
        name, backend = contestants[label]
        begin = time.perf_counter()
        workers[label] = subprocess.Popen(
            [sys.executable, script, "--work", name, *map(str, numbers)],
            env={**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        while answer(label) not in ("ready", None):
            pass
        start[label] = time.perf_counter() - begin
    speeds = {label: [] for label in workers}
    for turn in range(rounds):
        for label in list(workers) if turn % 2 == 0 else list(workers)[::-1]:
            if speed := answer(label, "go\n"):
                speeds[label].append(float(speed))
    memory = {}
    for label in list(workers):
        if said := answer(label, "memory\n"):
            memory[label] = float(said)
            stop(label)
    speeds, start = ({label: each[label] for label in memory} for each in (speeds, start))
    return {"speeds": speeds, "start": start, "memory": memory}


def table(speeds, unit):
    """Markdown: medians, and ratios to the first contestant in the same round."""
    base = next(iter(speeds.values()))
    lines = [
        f"| contestant | {unit} (median) | ratio to the first, per round (median) | range |",
        "|---|---:|---:|---|",
    ]
    for label, values in speeds.items():
        ratios = [value / first for value, first in zip(values, base, strict=True)]
        lines.append(
            f"| {label} | {statistics.median(values):.3g} | {statistics.median(ratios):.2f} "
            f"| {min(ratios):.2f} to {max(ratios):.2f} |"
        )
    return "\n".join(lines)
