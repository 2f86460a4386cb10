"""The same networks, trained the way of 2016 (frozen discriminator) and with `fit`, side by side.

python examples/legacy_vs_train_step.py
"""

import argparse
import time
from pathlib import Path

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="digits")
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--out", default="runs/legacy_vs_train_step")
parser.add_argument("--smoke", action="store_true", help="a few steps")
arguments = parser.parse_args()
samples, width = (128, 8) if arguments.smoke else (None, 32)
epochs = 1 if arguments.smoke else arguments.epochs

dataset = kgz.data.load(arguments.data, batch_size=32, samples=samples)
modern = kgz.DCGAN(dataset.image_shape, width=width, seed=0)
modern.compile()
networks = kgz.DCGAN(dataset.image_shape, width=width, seed=0)
legacy = kgz.legacy.FrozenDiscriminatorGAN(networks.generator, networks.discriminator)
legacy.compile()

rows = []
for name, model in (("frozen discriminator", legacy), ("fit", modern)):
    print(f"\n{name}")
    model.fit(dataset, epochs=1)  # compiles
    start = time.perf_counter()
    history = model.fit(dataset, epochs=epochs)
    speed = epochs * len(dataset) * dataset.batch_size / (time.perf_counter() - start)
    rows.append((name, speed, history.history["d_loss"][-1], history.history["g_loss"][-1]))

print(f"\n{'':22}{'images/s':>10}{'d_loss':>10}{'g_loss':>10}")
for name, *values in rows:
    print(f"{name:22}" + "".join(f"{value:10.3g}" for value in values))
print(f"fit is {rows[1][1] / rows[0][1]:.2f} times as fast")

folder = Path(arguments.out)
folder.mkdir(parents=True, exist_ok=True)
pictures = np.concatenate([model.generate(32, seed=0) for model in (legacy, modern)])
grids.grid(pictures, folder / "side_by_side.png", columns=8)
print(f"{folder / 'side_by_side.png'}: the upper four rows are the frozen discriminator's")
