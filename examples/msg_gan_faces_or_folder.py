"""MSG-GAN on a folder of pictures: images in all sizes at once.

python examples/msg_gan_faces_or_folder.py PICTURES --size 64 --epochs 80
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", nargs="?", help="a folder of pictures, or an .npz file")
parser.add_argument("--size", type=int, default=64, help="side of the pictures in pixels")
parser.add_argument("--width", type=int, default=64, help="most channels of a level")
parser.add_argument("--epochs", type=int, default=80)
parser.add_argument("--out", default="runs/msg_gan_faces_or_folder")
parser.add_argument("--smoke", action="store_true", help="a few steps on noise")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data = np.random.default_rng(0).integers(0, 256, (32, 8, 8, 3), dtype="uint8")
    arguments.size, arguments.width, arguments.epochs = 8, 4, 1
elif arguments.data is None:
    parser.error("name a folder of pictures, or pass --smoke")

dataset = kgz.data.load(
    arguments.data, image_size=arguments.size, batch_size=16, aspect="crop", flip=True
)
model = kgz.MSGGAN(dataset.image_shape, latent_dim=128, width=arguments.width)
model.compile()
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, every=5)],
)
model.save(f"{arguments.out}/model.keras")
rows = [
    images.repeat(arguments.size // images.shape[1], 1).repeat(arguments.size // images.shape[2], 2)
    for images in model.generate_scales(8, seed=0)
]
grids.grid(np.concatenate(rows), f"{arguments.out}/scales.png", columns=8)
print(f"Pictures and model are in {arguments.out}; scales.png has the same images in all sizes")
