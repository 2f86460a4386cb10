"""Which digits does a generator make? Shares of the ten classes, by a CNN trained on real MNIST.

python benchmarks/digit_coverage.py runs/dcgan_mnist/model.keras --data mnist.npz
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from keras import layers

import keras_gan_zoo as kgz


def classifier(source, path):
    """A small CNN and its accuracy on the test set; trained once and kept in a file."""
    test = kgz.data.load(source, split="test", labels=True, batch_size=1000, shuffle=False)
    if path.exists():
        model = keras.models.load_model(path)
    else:
        model = keras.Sequential([keras.Input((28, 28, 1))])
        for filters in (32, 64):
            model.add(layers.Conv2D(filters, 3, padding="same", use_bias=False))
            model.add(layers.BatchNormalization())
            model.add(layers.ReLU())
            model.add(layers.MaxPooling2D())
        model.add(layers.Flatten())
        model.add(layers.Dropout(0.5))
        model.add(layers.Dense(128, activation="relu"))
        model.add(layers.Dense(10))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        rate = keras.optimizers.schedules.CosineDecay(1e-3, 6 * 468)
        model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
        model.fit(kgz.data.load(source, labels=True, batch_size=128), epochs=6, verbose=2)
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(path)
    return model, model.evaluate(test, verbose=0, return_dict=True)["accuracy"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", help=".keras files of models that make 28x28x1 images")
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--classifier", type=Path, default=Path("runs/mnist_classifier.keras"))
    parser.add_argument("--samples", type=int, default=10_000)
    arguments = parser.parse_args()
    network, accuracy = classifier(arguments.data, arguments.classifier)
    print(f"classifier: {accuracy:.2%} of the test set right\n")
    print("| model | " + " | ".join(map(str, range(10))) + " | smallest |")
    print("|---" * 12 + "|")
    for path in arguments.models:
        images = keras.models.load_model(path).generate(arguments.samples, seed=0, batch_size=500)
        digits = network.predict(images, batch_size=500, verbose=0).argmax(1)
        shares = np.bincount(digits, minlength=10) / len(digits)
        cells = " | ".join(f"{share:.1%}" for share in shares)
        print(f"| {path} | {cells} | {shares.min():.1%} |")


if __name__ == "__main__":
    main()
