"""Fill the table of docs/guides/export.md: every model of the registry, format and backend.

python benchmarks/export_table.py                                        # all, a process each
python benchmarks/export_table.py --backends torch --formats litert      # some; the others stay
python benchmarks/export_table.py --print                                # only write the table

Models are those of the tests, two presets excepted. A figure is the largest difference between the
images of the file in its runtime and those of the model, which are in [-1, 1]. The results are kept in
benchmarks/results/export.json, from which the table is written.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from keras_gan_zoo import registry
from keras_gan_zoo.export import formats

ROOT = Path(__file__).parents[1]
RESULTS, PAGE = ROOT / "benchmarks/results/export.json", ROOT / "docs/guides/export.md"
BEGIN, END = "<!-- table: written by benchmarks/export_table.py -->", "<!-- end of the table -->"
BACKENDS = ("tensorflow", "jax", "torch")
PRESETS = ("dcgan_mnist_28", "stylegan2_mnist_28")
NAMES = (*registry.MODELS, "FastStyleTransfer", *PRESETS)


def load(name):
    import keras_gan_zoo as kgz

    if name in PRESETS:
        return kgz.from_preset(name)
    if name == "FastStyleTransfer":
        return kgz.FastStyleTransfer((8, 8, 3), width=4, blocks=1, network="rgb64", seed=0)
    sys.path.insert(0, str(ROOT / "tests"))
    import tools

    return tools.tiny(name)


def measure(name, format):
    """Print a line of JSON: a figure, or the reason why there is none."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"generator{formats.FORMATS[format].suffix}"
        try:
            figure = load(name).export(path, format, verbose=False)
        except Exception as error:
            figure = " ".join(str(error).split())[:200]
    print(json.dumps([figure]), flush=True)


def measured(name, format, backend):
    """What `measure` finds in a process of its own, as converters leave traces in theirs."""
    run = subprocess.run(
        [sys.executable, __file__, "--measure", name, format],
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return json.loads(run.stdout.splitlines()[-1])[0]


def cell(results, name, format):
    """The figures of the backends, or the letters of their reasons."""
    parts = []
    for backend in BACKENDS:
        if (format, backend) in formats.REASONS:
            parts.append(letter(format, backend))
        else:
            figure = results[name][format][backend]
            parts.append(f"{figure:.0e}".replace("e-0", "e-") if figure else str(figure))
    return " · ".join(parts).replace("0.0", "0")


def letter(format, backend):
    reasons = list(dict.fromkeys(formats.REASONS.values()))
    return "abcdefgh"[reasons.index(formats.REASONS[format, backend])]


def table(results):
    rows = [
        "| model | " + " | ".join(formats.FORMATS) + " |",
        "|---" * (1 + len(formats.FORMATS)) + "|",
    ]
    for name in NAMES:
        cells = " | ".join(cell(results, name, format) for format in formats.FORMATS)
        rows.append(f"| `{name}` | {cells} |")
    reasons = {letter(*key): reason for key, reason in formats.REASONS.items()}
    notes = [f"- {mark}: {reason}" for mark, reason in reasons.items()]
    return "\n".join([*rows, "", *notes])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=BACKENDS)
    parser.add_argument("--formats", nargs="+", choices=formats.FORMATS, default=formats.FORMATS)
    parser.add_argument("--models", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--print", action="store_true", help="only write the table")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(*arguments.measure)
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for format in () if arguments.print else arguments.formats:
        for backend in arguments.backends:
            if backend not in formats.FORMATS[format].writers:
                continue
            for name in arguments.models:
                figure = measured(name, format, backend)
                print(f"{name} to {format} on {backend}: {figure}", file=sys.stderr)
                results.setdefault(name, {}).setdefault(format, {})[backend] = figure
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    before, rest = PAGE.read_text().split(BEGIN)
    written = table(results)
    PAGE.write_text(f"{before}{BEGIN}\n{written}\n{END}{rest.split(END)[1]}")
    print(written)


if __name__ == "__main__":
    main()
