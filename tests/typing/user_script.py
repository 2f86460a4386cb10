"""A user's script with the types that it expects. `make lint` checks it with mypy; nothing runs it.

mypy reports a needless `type: ignore`, so these comments are assertions as well. Keras has no type
hints: attributes that a model inherits from `keras.Model` have the type Any.
"""

from typing import assert_type

import numpy as np

import keras_gan_zoo as kgz

dataset = kgz.data.load("digits", image_size=32, batch_size=64)
model = kgz.DCGAN(dataset.image_shape, width=32)
assert_type(model, kgz.DCGAN)

model.compile(losses="hinge", penalties=[kgz.penalties.R1(10.0, every=16)], ema=0.999)
snapshots = kgz.callbacks.ImageSnapshots("runs/digits")
assert_type(snapshots, kgz.callbacks.ImageSnapshots)
model.fit(dataset, epochs=2, callbacks=[snapshots, kgz.callbacks.LabelNoise(amplitude=0.05)])

images = model.generate(16, seed=0)
assert_type(images, np.ndarray)
kgz.plots.grid(images, "digits.png")

_ = kgz.DCGAAN  # type: ignore[attr-defined]
_ = kgz.callbacks.ImageSnapshot  # type: ignore[attr-defined]
model.generate(16, sed=0)  # type: ignore[call-arg]
