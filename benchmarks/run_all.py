"""Speed of `fit` on all backends beside native PyTorch loops, in one table.

python benchmarks/run_all.py [--quick]
python benchmarks/run_all.py --sweep

Runs the throughput benchmarks one after the other. Each contestant is a process of its own; those of
one benchmark take turns. Writes all speeds, the seconds from the start of a process to the end of its
first turn, and its peak memory to `--out`, and prints the tables. `--table` prints them again.
"""

import argparse
import itertools
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import interleaved
import study

HERE = Path(__file__).parent
FITS = ("fit, TensorFlow", "fit, PyTorch", "fit, JAX")
BARE = tuple(fit.replace("fit", "bare step") for fit in FITS)
LOOPS = (interleaved.LOOP, interleaved.OTHER_LAYOUT, interleaved.COMPILED)


class Benchmark(NamedTuple):
    """A script with its arguments, in full and for a quick look, and its contestants."""

    script: str
    arguments: str
    quick: str
    labels: tuple[str, ...] = (*FITS, *LOOPS, interleaved.ROOF)


DCGAN = "dcgan_throughput.py", "--widths 8 --batches 8 --rounds 2 --images 32"
BENCHMARKS = {
    "DCGAN, 64 px": Benchmark(DCGAN[0], "--widths 32 --batches 32 --rounds 7 --images 480", DCGAN[1]),
    "DCGAN, 28 px, batch 128": Benchmark(
        DCGAN[0],
        "--sizes 28 --widths 32 --batches 128 --rounds 7 --images 5120",
        f"--sizes 28 {DCGAN[1]}",
        (*FITS, *BARE, interleaved.LOOP, interleaved.ROOF),
    ),
    "Pix2Pix, 128 px": Benchmark(
        "translation_throughput.py",
        "--models pix2pix --rounds 7",
        "--models pix2pix --rounds 2 --size 32 --width 4 --steps 4",
    ),
    "CycleGAN, 128 px": Benchmark(
        "translation_throughput.py",
        "--models cyclegan --rounds 5 --steps 8",
        "--models cyclegan --rounds 2 --size 32 --width 4 --steps 2",
    ),
    "StyleGAN2, 32 px": Benchmark(
        "stylegan2_throughput.py",
        "--rounds 7",
        "--rounds 2 --size 16 --width 8 --latent 8 --batch 4",
    ),
}
SWEEP = {
    f"DCGAN, {size} px, width {width}, batch {batch}": Benchmark(
        DCGAN[0],
        f"--sizes {size} --widths {width} --batches {batch} --rounds 5 --images {max(8 * batch, 256)}",
        f"--sizes {min(size, 32)} {DCGAN[1]}",
    )
    for size, width, batch in itertools.product((32, 64, 128), (16, 64), (8, 64))
}
ALL = BENCHMARKS | SWEEP


def run(name, is_quick):
    """Run a benchmark; what `interleaved.measure` recorded."""
    script, arguments, quick, labels = ALL[name]
    words = [*(quick if is_quick else arguments).split(), "--only", *labels]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        subprocess.run(
            [sys.executable, HERE / script, *words],
            env={**os.environ, "INTERLEAVED_RESULTS": str(results)},
            check=True,
        )
        record = json.loads(results.read_text())
    command = shlex.join(["python", f"benchmarks/{script}", *words])
    return record | {"command": command, "native": interleaved.LOOP, "machine": study.machine()}


def tables(records):
    """Markdown, with a dash for what was not measured; a table without any figure is left out."""
    everyone = (*LOOPS, *FITS)
    parts = (
        ("Speed, ratio to the native loop in the same round (median)", everyone, ratio_to(native)),
        ("Share of the speed of a matrix product (median)", everyone, ratio_to(roof)),
        ("Speed of `fit`, ratio to the bare compiled step (median)", FITS, ratio_to(bare)),
        ("Seconds from the start of the process to the end of the first turn", everyone, start),
        ("Peak memory, MiB", everyone, memory),
    )
    lines = []
    for title, labels, value in parts:
        rows = {}
        for name, record in records.items():
            # Older results have another name of the loop.
            keys = [record["native"] if label == interleaved.LOOP else label for label in labels]
            rows[name] = [value(record, key) if key in record["speeds"] else None for key in keys]
        rows = {name: row for name, row in rows.items() if any(row)}
        if rows:
            lines += [f"{title}:", "", f"| benchmark | {' | '.join(labels)} |"]
            lines.append("|---|" + "---:|" * len(labels))
            lines += [f"| {name} | {' | '.join(x or '-' for x in row)} |" for name, row in rows.items()]
            lines.append("")
    return "\n".join(lines)


def ratio_to(other_of):
    """A function that gives a contestant's median ratio to `other_of(record, label)`."""

    def ratio(record, label):
        speeds, other = record["speeds"], other_of(record, label)
        if other not in speeds:
            return None
        ratios = [own / its for own, its in zip(speeds[label], speeds[other], strict=True)]
        return f"{statistics.median(ratios):.2f}"

    return ratio


def native(record, label):
    return record["native"]


def roof(record, label):
    return interleaved.ROOF


def bare(record, label):
    return BARE[FITS.index(label)]


def start(record, label):
    return f"{record['start'][label]:.1f}"


def memory(record, label):
    return f"{record['memory'][label]:,.0f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="tiny networks: does everything run?")
    parser.add_argument("--sweep", action="store_true", help="DCGAN in many sizes, widths, batches")
    parser.add_argument("--only", nargs="+", choices=ALL, help="by default all, or the sweep")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "throughput.json")
    parser.add_argument("--table", action="store_true", help="print the tables of --out")
    arguments = parser.parse_args()
    records = json.loads(arguments.out.read_text()) if arguments.out.exists() else {}
    if not arguments.table:
        records = {} if arguments.quick else records
        for name in arguments.only or (SWEEP if arguments.sweep else BENCHMARKS):
            records[name] = run(name, arguments.quick)
            if not arguments.quick:
                arguments.out.write_text(json.dumps(records, indent=1))
    print(tables(records))


if __name__ == "__main__":
    main()
