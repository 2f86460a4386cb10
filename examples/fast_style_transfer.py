"""A network that paints any photo in one pass, in one of the styles that it has learned.

python examples/fast_style_transfer.py PHOTOS painting.jpg another.jpg --size 256
python examples/fast_style_transfer.py facades_128.npz:target_train nebula_64.npz:x_train:297
python examples/fast_style_transfer.py --smoke
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("photos", nargs="?", help="a folder, or FILE.npz:ARRAY")
parser.add_argument("style", nargs="*", help="pictures, or FILE.npz:ARRAY:NUMBER")
parser.add_argument("--size", type=int, default=128, help="side of the training photos in pixels")
parser.add_argument("--width", type=int, default=16)
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--network", default="rgb64", help="rgb64 ships with the package; or vgg19")
parser.add_argument("--style-weight", type=float, default=20.0)
parser.add_argument("--out", default="runs/fast_style_transfer")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pictures")
arguments = parser.parse_args()


def read(source):
    """An array of pictures of an .npz."""
    path, array, *number = source.split(":")
    images = np.load(path)[array]
    return images[[int(number[0])]] if number else images


def photos(source):
    source = read(source) if ".npz:" in source else source
    return kgz.data.load(source, image_size=arguments.size, channels=3, batch_size=4)


def painting(source):
    if ".npz:" not in source:
        return kgz.data.picture(source, arguments.size)
    return kgz.data.load(read(source), image_size=arguments.size, batch_size=1)[0][0][0]


def resized(picture):
    return kgz.data.load(picture[None], image_size=arguments.size, batch_size=1).images


if arguments.smoke:
    arguments.size, arguments.width, arguments.epochs = 32, 4, 1
    dataset = kgz.data.load("digits", image_size=32, channels=3, batch_size=4, samples=16)
    styles = [image / 127.5 - 1.0 for image in dataset.images[:2].astype("float32")]
elif arguments.style:
    dataset, styles = photos(arguments.photos), [painting(style) for style in arguments.style]
else:
    parser.error("name photos and a style, or pass --smoke")

model = kgz.FastStyleTransfer(
    dataset.image_shape, styles=len(styles), width=arguments.width, network=arguments.network, seed=0
)
model.compile(style_weight=arguments.style_weight)
model.fit(
    dataset,
    styles,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, samples=16)],
)
model.save(f"{arguments.out}/model.keras")
contents = dataset.images[:6] / np.float32(127.5) - 1
rows = [np.ones_like(contents[:1]), contents]  # a corner, then a row for each style
for number, style in enumerate(styles):
    rows += [resized(style), model.translate(contents, number)]
grids.grid(np.concatenate(rows), f"{arguments.out}/painted.png", columns=7)
print(f"Model and pictures are in {arguments.out}. Paint with it:")
print(f"keras-gan-zoo style PHOTO {arguments.out}/model.keras --out painted.png")
