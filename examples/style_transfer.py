"""A photo in the style of a painting, at two sizes: first the large strokes, then the fine ones.

python examples/style_transfer.py photo.jpg painting.jpg
python examples/style_transfer.py facades_128.npz:target_test:34 nebula_64.npz:x_train:297 \\
    --size 256 --style-size 128
python examples/style_transfer.py --smoke
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("content", nargs="?", help="a picture, or FILE.npz:ARRAY:NUMBER")
parser.add_argument("style", nargs="*", help="pictures likewise")
parser.add_argument("--size", type=int, default=512, help="longer side in pixels")
parser.add_argument("--style-size", type=int, help="the same of styles: how large strokes are")
parser.add_argument("--steps", type=int, default=200, help="at each size")
parser.add_argument("--network", default="rgb64", help="rgb64 ships with the package; or vgg19")
parser.add_argument("--style-weight", type=float, default=20.0)
parser.add_argument("--out", default="runs/style_transfer")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up pictures")
arguments = parser.parse_args()


def read(source, size):
    """A picture (height, width, 3) in [-1, 1] with this longer side."""
    if not isinstance(source, str):
        images = source[None]
    elif ".npz:" in source:
        path, array, number = source.split(":")
        images = np.load(path)[array][[int(number)]]
    else:
        return kgz.data.picture(source, size)
    return kgz.data.load(images, image_size=size, batch_size=1)[0][0][0]


if arguments.smoke:
    digits = kgz.data.load("digits", channels=3, batch_size=2).images
    arguments.content, arguments.style, arguments.size, arguments.steps = digits[0], [digits[1]], 32, 2
elif not arguments.style:
    parser.error("name a content and a style, or pass --smoke")

model = kgz.StyleTransfer(arguments.network)
model.compile(style_weight=arguments.style_weight, variation_weight=0.5)
start = "recoloured"
for part in (2, 1):
    size = arguments.size // part
    content = read(arguments.content, size)
    styles = [
        read(style, (arguments.style_size or arguments.size) // part) for style in arguments.style
    ]
    if not isinstance(start, str):  # what was painted at half of the size
        start = kgz.data.load(start, image_size=content.shape[:2], batch_size=1)[0][0]
    model.fit(
        content,
        styles,
        epochs=10,
        steps_per_epoch=max(1, arguments.steps // 10),
        start=start,
        callbacks=[kgz.callbacks.ImageSnapshots(f"{arguments.out}/{size}")],
    )
    start = model.pictures()
grids.save(grids.picture(start[0]), f"{arguments.out}/painted.png")
print(f"{arguments.out}/painted.png; how it came to be: {arguments.out}/{size}/training.gif")
