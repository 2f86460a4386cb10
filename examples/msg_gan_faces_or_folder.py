"""MSG-GAN on a folder of pictures: all image sizes are trained at once.

python examples/msg_gan_faces_or_folder.py PICTURES --size 64 --epochs 80
"""

import numpy as np
from _common import noise, parse_options

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

options = parse_options(
    __doc__,
    smoke={"data": noise(32, 8), "size": 8, "width": 4, "epochs": 1},
    positional={"data": "a folder of pictures, or an .npz file"},
    size=64,
    width=64,
    epochs=80,
    out="runs/msg_gan_faces_or_folder",
    help={"width": "maximum number of channels"},
)
dataset = kgz.data.load(options.data, image_size=options.size, batch_size=16, aspect="crop", flip=True)
model = kgz.MSGGAN(dataset.image_shape, latent_dim=128, width=options.width)
model.compile(recipe="robust")  # learning rates by width
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=5)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")

rows = [
    images.repeat(options.size // images.shape[1], 1).repeat(options.size // images.shape[2], 2)
    for images in model.generate_scales(8, seed=0)
]
grids.grid(np.concatenate(rows), options.out / "scales.png", columns=8)
print(f"Image grids and model: {options.out}; scales.png has the same images in all sizes")
