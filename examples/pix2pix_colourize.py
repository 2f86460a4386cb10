"""Pix2Pix: colours for grey pictures, learned from any colour pictures.

python examples/pix2pix_colourize.py --data my_pictures --image-size 64
python examples/pix2pix_colourize.py --data nebula_64.npz
"""

from _common import parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"data": "digits", "image_size": 32, "epochs": 1, "width": 8},
    data="cifar10",
    image_size=None,
    epochs=20,
    width=32,
    out="runs/pix2pix_colourize",
    help={"data": "a source of keras_gan_zoo.data.load, in colour"},
)
dataset = kgz.data.paired(
    options.data,
    make="grey",
    image_size=options.image_size,
    batch_size=8,
    channels=(1, 3),
    flip=True,
    samples=32 if options.smoke else None,
)
model = kgz.Pix2Pix(dataset.target_shape, input_channels=1, width=options.width)
model.compile()
snapshots = kgz.callbacks.ImageSnapshots(options.out, samples=24)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")
print(f"Image grids (input, output, target) and model: {options.out}")
print(f"Your own: keras-gan-zoo translate {options.out}/model.keras GREY_PICTURES COLOURED_PICTURES")
