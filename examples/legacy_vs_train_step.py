"""The frozen-discriminator loop of 2016 and `fit`, side by side on the same networks.

python examples/legacy_vs_train_step.py
"""

import time

import numpy as np
from _common import parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"epochs": 1, "width": 8},
    data="digits",
    epochs=5,
    width=32,
    out="runs/legacy_vs_train_step",
)
samples = 128 if options.smoke else None
dataset = kgz.data.load(options.data, batch_size=32, samples=samples)
modern = kgz.DCGAN(dataset.image_shape, width=options.width, seed=0)
modern.compile()
networks = kgz.DCGAN(dataset.image_shape, width=options.width, seed=0)
legacy = kgz.legacy.FrozenDiscriminatorGAN(networks.generator, networks.discriminator)
legacy.compile()

rows = []
for name, model in (("frozen discriminator", legacy), ("fit", modern)):
    print(f"\n{name}")
    model.fit(dataset, epochs=1)  # includes the compilation
    start = time.perf_counter()
    history = model.fit(dataset, epochs=options.epochs)
    seconds = time.perf_counter() - start
    speed = options.epochs * len(dataset) * dataset.batch_size / seconds
    rows.append((name, speed, history.history["d_loss"][-1], history.history["g_loss"][-1]))

print(f"\n{'':22}{'images/s':>10}{'d_loss':>10}{'g_loss':>10}")
for name, *values in rows:
    print(f"{name:22}" + "".join(f"{value:10.3g}" for value in values))
print(f"fit is {rows[1][1] / rows[0][1]:.2f} times as fast")

images = np.concatenate([model.generate(32, seed=0) for model in (legacy, modern)])
kgz.plots.grid(images, options.out / "side_by_side.png", columns=8)
print(f"{options.out / 'side_by_side.png'}: the frozen-discriminator loop in the upper four rows")
