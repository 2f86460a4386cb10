"""DCGAN on a folder of colour pictures: nebulae, cars, yours.

python examples/dcgan_folder.py PICTURES --size 64 --epochs 80
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("data", nargs="?", help="a folder of pictures, or an .npz file")
parser.add_argument("--size", type=int, default=64, help="side of the pictures in pixels")
parser.add_argument("--width", type=int, default=32, help="channels next to the image")
parser.add_argument("--epochs", type=int, default=80)
parser.add_argument("--recipe", help="small_data, stable, ...: see keras_gan_zoo.recipes")
parser.add_argument("--out", default="runs/dcgan_folder")
parser.add_argument("--smoke", action="store_true", help="a few steps on noise")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 3), dtype="uint8")
    arguments.size, arguments.width, arguments.epochs = 16, 8, 1
elif arguments.data is None:
    parser.error("name a folder of pictures, or pass --smoke")

dataset = kgz.data.load(arguments.data, image_size=arguments.size, batch_size=32)
model = kgz.DCGAN(dataset.image_shape, width=arguments.width)
model.compile(recipe=arguments.recipe, ema=0.999)
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[
        kgz.callbacks.ImageSnapshots(arguments.out, every=5),
        kgz.callbacks.LabelSmoothing(real=0.9),
    ],
)
model.save(f"{arguments.out}/model.keras")
print(f"Pictures and model are in {arguments.out}")
