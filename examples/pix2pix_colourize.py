"""Pix2Pix: colours for grey pictures, learned from any pictures.

python examples/pix2pix_colourize.py --data my_pictures --image-size 64
python examples/pix2pix_colourize.py --data nebula_64.npz
python examples/pix2pix_colourize.py --smoke
"""

import argparse

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="cifar10", help="what keras_gan_zoo.data.load takes, in colour")
parser.add_argument("--image-size", type=int)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--out", default="runs/pix2pix_colourize")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pictures")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data, arguments.image_size, arguments.epochs, arguments.width = "digits", 32, 1, 8

dataset = kgz.data.paired(
    arguments.data,
    make="grey",
    image_size=arguments.image_size,
    batch_size=8,
    channels=(1, 3),
    flip=True,
    samples=32 if arguments.smoke else None,
)
model = kgz.Pix2Pix(dataset.target_shape, input_channels=1, width=arguments.width)
model.compile()
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, samples=24)],
)
model.save(f"{arguments.out}/model.keras")
print(f"Pictures (grey, coloured, real) and model are in {arguments.out}")
print(f"Your own: keras-gan-zoo translate {arguments.out}/model.keras GREY_PICTURES COLOURED_PICTURES")
