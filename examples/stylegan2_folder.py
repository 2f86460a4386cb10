"""StyleGAN2 on a folder of pictures, with adaptive augmentation for small ones.

python examples/stylegan2_folder.py PICTURES --size 64 --epochs 200
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", nargs="?", help="a folder of pictures, or an .npz file")
parser.add_argument("--size", type=int, default=64, help="side of the pictures in pixels")
parser.add_argument("--width", type=int, default=32, help="most channels of a level; 512 in the paper")
parser.add_argument("--epochs", type=int, default=200)
parser.add_argument("--out", default="runs/stylegan2_folder")
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
model = kgz.StyleGAN2(
    dataset.image_shape,
    latent_dim=4 * arguments.width,
    width=arguments.width,
    channel_base=64 * arguments.width,
    mapping_layers=4,
)
model.compile(augment="ada")
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, every=5)],
)
model.save(f"{arguments.out}/model.keras")
for truncation in (1.0, 0.7, 0.4):
    images = model.generate(32, seed=0, truncation=truncation)
    grids.grid(images, f"{arguments.out}/truncation_{truncation}.png", columns=8)
images, columns = model.style_mixing(4, 6, seed=0, truncation=0.7)
grids.grid(images, f"{arguments.out}/mixing.png", columns)
target = dataset[0][0][:4]
styles = model.project(target, steps=10 if arguments.smoke else 500)
grids.grid(np.concatenate([target, model.synthesize(styles)]), f"{arguments.out}/found.png", columns=4)
print(f"Pictures and model are in {arguments.out}; found.png has pictures, and their likes below")
