"""A photo in the style of a painting, optimized at two sizes: first large strokes, then fine ones.

python examples/style_transfer.py photo.jpg painting.jpg
python examples/style_transfer.py facades_128.npz:target_test:34 nebula_64.npz:x_train:297 \\
    --size 256 --style-size 128
"""

import numpy as np
from _common import parse_options

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

options = parse_options(
    __doc__,
    smoke={"size": 32, "steps": 2},
    positional={
        "content": "a picture, or FILE.npz:ARRAY:NUMBER",
        "style*": "pictures, or FILE.npz:ARRAY:NUMBER",
    },
    size=512,
    style_size=None,
    steps=200,
    network="rgb64",
    style_weight=20.0,
    out="runs/style_transfer",
    help={
        "size": "longer side of the result in pixels",
        "style_size": "longer side of the styles; a larger one gives larger strokes (default: --size)",
        "steps": "steps at each size",
        "network": "rgb64, which ships with the package, or vgg19",
    },
)


def read(source, size):
    """Return a picture (height, width, 3) in [-1, 1] with this longer side."""
    if not isinstance(source, str):
        images = source[None]
    elif ".npz:" in source:
        path, array, number = source.split(":")
        images = np.load(path)[array][[int(number)]]
    else:
        return kgz.data.picture(source, size)
    return kgz.data.load(images, image_size=size, batch_size=1)[0][0][0]


content_source, style_sources = options.content, options.style
if options.smoke:
    content_source, *style_sources = kgz.data.load("digits", channels=3, samples=2, batch_size=2).images
model = kgz.StyleTransfer(options.network)
model.compile(style_weight=options.style_weight, variation_weight=0.5)
start = "recoloured"
for part in (2, 1):
    size = options.size // part
    content = read(content_source, size)
    styles = [read(style, (options.style_size or options.size) // part) for style in style_sources]
    if not isinstance(start, str):  # the result at half of the size
        start = kgz.data.load(start, image_size=content.shape[:2], batch_size=1)[0][0]
    model.fit(
        content,
        styles,
        epochs=10,
        steps_per_epoch=max(1, options.steps // 10),
        start=start,
        callbacks=[kgz.callbacks.ImageSnapshots(options.out / str(size))],
    )
    start = model.pictures()
grids.save(grids.picture(start[0]), options.out / "painted.png")
print(f"Picture: {options.out}/painted.png\nAnimation: {options.out}/{size}/training.gif")
