"""Pix2Pix: photographs of facades from coloured maps of their parts.

python examples/pix2pix_facades.py --data facades_128.npz   # or a folder of side-by-side pictures
python examples/pix2pix_facades.py --smoke                  # a few steps on made-up drawings
"""

import argparse

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="facades_128.npz", help="see keras_gan_zoo.data.paired")
parser.add_argument("--image-size", type=int)
parser.add_argument("--epochs", type=int, default=40)
parser.add_argument("--width", type=int, default=32)
parser.add_argument("--out", default="runs/pix2pix_facades")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up drawings")
arguments = parser.parse_args()

if arguments.smoke:
    arguments.epochs, arguments.width = 1, 8
    dataset = kgz.data.paired("digits", make="edges", image_size=32, channels=3, samples=16)
else:
    dataset = kgz.data.paired(arguments.data, image_size=arguments.image_size, jitter=True, flip=True)
model = kgz.Pix2Pix(dataset.target_shape, input_channels=dataset.input_shape[2], width=arguments.width)
model.compile()
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, samples=24)],
)
model.save(f"{arguments.out}/model.keras")
print(f"Pictures (input, output, target) and model are in {arguments.out}")
