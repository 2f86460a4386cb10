"""Do straight directions in the latent space of a GAN of digits turn one knob each?

python benchmarks/attribute_directions.py runs/dcgan_mnist/model.keras

Finds the directions of slant and of stroke width by regression on random samples, walks along them
from other random starts, and counts the walks on which the score grows at every step.
"""

import argparse
from pathlib import Path

import keras
import numpy as np

from keras_gan_zoo import latent
from keras_gan_zoo.plots import grids


def ink(images):
    """Weights in [0, 1], (n, height, width): what is nearly black is background."""
    return np.clip((np.asarray(images, "float64").mean(-1) + 0.6) / 1.6, 0.0, 1.0)


def slant(images):
    """Pixels to the right for each one upwards, by the moments of the ink: 0 is upright."""
    weights = ink(images)
    y, x = np.indices(weights.shape[1:], "float64")
    total = weights.sum((1, 2), keepdims=True) + 1e-9
    dx, dy = (c - (weights * c).sum((1, 2), keepdims=True) / total for c in (x, y))
    return -(weights * dx * dy).sum((1, 2)) / ((weights * dy * dy).sum((1, 2)) + 1e-9)


def stroke_width(images):
    """Pixels across a stroke: twice the area of the ink over the length of its edge."""
    weights = np.pad(ink(images), ((0, 0), (0, 1), (0, 1)))
    down = np.diff(weights, axis=1, prepend=0.0)
    right = np.diff(weights, axis=2, prepend=0.0)
    return 2.0 * weights.sum((1, 2)) / (np.sqrt(down**2 + right**2).sum((1, 2)) + 1e-9)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="an unconditional model of digits")
    parser.add_argument("--samples", type=int, default=10_000, help="for the regression")
    parser.add_argument("--starts", type=int, default=200)
    parser.add_argument("--reach", type=float, default=2.0, help="how far the walks go to either side")
    parser.add_argument("--steps", type=int, default=7, help="on a walk")
    parser.add_argument("--out", type=Path, help="a folder for the directions and their pictures")
    arguments = parser.parse_args()
    model = keras.models.load_model(arguments.model)
    amounts = np.linspace(-arguments.reach, arguments.reach, arguments.steps)
    starts = model.latents(arguments.starts, seed=1)
    print("| score | R squared | first step | last step | walks that grow at every step |")
    print("|---|---:|---:|---:|---:|")
    directions = {}
    for score in (slant, stroke_width):
        found = latent.direction(model, score, arguments.samples, seed=0, batch_size=256)
        walks = latent.move(starts, found.vector, amounts)
        images = model.generate(latents=walks.reshape(-1, model.latent_dim), batch_size=256)
        scores = score(images).reshape(arguments.starts, -1)
        share = (np.diff(scores, axis=1) > 0).all(1).mean()
        means = scores.mean(0)
        print(
            f"| {score.__name__} | {found.fit:.2f} | {means[0]:.2f} | {means[-1]:.2f} | {share:.1%} |",
            flush=True,
        )
        if arguments.out:
            arguments.out.mkdir(parents=True, exist_ok=True)
            path = arguments.out / f"{score.__name__}.png"
            grids.grid(images[: 6 * arguments.steps], path, arguments.steps)
            directions[score.__name__] = found.vector
            np.savez(arguments.out / "directions.npz", **directions)  # for `keras-gan-zoo explore`


if __name__ == "__main__":
    main()
