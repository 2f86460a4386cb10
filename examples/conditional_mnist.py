"""Conditional GAN on handwritten digits: a row of the grid for each class.

python examples/conditional_mnist.py                     # MNIST, downloaded by Keras
python examples/conditional_mnist.py --data mnist.npz    # from a file; --data digits needs no files
python examples/conditional_mnist.py --conditioning auxiliary
"""

from _common import parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"data": "digits", "epochs": 1, "width": 8},
    data="mnist",
    conditioning=("concat", "projection", "auxiliary"),
    epochs=10,
    width=32,
    out="runs/conditional_mnist",
)
samples = 1024 if options.smoke else None
dataset = kgz.data.load(options.data, batch_size=64, labels=True, samples=samples)
model = kgz.ConditionalGAN(
    dataset.image_shape,
    num_classes=dataset.num_classes,
    conditioning=options.conditioning,
    width=options.width,
    upsampling="resize",
)
model.compile(recipe="robust")
snapshots = kgz.callbacks.ImageSnapshots(options.out, samples=100)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")

sevens = model.generate(16, labels=7, seed=0)
kgz.plots.grid(sevens, options.out / "sevens.png")
print(f"Image grids and model: {options.out}")
