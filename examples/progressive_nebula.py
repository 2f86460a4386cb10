"""ProgressiveGAN on a folder of pictures, such as nebulae: from 4x4 to the whole image in one `fit`.

python examples/progressive_nebula.py PICTURES --size 64 --phase 40000
"""

import argparse
import math

import numpy as np

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", nargs="?", help="a folder of pictures, or an .npz file")
parser.add_argument("--size", type=int, default=64, help="side of the pictures in pixels")
parser.add_argument("--width", type=int, default=64, help="most channels of a level")
parser.add_argument("--phase", type=int, default=40_000, help="images that a level fades in, and stays")
parser.add_argument("--out", default="runs/progressive_nebula")
parser.add_argument("--smoke", action="store_true", help="a few steps on noise")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data = np.random.default_rng(0).integers(0, 256, (64, 8, 8, 3), dtype="uint8")
    arguments.size, arguments.width, arguments.phase = 8, 4, 32
elif arguments.data is None:
    parser.error("name a folder of pictures, or pass --smoke")

dataset = kgz.data.load(
    arguments.data, image_size=arguments.size, batch_size=16, aspect="crop", flip=True
)
model = kgz.ProgressiveGAN(dataset.image_shape, latent_dim=128, width=arguments.width)
model.compile()
phases = 2 * len(model.sides)  # the last one twice as long
epochs = math.ceil(phases * arguments.phase / (16 * len(dataset)))
model.fit(
    dataset,
    epochs=epochs,
    callbacks=[
        kgz.callbacks.ProgressiveGrowth(fade=arguments.phase, stable=arguments.phase),
        kgz.callbacks.ImageSnapshots(arguments.out, every=max(1, epochs // 50)),
    ],
)
model.save(f"{arguments.out}/model.keras")
print(f"Pictures and model are in {arguments.out}")
