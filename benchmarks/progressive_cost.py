"""What a step of ProgressiveGAN costs at each level, and what growing saves.

A model for each phase, and they take turns, so that a slow minute of the machine hits all of them. The
last line compares the time for a schedule of as many images in each phase, the last of them at full
size, with that for as many images at full size from the start.

    python benchmarks/progressive_cost.py --size 64 --width 64 --batch 16
"""

import argparse
import statistics
import time

import keras
import numpy as np

import keras_gan_zoo as kgz


def phases(model):
    """(level, whether it fades in), in the order of growth."""
    levels = range(len(model.sides))
    return [(level, fading) for level in levels for fading in ((True, False) if level else (False,))]


def runner(arguments, level, fading):
    """A function that trains for some steps in a phase; each has a model of its own."""
    shape = (arguments.size, arguments.size, 3)
    model = kgz.ProgressiveGAN(shape, latent_dim=arguments.latent, width=arguments.width)
    model.compile()
    model.grow(level, 10**12 if fading else 0)
    count = arguments.steps * arguments.batch
    images = np.random.default_rng(0).uniform(-1, 1, (count, *shape)).astype("float32")
    return lambda: model.fit(images, batch_size=arguments.batch, verbose=0)


def measure(arguments, names):
    """Images per second of every phase in every round."""
    runs = [runner(arguments, *name) for name in names]
    for run in runs:
        run()  # compiles
    speeds = [[] for _ in names]
    for _ in range(arguments.rounds):
        for run, found in zip(runs, speeds):
            start = time.perf_counter()
            run()
            found.append(arguments.steps * arguments.batch / (time.perf_counter() - start))
    return [statistics.median(found) for found in speeds]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in {
        "size": 64, "width": 64, "latent": 128, "batch": 16, "steps": 8, "rounds": 5,
    }.items():  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--last", type=int, default=1, help="how many times longer the last phase is")
    arguments = parser.parse_args()
    model = kgz.ProgressiveGAN((arguments.size, arguments.size, 3), 4, width=4)
    names = phases(model)
    speeds = measure(arguments, names)
    print(
        f"{keras.backend.backend()}, {arguments.size}x{arguments.size}, width {arguments.width}, batch "
        f"{arguments.batch}, median of {arguments.rounds} rounds of {arguments.steps} steps\n"
    )
    print("| phase | images/s | time for an image, whole = 1 |\n|---|---:|---:|")
    for (level, fading), speed in zip(names, speeds):
        sides = "x".join(map(str, model.sides[level]))
        print(f"| {sides}{', fading in' if fading else ''} | {speed:.3g} | {speeds[-1] / speed:.3f} |")
    weights = [1] * (len(names) - 1) + [arguments.last]
    grown = sum(weight / speed for weight, speed in zip(weights, speeds))
    whole = sum(weights) / speeds[-1]
    print(f"\nAs many images in each phase, {arguments.last} times as many in the last one: ", end="")
    print(f"{grown / whole:.2f} of the time at full size from the start")


if __name__ == "__main__":
    main()
