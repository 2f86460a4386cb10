"""Conditional GAN on handwritten digits: a row for each.

python examples/conditional_mnist.py                     # MNIST, fetched by Keras
python examples/conditional_mnist.py --data mnist.npz    # or from a file, or --data digits offline
python examples/conditional_mnist.py --conditioning auxiliary    # or projection, or concat
"""

import argparse

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="mnist")
parser.add_argument("--conditioning", default="concat", choices=("concat", "projection", "auxiliary"))
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--width", type=int, default=64)
parser.add_argument("--out", default="runs/conditional_mnist")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up digits")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data, arguments.epochs, arguments.width = "digits", 1, 8

samples = 1024 if arguments.smoke else None
dataset = kgz.data.load(arguments.data, batch_size=64, labels=True, samples=samples)
model = kgz.ConditionalGAN(
    dataset.image_shape,
    num_classes=dataset.num_classes,
    conditioning=arguments.conditioning,
    width=arguments.width,
)
model.compile(ema=0.99 if arguments.smoke else 0.999)
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[
        kgz.callbacks.ImageSnapshots(arguments.out, samples=100),  # a row for each digit
        kgz.callbacks.LabelSmoothing(real=0.9),
    ],
)
model.save(f"{arguments.out}/model.keras")

sevens = model.generate(16, labels=7, seed=0)
grids.grid(sevens, f"{arguments.out}/sevens.png")
print(f"Pictures and model are in {arguments.out}")
