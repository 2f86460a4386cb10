"""A network that renders any photo in one pass, in one of the styles that it was trained on.

python examples/fast_style_transfer.py PHOTOS painting.jpg another.jpg --size 256
python examples/fast_style_transfer.py facades_128.npz:target_train nebula_64.npz:x_train:297
"""

import numpy as np
from _common import parse_options

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

options = parse_options(
    __doc__,
    smoke={"size": 32, "width": 4, "epochs": 1},
    positional={
        "photos": "a folder, or FILE.npz:ARRAY",
        "style*": "pictures, or FILE.npz:ARRAY:NUMBER",
    },
    size=128,
    width=16,
    epochs=10,
    network="rgb64",
    style_weight=20.0,
    out="runs/fast_style_transfer",
    help={
        "size": "side of the training photos in pixels",
        "network": "rgb64, which ships with the package, or vgg19",
    },
)


def read_array(source):
    """Return an array of an .npz file, or one image of it."""
    path, array, *number = source.split(":")
    images = np.load(path)[array]
    return images[[int(number[0])]] if number else images


def load_photos(source):
    source = read_array(source) if ".npz:" in source else source
    return kgz.data.load(source, image_size=options.size, channels=3, batch_size=4)


def load_style(source):
    if ".npz:" not in source:
        return kgz.data.picture(source, options.size)
    return kgz.data.load(read_array(source), image_size=options.size, batch_size=1)[0][0][0]


def resize(picture):
    return kgz.data.load(picture[None], image_size=options.size, batch_size=1).images


if options.smoke:
    dataset = kgz.data.load("digits", image_size=32, channels=3, batch_size=4, samples=16)
    styles = [image / 127.5 - 1.0 for image in dataset.images[:2].astype("float32")]
else:
    dataset = load_photos(options.photos)
    styles = [load_style(style) for style in options.style]
model = kgz.FastStyleTransfer(
    dataset.image_shape, styles=len(styles), width=options.width, network=options.network, seed=0
)
model.compile(style_weight=options.style_weight)
snapshots = kgz.callbacks.ImageSnapshots(options.out, samples=16)
model.fit(dataset, styles, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")

contents = dataset.images[:6] / np.float32(127.5) - 1
rows = [np.ones_like(contents[:1]), contents]  # an empty corner, then a row for each style
for number, style in enumerate(styles):
    rows += [resize(style), model.translate(contents, number)]
grids.grid(np.concatenate(rows), options.out / "painted.png", columns=7)
print(f"Pictures and model: {options.out}")
print(f"Your own: keras-gan-zoo style PHOTO {options.out}/model.keras --out painted.png")
