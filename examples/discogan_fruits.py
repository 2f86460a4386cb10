"""DiscoGAN: apples to lemons, or any two kinds of pictures, without pairs.

python examples/discogan_fruits.py --data apple2lemon_64.npz
python examples/discogan_fruits.py --data apples --to bananas --image-size 64   # two folders
"""

from _common import parse_options, synthetic_domains

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"epochs": 1, "width": 4},
    data="apple2lemon_64.npz",
    to=None,
    image_size=None,
    epochs=100,
    width=16,
    out="runs/discogan_fruits",
    help={"data": "a source of keras_gan_zoo.data.unpaired"},
)
if options.smoke:
    dataset = synthetic_domains()
else:
    dataset = kgz.data.unpaired(
        options.data, options.to, image_size=options.image_size, batch_size=16, flip=True
    )
model = kgz.DiscoGAN(dataset.input_shape, width=options.width)
model.compile()
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=8, samples=24)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")
print(f"Image grids (A, A to B, A to B to A; B, B to A, B to A to B) and model: {options.out}")
