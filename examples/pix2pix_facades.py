"""Pix2Pix: photographs of facades from label maps of their parts.

python examples/pix2pix_facades.py --data facades_128.npz   # or a folder of side-by-side pictures
"""

from _common import parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"epochs": 1, "width": 8},
    data="facades_128.npz",
    image_size=None,
    epochs=40,
    width=32,
    out="runs/pix2pix_facades",
    help={"data": "a source of keras_gan_zoo.data.paired"},
)
if options.smoke:
    dataset = kgz.data.paired("digits", make="edges", image_size=32, channels=3, samples=16)
else:
    dataset = kgz.data.paired(options.data, image_size=options.image_size, jitter=True, flip=True)
channels = dataset.input_shape[2]
model = kgz.Pix2Pix(dataset.target_shape, input_channels=channels, width=options.width)
model.compile()
snapshots = kgz.callbacks.ImageSnapshots(options.out, samples=24)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")
print(f"Image grids (input, output, target) and model: {options.out}")
