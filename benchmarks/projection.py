"""Are latents found again? A generator's own images, projected back.

python benchmarks/projection.py runs/dcgan_mnist/model.keras runs/dcgan_folder/model.keras
python benchmarks/projection.py runs/dcgan_mnist/model.keras --data mnist.npz    # real images, too

Errors are mean absolute differences, with pixels in [-1, 1].
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.plots import grids


def measure(what, model, images, labels, arguments):
    """A row of the table, and the projection."""
    started = time.perf_counter()
    found = kgz.latent.project(
        model,
        images,
        labels,
        steps=arguments.steps,
        restarts=arguments.restarts,
        feature=arguments.feature,
        seed=0,
        verbose=0,
    )
    seconds = time.perf_counter() - started
    errors = found.errors
    cells = [f"{errors.mean():.4f}", f"{errors.max():.4f}", f"{(errors < 0.05).mean():.0%}"]
    print(f"| {what} | {' | '.join(cells)} | {seconds / len(images):.1f} |", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--data", help="real images to be projected besides, for all models")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--restarts", type=int, default=4)
    parser.add_argument("--feature", type=float, default=0.0, help="weight of the loss of features")
    parser.add_argument("--out", type=Path, help="a folder for pictures: targets above what was found")
    arguments = parser.parse_args()
    print(f"{keras.backend.backend()}, {arguments.steps} steps, {arguments.restarts} restarts\n")
    print("| model | mean error | largest | under 0.05 | seconds per image |")
    print("|---|---:|---:|---:|---:|")
    for path in arguments.models:
        model = keras.models.load_model(path)
        n, labels = arguments.images, None
        if model.num_classes is not None:
            labels = np.arange(n) % model.num_classes
        targets = {"own": model.generate(n, labels=labels, seed=1000)}
        if arguments.data:
            sides, channels = model.image_shape[:2], model.image_shape[2]
            real = kgz.data.load(arguments.data, sides, 1, channels=channels, labels=labels is not None)
            targets["real"] = scaled(real.images[:n])
        for kind, images in targets.items():
            told = real.labels[:n] if kind == "real" and labels is not None else labels
            found = measure(f"{path}, {kind} images", model, images, told, arguments)
            if arguments.out:
                arguments.out.mkdir(parents=True, exist_ok=True)
                picture = arguments.out / f"{path.parent.name}_{kind}.png"
                grids.grid(np.concatenate([images[:8], found.images[:8]]), picture, columns=8)


if __name__ == "__main__":
    main()
