"""How wrong are Keras' own normalization layers under a gradient penalty, and how right are ours?

python benchmarks/keras_layers.py  # KERAS_BACKEND=tensorflow, jax or torch

First, for images and for vectors, how far the gradient of a squared slope is from central differences,
at worst over inputs and weights. Then the spectral norm of a kernel at inference after three steps at a
large learning rate; spectral normalization should make it 1.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import keras
import numpy as np
from second_order_tools import layer_errors
from tools import float64

from keras_gan_zoo import layers

NORMS = {
    "BatchNormalization": {},
    "LayerNormalization": {},
    "GroupNormalization": {"groups": 2},
}


def spectral_norm(layer):
    """What the layer multiplies vectors by, at most, after three steps of size 10."""
    x = np.random.default_rng(0).standard_normal((16, 8)).astype("float32")
    network = keras.Sequential([keras.Input((8,)), layer])
    network.compile(keras.optimizers.SGD(10.0), loss="mse")
    network.fit(x, x, epochs=3, batch_size=16, verbose=0)
    offset = network.predict(np.zeros((1, 8), "float32"), verbose=0)
    kernel = network.predict(np.eye(8, dtype="float32"), verbose=0) - offset
    return np.linalg.norm(kernel, 2)


def main():
    keras.utils.set_random_seed(0)
    print(f"{keras.backend.backend()}, second order, relative error\n")
    print("| layer | inputs | Keras | keras_gan_zoo |\n|---|---|---:|---:|")
    with float64():
        for name, arguments in NORMS.items():
            for what, shape in (("images", (4, 4, 8)), ("vectors", (8,))):
                x = np.random.default_rng(0).standard_normal((6, *shape))
                found = []
                for kind in (getattr(keras.layers, name), getattr(layers, name)):
                    layer = kind(**arguments, dtype="float64")
                    training = {"training": True} if "Batch" in name else {}
                    found.append(layer_errors(layer, x, **training))
                print(f"| {name} | {what} | " + " | ".join(f"{error:.1e}" for error in found) + " |")
    wrapped = keras.layers.SpectralNormalization(keras.layers.Dense(8))
    print("\n| spectral norm after three steps | |\n|---|---:|")
    print(f"| keras.layers.SpectralNormalization | {spectral_norm(wrapped):.2f} |")
    print(f"| keras_gan_zoo.layers.SpectralDense | {spectral_norm(layers.SpectralDense(8)):.2f} |")


if __name__ == "__main__":
    main()
