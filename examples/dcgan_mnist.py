"""DCGAN on handwritten digits, measured after every epoch.

python examples/dcgan_mnist.py                     # MNIST, downloaded by Keras
python examples/dcgan_mnist.py --data mnist.npz    # from a file; --data digits needs no files
"""

import importlib.util

import keras
from _common import parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"data": "digits", "epochs": 1, "width": 8},
    data="mnist",
    epochs=10,
    width=32,
    out="runs/dcgan_mnist",
)
samples = 2048 if options.smoke else None
dataset = kgz.data.load(options.data, batch_size=16, samples=samples)
model = kgz.DCGAN(dataset.image_shape, width=options.width, upsampling="resize")
model.compile(recipe="robust")
evaluate = kgz.callbacks.Evaluate(["frechet", "kernel"], samples=150 if options.smoke else 5000)
best = keras.callbacks.ModelCheckpoint(
    options.out / "best.keras", monitor="val_frechet_grey28", save_best_only=True
)
snapshots = kgz.callbacks.ImageSnapshots(options.out)
history = model.fit(dataset, epochs=options.epochs, callbacks=[snapshots, evaluate, best])
model.save(options.out / "model.keras")
if importlib.util.find_spec("matplotlib"):
    kgz.plots.history(history, options.out / "history.png", floors=evaluate.floor)
print(f"Image grids and model: {options.out}")
