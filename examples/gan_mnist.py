"""Dense GAN on handwritten digits.

python examples/gan_mnist.py                     # MNIST, downloaded by Keras
python examples/gan_mnist.py --data mnist.npz    # from a file; --data digits needs no files
"""

from _common import parse_options

import keras_gan_zoo as kgz

options = parse_options(
    __doc__,
    smoke={"data": "digits", "epochs": 1},
    data="mnist",
    epochs=100,
    out="runs/gan_mnist",
)
samples = 512 if options.smoke else None
dataset = kgz.data.load(options.data, batch_size=128, samples=samples)
model = kgz.GAN(dataset.image_shape)
model.compile()
snapshots = kgz.callbacks.ImageSnapshots(options.out, every=5)
model.fit(dataset, epochs=options.epochs, callbacks=[snapshots])
model.save(options.out / "model.keras")
print(f"Image grids and model: {options.out}")
