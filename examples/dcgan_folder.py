"""DCGAN on a folder of colour pictures.

python examples/dcgan_folder.py PICTURES --size 64 --epochs 80
"""

from _common import noise, parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"data": noise(64, 16), "size": 16, "width": 8, "epochs": 1},
    positional={"data": "a folder of pictures, or an .npz file"},
    size=64,
    width=32,
    epochs=80,
    recipe=None,
    out="runs/dcgan_folder",
    help={"recipe": "a name of keras_gan_zoo.recipes (default: by the number of pictures)"},
)
dataset = kgz.data.load(options.data, image_size=options.size, batch_size=16)
recipe = options.recipe or kgz.recipes.for_data(kgz.DCGAN, dataset)[0]
model = kgz.DCGAN(dataset.image_shape, width=options.width, upsampling="resize")
model.compile(recipe=recipe)
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=5)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")
print(f"Image grids and model: {options.out}")
