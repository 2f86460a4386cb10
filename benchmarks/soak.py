"""A long training with pictures, checkpoints, metrics and all guards: does its memory grow?

KERAS_BACKEND=jax python benchmarks/soak.py --steps 20000

A small `DCGAN` on digits. Each row is a share of the training: resident memory after the garbage
collector ran, and the growth since the first fifth, in which buffers and caches are filled.
"""

import argparse
import gc
import tempfile
from pathlib import Path

import keras

import keras_gan_zoo as kgz

PAGE = 4096


class Memory(keras.callbacks.Callback):
    """Resident memory in MiB at each fifth of the training."""

    def __init__(self, steps):
        super().__init__()
        self.steps, self.done, self.rows = steps, 0, []

    def on_train_batch_end(self, batch, logs=None):
        self.done += 1
        if self.done % (self.steps // 5) == 0:
            gc.collect()
            pages = int(Path("/proc/self/statm").read_text().split()[1])
            self.rows.append((self.done, pages * PAGE / 2**20))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--size", type=int, default=28)
    parser.add_argument("--width", type=int, default=4)
    parser.add_argument("--every", type=int, default=500, help="steps of an epoch")
    arguments = parser.parse_args()
    dataset = kgz.data.load(
        "digits", samples=8 * arguments.every, image_size=arguments.size, batch_size=8, seed=0
    )
    model = kgz.DCGAN(dataset.image_shape, width=arguments.width, upsampling="resize", seed=0)
    model.compile(recipe="small_data")
    memory = Memory(arguments.steps)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        model.fit(
            dataset,
            epochs=arguments.steps // arguments.every,
            verbose=0,
            callbacks=[
                memory,
                kgz.callbacks.FiniteNumbers("skip"),
                kgz.callbacks.ImageSnapshots(folder / "pictures"),
                kgz.callbacks.Checkpoint(folder / "checkpoints", every_steps=arguments.every // 2),
                kgz.callbacks.Evaluate("kernel,prdc", samples=64, cache=None),
            ],
        )
    print("| backend | steps | MiB | growth |\n|" + " --- |" * 4)
    first = memory.rows[0][1]
    for steps, size in memory.rows:
        row = [
            keras.backend.backend(),
            f"{steps:,}",
            f"{size:.1f}",
            f"{100 * (size / first - 1):+.2f} %",
        ]
        print(f"| {' | '.join(row)} |")


if __name__ == "__main__":
    main()
