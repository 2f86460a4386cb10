"""What each remedy adds to a training step: penalties, lazy or not, augmentation, normalization ...

All models live in one process; the turns of 16 steps each are interleaved, so that a slow minute of the
machine hits all of them. Printed are the medians of each round's ratio to the plain step.

    python benchmarks/remedies_cost.py --size 64 --width 32 --batch 32
"""

import argparse
import statistics
import time

import keras
import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo import penalties

CONTESTANTS = {
    "plain DCGAN": {},
    "R1": {"penalties": [penalties.R1(10.0)]},
    "R1 and R2": {"penalties": [penalties.R1(10.0), penalties.R2(10.0)]},
    "R1, every=16": {"penalties": [penalties.R1(10.0, every=16)]},
    "R1 and R2, every=16": {"penalties": [penalties.R1(10.0, every=16), penalties.R2(10.0, every=16)]},
    "gradient penalty": {"penalties": [penalties.GradientPenalty()]},
    "gradient penalty, every=16": {"penalties": [penalties.GradientPenalty(every=16)]},
    "DRAGAN": {"penalties": [penalties.DRAGAN()]},
    "DiffAugment": {"augment": "diffaugment"},
    "ADA": {"augment": "ada"},
    "feature matching": {"losses": {"adversarial": "non_saturating", "feature_matching": 1.0}},
    "EMA": {"ema": 0.999},
    "spectral normalization": {"d_norm": "spectral"},
    "layer normalization": {"d_norm": "layer"},
    "minibatch standard deviation": {"minibatch": "stddev"},
}
MODEL_ARGUMENTS = ("d_norm", "minibatch")
STEPS = 16


def contestant(arguments, size, width, batch):
    """A function that trains for 16 steps."""
    made = {name: arguments[name] for name in MODEL_ARGUMENTS if name in arguments}
    compiled = {name: value for name, value in arguments.items() if name not in made}
    model = kgz.DCGAN((size, size, 3), width=width, **made)
    model.compile(**compiled)
    images = np.random.default_rng(0).uniform(-1, 1, (STEPS * batch, size, size, 3)).astype("float32")
    return lambda: model.fit(images, batch_size=batch, verbose=0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", nargs="+", choices=CONTESTANTS)
    arguments = parser.parse_args()
    names = ["plain DCGAN", *(arguments.only or list(CONTESTANTS)[1:])]
    shape = (arguments.size, arguments.width, arguments.batch)
    runs = {name: contestant(CONTESTANTS[name], *shape) for name in names}
    for run in runs.values():
        run()  # compiles
    times = {name: [] for name in names}
    for _ in range(arguments.rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    plain = times["plain DCGAN"]
    print(
        f"{keras.backend.backend()}, {arguments.size}x{arguments.size}, width {arguments.width}, ",
        end="",
    )
    print(f"batch {arguments.batch}, {arguments.rounds} rounds of {STEPS} steps\n")
    print("| step | time, plain step = 1 | lowest to highest round |\n|---|---:|---:|")
    for name in names:
        ratios = sorted(own / base for own, base in zip(times[name], plain, strict=True))
        print(f"| {name} | {statistics.median(ratios):.2f} | {ratios[0]:.2f} to {ratios[-1]:.2f} |")


if __name__ == "__main__":
    main()
