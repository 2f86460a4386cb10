"""StyleGAN2 on a folder of pictures, with adaptive augmentation for small datasets.

python examples/stylegan2_folder.py PICTURES --size 64 --epochs 200
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
    width=32,
    epochs=200,
    out="runs/stylegan2_folder",
    help={"width": "maximum number of channels; 512 in the paper"},
)
dataset = kgz.data.load(options.data, image_size=options.size, batch_size=16, aspect="crop", flip=True)
model = kgz.StyleGAN2(
    dataset.image_shape,
    latent_dim=4 * options.width,
    width=options.width,
    channel_base=64 * options.width,
    mapping_layers=4,
)
model.compile(recipe="robust", augment="ada")
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=5)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")

for truncation in (1.0, 0.7, 0.4):
    images = model.generate(32, seed=0, truncation=truncation)
    grids.grid(images, options.out / f"truncation_{truncation}.png", columns=8)
images, columns = model.style_mixing(4, 6, seed=0, truncation=0.7)
grids.grid(images, options.out / "mixing.png", columns)
targets = dataset[0][0][:4]
styles = model.project(targets, steps=10 if options.smoke else 500)
images = np.concatenate([targets, model.synthesize(styles)])
grids.grid(images, options.out / "projection.png", columns=4)
print(f"Image grids and model: {options.out}; projection.png has targets above their projections")
