"""Speed of `fit` on all backends beside native PyTorch loops, in one table.

python benchmarks/run_all.py [--quick]

Runs the throughput benchmarks one after the other. Each contestant is a process of its own; those of
one benchmark take turns. Writes all speeds, the seconds from the start of a process to the end of its
first turn, and its peak memory to `--out`, and prints the tables. `--table` prints them again.
"""

import argparse
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import study

HERE = Path(__file__).parent
FITS = ("fit, TensorFlow", "fit, PyTorch", "fit, JAX")
# Name: script, arguments, arguments of --quick, the native loop.
BENCHMARKS = {
    "DCGAN, 64 px": (
        "dcgan_throughput.py",
        "--widths 32 --batches 32 --rounds 7 --images 480",
        "--widths 8 --batches 8 --rounds 2 --images 32",
        "native PyTorch loop",
    ),
    "Pix2Pix, 128 px": (
        "translation_throughput.py",
        "--models pix2pix --rounds 7",
        "--models pix2pix --rounds 2 --size 32 --width 4 --steps 4",
        "native PyTorch loop",
    ),
    "CycleGAN, 128 px": (
        "translation_throughput.py",
        "--models cyclegan --rounds 5 --steps 8",
        "--models cyclegan --rounds 2 --size 32 --width 4 --steps 2",
        "native PyTorch loop",
    ),
    "StyleGAN2, 32 px": (
        "stylegan2_throughput.py",
        "--rounds 7",
        "--rounds 2 --size 16 --width 8 --latent 8 --batch 4",
        "plain PyTorch",
    ),
}


def run(name, is_quick):
    """Run a benchmark; what `interleaved.measure` recorded."""
    script, arguments, quick, native = BENCHMARKS[name]
    words = [*(quick if is_quick else arguments).split(), "--only", *FITS, native]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        subprocess.run(
            [sys.executable, HERE / script, *words],
            env={**os.environ, "INTERLEAVED_RESULTS": str(results)},
            check=True,
        )
        record = json.loads(results.read_text())
    command = shlex.join(["python", f"benchmarks/{script}", *words])
    return record | {"command": command, "native": native, "machine": study.machine()}


def tables(records):
    """Markdown: speed relative to the native loop, time to the first turn, peak memory."""
    columns = ["native PyTorch loop", *FITS]
    parts = (
        ("Speed, ratio to the native loop in the same round (median)", ratio),
        ("Seconds from the start of the process to the end of the first turn", start),
        ("Peak memory, MiB", memory),
    )
    lines = []
    for title, value in parts:
        lines += [
            f"{title}:",
            "",
            f"| benchmark | {' | '.join(columns)} |",
            "|---|---:|---:|---:|---:|",
        ]
        for name, record in records.items():
            labels = [record["native"], *FITS]
            lines.append(f"| {name} | {' | '.join(value(record, label) for label in labels)} |")
        lines.append("")
    return "\n".join(lines)


def ratio(record, label):
    pairs = zip(record["speeds"][label], record["speeds"][record["native"]], strict=True)
    return f"{statistics.median(own / native for own, native in pairs):.2f}"


def start(record, label):
    return f"{record['start'][label]:.1f}"


def memory(record, label):
    return f"{record['memory'][label]:,.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny networks: does everything run?")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument("--out", type=Path, default=HERE / "results" / "throughput.json")
    parser.add_argument("--table", action="store_true", help="print the tables of --out")
    arguments = parser.parse_args()
    records = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    if not arguments.table:
        records = {} if arguments.quick else records
        for name in arguments.only:
            records[name] = run(name, arguments.quick)
        if not arguments.quick:
            arguments.out.write_text(json.dumps(records, indent=1))
    print(tables(records))


if __name__ == "__main__":
    main()
