"""Turning knobs in latent space: a walk, a sum, a direction, and the way back from real images.

python examples/dcgan_mnist.py --data mnist.npz          # or any model that makes images from noise
python examples/latent_walk.py runs/dcgan_mnist/model.keras
"""

import argparse
from pathlib import Path

import keras
import numpy as np

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import animations, grids

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("model", nargs="?", help="a file that `model.save` wrote")
parser.add_argument("--out", type=Path, default=Path("runs/latent_walk"))
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--smoke", action="store_true", help="a model that has learned nothing")
arguments = parser.parse_args()
out, seed = arguments.out, arguments.seed
if arguments.smoke:
    model, samples, steps = kgz.DCGAN((16, 16, 1), latent_dim=16, width=4, seed=seed), 100, 5
elif arguments.model is None:
    parser.error("name a model's file, or pass --smoke")
else:
    model, samples, steps = keras.models.load_model(arguments.model), 5000, 300
out.mkdir(parents=True, exist_ok=True)

# A walk that comes back to where it began; classes change on the way where a model has them.
walk = kgz.latent.walk(model, frames=12 if arguments.smoke else 120, loop=True, seed=seed)
images = model.generate(latents=walk.latents, labels=walk.labels)
animations.save([grids.grid(image[None], scale=4) for image in images], out / "walk.gif")

# a - b + c, each the mean of three samples: means are steadier.
z = model.latents(9, seed=seed).reshape(3, 3, -1)
terms = np.stack([*z.mean(1), kgz.latent.arithmetic([z[0], z[2]], [z[1]])])
images = model.generate(latents=terms, labels=None if model.condition is None else 0)
grids.save(grids.equation(images[[0, 2, 1, 3]], " +-="), out / "arithmetic.png")

# The direction in which a score grows: here brightness, of digits the width of their strokes.
found = kgz.latent.direction(model, lambda x: x.mean((1, 2, 3)), samples, seed=seed)
moved = kgz.latent.move(model.latents(6, seed=seed), found.vector, np.linspace(-2.5, 2.5, 9))
images = model.generate(latents=moved.reshape(-1, model.latent_dim))
grids.grid(images, out / "brightness.png", columns=9)
print(f"A straight line explains {found.fit:.0%} of the brightness")

# What varies most, without any score.
principal = kgz.latent.principal_directions(model, samples=max(samples // 5, 50), seed=seed)
moved = [kgz.latent.move(z[0, 0], v, np.linspace(-4, 4, 9)) for v in principal.vectors[:6]]
images = model.generate(latents=np.concatenate(moved))
grids.grid(images, out / "principal.png", columns=9)

# Latents of images, here the model's own: above what was to be found, below what was.
images = model.generate(8, seed=seed + 1)
found = kgz.latent.project(model, images, steps=steps, seed=seed)
grids.grid(np.concatenate([images, found.images]), out / "projection.png", columns=8)
print(f"Mean errors of the projections: {found.errors.round(4)}\nPictures are in {out}")
