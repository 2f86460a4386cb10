"""ProgressiveGAN on a folder of pictures: from 4x4 pixels to the full size in one `fit`.

python examples/progressive_nebula.py PICTURES --size 64 --phase 40000
"""

import math

from _common import noise, parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"data": noise(64, 8), "size": 8, "width": 4, "phase": 32},
    positional={"data": "a folder of pictures, or an .npz file"},
    size=64,
    width=64,
    phase=40_000,
    out="runs/progressive_nebula",
    help={
        "width": "maximum number of channels",
        "phase": "images during which a level fades in, and again until the next level",
    },
)
dataset = kgz.data.load(options.data, image_size=options.size, batch_size=16, aspect="crop", flip=True)
model = kgz.ProgressiveGAN(dataset.image_shape, latent_dim=128, width=options.width)
model.compile(recipe="robust")  # learning rates by width
phases = 2 * len(model.sides)  # two for each level; the last level trains for two stable ones
epochs = math.ceil(phases * options.phase / (16 * len(dataset)))
growth = kgz.callbacks.ProgressiveGrowth(fade=options.phase, stable=options.phase)
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=max(1, epochs // 50))
model.fit(dataset, epochs=epochs, callbacks=[growth, snapshots])
model.save(options.out / "model.keras")
print(f"Image grids and model: {options.out}")
