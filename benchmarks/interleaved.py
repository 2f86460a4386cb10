"""Contestants that take turns.

Each lives in a process of its own and works only when it is its turn; so a slow minute of the machine
hits all of them. A script that uses this runs itself with `--work NAME NUMBER ...`, and calls `serve`.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path


def serve(epoch, count):
    """Call `epoch()` for each line on standard input; print its speed, `count` per second."""
    epoch()
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        epoch()
        print(count / (time.perf_counter() - start), flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)


def measure(script, contestants, labels, numbers, rounds):
    """Speeds in every round, by label.

    If the environment has INTERLEAVED_RESULTS, they are also written to the file of this name, with the
    seconds that each contestant took to get ready and its peak memory in MiB.

    Args:
        script: path of the script that serves.
        contestants: `{label: (name, backend)}`.
        labels: which of them take part.
        numbers: further arguments of the script.
        rounds: how many turns each one gets.
    """
    workers, start = {}, {}
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
        while workers[label].stdout.readline().strip() != "ready":
            if workers[label].poll() is not None:
                raise SystemExit(f"{label} stopped with exit status {workers[label].returncode}")
        start[label] = time.perf_counter() - begin
    speeds = {label: [] for label in labels}
    for turn in range(rounds):
        for label in labels if turn % 2 == 0 else labels[::-1]:
            workers[label].stdin.write("go\n")
            workers[label].stdin.flush()
            speeds[label].append(float(workers[label].stdout.readline()))
    memory = {}
    for label, worker in workers.items():
        worker.stdin.close()
        memory[label] = float(worker.stdout.readline())
        worker.wait()
    if path := os.environ.get("INTERLEAVED_RESULTS"):
        Path(path).write_text(json.dumps({"speeds": speeds, "start": start, "memory": memory}))
    return speeds


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
