"""DCGAN on handwritten digits.

python examples/dcgan_mnist.py                     # MNIST, fetched by Keras
python examples/dcgan_mnist.py --data mnist.npz    # or from a file, or --data digits offline
"""

import argparse
import importlib.util

import keras

import keras_gan_zoo as kgz

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--data", default="mnist")
parser.add_argument("--epochs", type=int, default=10)
parser.add_argument("--out", default="runs/dcgan_mnist")
parser.add_argument("--smoke", action="store_true", help="a few steps on made-up digits")
arguments = parser.parse_args()
if arguments.smoke:
    arguments.data, arguments.epochs = "digits", 1

dataset = kgz.data.load(arguments.data, batch_size=64, samples=2048 if arguments.smoke else None)
model = kgz.DCGAN(dataset.image_shape, width=8 if arguments.smoke else 64)
model.compile(ema=0.999)
evaluate = kgz.callbacks.Evaluate(["frechet", "kernel"], samples=150 if arguments.smoke else 5000)
history = model.fit(
    dataset,
    epochs=arguments.epochs,
    callbacks=[
        kgz.callbacks.ImageSnapshots(arguments.out),
        kgz.callbacks.LabelSmoothing(real=0.9),
        evaluate,
        keras.callbacks.ModelCheckpoint(
            f"{arguments.out}/best.keras", monitor="val_frechet_grey28", save_best_only=True
        ),
    ],
)
model.save(f"{arguments.out}/model.keras")
if importlib.util.find_spec("matplotlib"):
    kgz.plots.history(history, f"{arguments.out}/history.png", floors=evaluate.floor)
print(f"Pictures and model are in {arguments.out}")
