"""The dense GAN on handwritten digits.

python examples/gan_mnist.py                     # MNIST, fetched by Keras
python examples/gan_mnist.py --data mnist.npz    # or from a file, or --data digits offline
"""

import argparse

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="mnist")
parser.add_argument("--epochs", type=int, default=100)
parser.add_argument("--out", default="runs/gan_mnist")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up digits")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data, arguments.epochs = "digits", 1

dataset = kgz.data.load(arguments.data, batch_size=128, samples=512 if arguments.smoke else None)
model = kgz.GAN(dataset.image_shape)
model.compile()
model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[kgz.callbacks.ImageSnapshots(arguments.out, every=5)],
)
model.save(f"{arguments.out}/model.keras")
print(f"Pictures and model are in {arguments.out}")
