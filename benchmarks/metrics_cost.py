"""Time of the Fréchet distance beside torch-fidelity's and pytorch-fid's, and memory of the metrics.

    pip install --no-deps torch-fidelity pytorch-fid
    python benchmarks/metrics_cost.py time
    python benchmarks/metrics_cost.py memory

Each takes features and gives the distance: no images, no network. The two packages import torchvision,
which their distances do not use; an empty stand-in takes its place where it is not installed.
"""

import argparse
import importlib
import resource
import statistics
import subprocess
import sys
import time
from unittest import mock

import numpy as np

from keras_gan_zoo import metrics


def ours(real, fake):
    return metrics.frechet_distance(real, fake)


def torch_fidelity(real, fake):
    from torch_fidelity.metric_fid import fid_statistics_to_metric

    statistics = [{"mu": np.mean(x, axis=0), "sigma": np.cov(x, rowvar=False)} for x in (real, fake)]
    return fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"]


def pytorch_fid(real, fake):
    from pytorch_fid.fid_score import calculate_frechet_distance

    moments = [part for x in (real, fake) for part in (np.mean(x, axis=0), np.cov(x, rowvar=False))]
    return calculate_frechet_distance(*moments)


def features(n, d, seed):
    """Correlated, non-negative float32 features, as pooled activations are."""
    rng = np.random.default_rng(seed)
    mixing = np.random.default_rng(0).standard_normal((d, d), "float32") / np.sqrt(d)
    found = np.empty((n, d), "float32")
    for part in np.array_split(np.arange(n), 10):
        found[part] = np.abs(rng.standard_normal((len(part), d), "float32") @ mixing + 0.1 * seed)
    return found


def import_without_torchvision(name):
    while True:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if not error.name.startswith("torchvision"):
                raise
            sys.modules[error.name] = mock.MagicMock(__path__=[], __spec__=None)


def measure_time(arguments):
    for package in ("torch_fidelity.metric_fid", "pytorch_fid.fid_score"):
        import_without_torchvision(package)
    real, fake = (features(arguments.n, arguments.d, seed) for seed in (1, 2))
    contestants = (ours, torch_fidelity, pytorch_fid)
    seconds, values = {kind: [] for kind in contestants}, {}
    for _ in range(arguments.rounds):
        for kind in contestants:
            start = time.perf_counter()
            values[kind] = float(kind(real, fake))
            seconds[kind].append(time.perf_counter() - start)
    print(f"{arguments.n:,} against {arguments.n:,} features of {arguments.d}, float32\n")
    print("| | value | seconds (median) | ratio to ours, per round (median) |")
    print("|---|---:|---:|---:|")
    for kind in contestants:
        ratios = [theirs / own for theirs, own in zip(seconds[kind], seconds[ours])]
        print(
            f"| {kind.__name__} | {values[kind]:.9g} | {statistics.median(seconds[kind]):.1f} "
            f"| {statistics.median(ratios):.2f} |"
        )


SPECS = {
    "frechet_distance": metrics.frechet_distance,
    "kernel_distance": metrics.kernel_distance,
    "prdc": metrics.prdc,
}


def measure_memory(arguments):
    print(f"peak memory for {arguments.n:,} against {arguments.n:,} features of {arguments.d}\n")
    print("| metric | of the process | without the metric |\n|---|---:|---:|")
    nothing = peak("nothing", arguments)
    for name in SPECS:
        print(f"| {name} | {peak(name, arguments):.2f} GiB | {nothing:.2f} GiB |")


def peak(name, arguments):
    command = [
        sys.executable,
        __file__,
        "--metric",
        name,
        "--n",
        arguments.n,
        "--d",
        arguments.d,
        "one",
    ]
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return float(result.stdout.split()[-1]) / 2**20


def measure_one(arguments):
    """In a process of its own: peak resident memory in KiB, which Linux counts in."""
    real, fake = (features(arguments.n, arguments.d, seed) for seed in (1, 2))
    if arguments.metric in SPECS:
        SPECS[arguments.metric](real, fake)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    modes = {"time": measure_time, "memory": measure_memory, "one": measure_one}
    parser.add_argument("what", choices=modes)
    parser.add_argument("--n", type=int)
    parser.add_argument("--d", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--metric", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.n = arguments.n or (10_000 if arguments.what == "time" else 50_000)
    modes[arguments.what](arguments)


if __name__ == "__main__":
    main()
