"""Pictures and logs of failed trainings for docs/guides/it_does_not_train.md.

python benchmarks/failures.py discriminator_wins oscillation --out docs/images

Each trains a DCGAN of width 32 on digits. A row shows the same latents after so many steps; the last
row of "oscillation" the moving average of the same training. The logs of the same steps are printed.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids


def adam(rate, beta_1=0.5):
    return keras.optimizers.Adam(rate, beta_1=beta_1)


# Arguments of `compile`, and the steps that are shown.
FAILURES = {
    "discriminator_wins": ({"d_opt": adam(4e-3), "g_opt": adam(1e-4)}, range(200, 1201, 200)),
    "oscillation": (
        {"d_opt": adam(2e-3, 0.9), "g_opt": adam(2e-3, 0.9), "ema": 0.999},
        range(1500, 2001, 100),
    ),
}


class Rows(keras.callbacks.Callback):
    """Keeps images of the generator itself and prints logs."""

    def __init__(self, steps):
        super().__init__()
        self.at, self.rows = set(steps), []
        self.latents = np.random.default_rng(0).normal(size=(12, 100)).astype("float32")

    def images(self, network):
        return keras.ops.convert_to_numpy(network(self.latents, training=False))

    def on_train_batch_end(self, batch, logs=None):
        if self.model.steps in self.at:
            self.rows.append(self.images(self.model.generator))
            names = ("d_loss", "g_loss", "real_score", "fake_score")
            print(self.model.steps, {name: round(float(logs[name]), 3) for name in names}, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=FAILURES)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    dataset = kgz.data.load("digits", batch_size=16)
    for name in arguments.names:
        compiled, steps = FAILURES[name]
        model = kgz.DCGAN(dataset.image_shape, width=32, seed=0)
        model.compile(**compiled)
        rows = Rows(steps)
        epochs = -(-max(steps) // len(dataset))
        print(name)
        model.fit(dataset, epochs=epochs, verbose=0, callbacks=[rows])
        if model.ema_generator is not None:
            rows.rows.append(rows.images(model.ema_generator))
        path = arguments.out / f"failure_{name}.png"
        grids.grid(np.concatenate(rows.rows), path, columns=12)
        print(path)


if __name__ == "__main__":
    main()
