"""DiscoGAN: apples to lemons, or any two kinds of pictures, without pairs.

python examples/discogan_fruits.py --data apple2lemon_64.npz
python examples/discogan_fruits.py --data apples --to bananas --image-size 64   # two folders
"""

from _common import load_domains, parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"epochs": 1, "width": 4},
    data="apple2lemon_64.npz",
    to=None,
    image_size=None,
    epochs=300,
    width=32,
    out="runs/discogan_fruits",
    help={"data": "a source of keras_gan_zoo.data.unpaired"},
)
dataset = load_domains(options, batch_size=64)
model = kgz.DiscoGAN(dataset.input_shape, width=options.width)
model.compile()
every = max(1, options.epochs // 40)
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=every, samples=24)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")
print(f"Image grids (A, A to B, A to B to A; B, B to A, B to A to B) and model: {options.out}")
