"""Does a conditional GAN make what it was asked for? By a CNN that was trained on real images.

python benchmarks/conditional_accuracy.py mnist.npz --epochs 10
python benchmarks/conditional_accuracy.py fashion_mnist.npz --epochs 10

Trains the three kinds of conditioning, or those in `--conditioning`; models and classifier are kept
in `--out`, and one that is there goes on.
"""

import argparse
from pathlib import Path

import keras
import numpy as np
from digit_coverage import classifier

import keras_gan_zoo as kgz
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.models.noise_to_image.conditional_gan import CONDITIONING
from keras_gan_zoo.plots import grids


def train(conditioning, dataset, path, arguments):
    """The trained model; it was saved after every epoch, and goes on from there."""
    if path.exists():
        model = keras.models.load_model(path)
    else:
        model = kgz.ConditionalGAN(
            dataset.image_shape,
            num_classes=dataset.num_classes,
            conditioning=conditioning,
            width=arguments.width,
            d_bias=False,
            seed=arguments.seed,
        )
        model.compile(ema=0.999)
    while model.steps < arguments.epochs * len(dataset):
        model.fit(dataset, epochs=1, verbose=0)
        model.save(path)
        print(f"{conditioning}: {model.steps} steps", flush=True)
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="MNIST or Fashion-MNIST")
    parser.add_argument("--conditioning", nargs="+", choices=CONDITIONING, default=CONDITIONING)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/conditional_accuracy"))
    arguments = parser.parse_args()
    folder = arguments.out / Path(arguments.data).stem
    folder.mkdir(parents=True, exist_ok=True)
    judge, accuracy = classifier(arguments.data, folder / "classifier.keras")
    dataset = kgz.data.load(arguments.data, labels=True, batch_size=64, seed=arguments.seed)
    reference = kgz.metrics.Reference(scaled(dataset.images[:20_000]), "frechet", 10_000)
    (name,) = reference.floor
    print(f"classifier: {accuracy:.2%} of the test set right, {reference.extractor.label}\n")
    rows = []
    for conditioning in arguments.conditioning:
        model = train(conditioning, dataset, folder / f"{conditioning}.keras", arguments)
        asked = np.arange(arguments.samples) % dataset.num_classes
        images = model.generate(labels=asked, n=arguments.samples, seed=1, batch_size=500)
        right = judge.predict(images, batch_size=500, verbose=0).argmax(1) == asked
        worst = min(right[asked == label].mean() for label in range(dataset.num_classes))
        distance = reference.measure(images)[name]
        rows.append(f"| {conditioning} | {right.mean():.2%} | {worst:.2%} | {distance:.2f} |")
        grid, columns = model.generate_grid(100, seed=2)
        grids.grid(grid, folder / f"{conditioning}.png", columns)
    print(f"| | recognised as asked for | of the worst class | {name} |\n|---|---:|---:|---:|")
    print("\n".join(rows), f"\n| other real images | | | {reference.floor[name]:.3f} |")


if __name__ == "__main__":
    main()
