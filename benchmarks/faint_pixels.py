"""How much of a preset's kernel distance are pixels that are nearly, but not quite, black or white.

python benchmarks/faint_pixels.py --data mnist.npz

Prints the distance as it is, and with all pixels within 0.2 of -1 or 1 set to that value: of the MNIST
presets, whose real images have a background of exactly -1.
"""

import argparse

import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.presets import catalog


def cleaned(images, near=0.2):
    images = np.where(images < near - 1.0, -1.0, images)
    return np.where(images > 1.0 - near, 1.0, images).astype("float32")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--samples", type=int, default=2000)
    arguments = parser.parse_args()
    dataset = kgz.data.load(arguments.data, samples=2 * arguments.samples)
    real = np.concatenate([batch[0] for batch in dataset])
    extractor = kgz.metrics.get_extractor(None, dataset.image_shape)
    features = extractor(real).features
    print("| preset | as it is | cleaned |\n|---|---:|---:|")
    for name in (name for name in catalog.names() if name.endswith("mnist_28")):
        images = kgz.from_preset(name).generate(arguments.samples, seed=0)
        distances = [
            kgz.metrics.kernel_distance(features, extractor(each).features)
            for each in (images, cleaned(images))
        ]
        print(f"| {name} | " + " | ".join(f"{float(each.value):.4f}" for each in distances) + " |")


if __name__ == "__main__":
    main()
