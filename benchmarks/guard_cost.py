"""What noticing NaN (`callbacks.FiniteNumbers`) costs a training of DCGAN on MNIST-sized images.

    KERAS_BACKEND=torch python benchmarks/guard_cost.py --epochs 30
    KERAS_BACKEND=torch python benchmarks/guard_cost.py --checkpoint --epochs 8 --steps 3750 \\
        --batch 16 --width 32

Trains one model per action, in turns of one epoch each, and compares each turn with the turn of the
training without a guard beside it: a slow minute of the machine hits all of them. The second command
has epochs of MNIST, and the guarded training writes a checkpoint after each.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.callbacks import Checkpoint, FiniteNumbers


class Contestant:
    def __init__(self, action, arguments, images, folder):
        self.model = kgz.DCGAN((28, 28, 1), width=arguments.width, seed=0)
        self.model.compile()
        self.action, self.batch, self.images = action, arguments.batch, images
        self.checkpoints = Path(folder) / action if action and arguments.checkpoint else None

    def epoch(self):
        # The copy for "rewind" is made at the start and once within the epoch.
        callbacks = [FiniteNumbers(self.action, every=max(1, len(self.images) // self.batch // 2))]
        if self.checkpoints:
            shutil.rmtree(self.checkpoints, ignore_errors=True)  # each turn is a training of its own
            callbacks.append(Checkpoint(self.checkpoints))
        start = time.perf_counter()
        self.model.fit(self.images, batch_size=self.batch, verbose=0, callbacks=callbacks)
        return time.perf_counter() - start


def compare(arguments, folder):
    shape = (arguments.steps * arguments.batch, 28, 28, 1)
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    actions = [None, *arguments.actions]
    contestants = [Contestant(action, arguments, images, folder) for action in actions]
    for contestant in contestants:
        contestant.epoch()  # compiles
    times = {action: [] for action in actions}
    for turn in range(arguments.epochs):
        for contestant in contestants if turn % 2 == 0 else contestants[::-1]:
            times[contestant.action].append(contestant.epoch())
    print("| action | time per step (median) | to no guard, per turn (median) | of the fastest turns |")
    print("|---|---:|---:|---:|")
    for action, seconds in times.items():
        ratios = [own / none for own, none in zip(seconds, times[None])]
        fastest = min(seconds) / min(times[None])
        step = statistics.median(seconds) / arguments.steps
        ratio = statistics.median(ratios)
        print(f"| {action} | {step * 1e3:.1f} ms | {ratio - 1:+.1%} | {fastest - 1:+.1%} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--actions", nargs="+", default=["stop"])
    parser.add_argument("--checkpoint", action="store_true", help="with a guard, one in each epoch")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(arguments, folder)


if __name__ == "__main__":
    main()
