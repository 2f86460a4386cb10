"""Latent space of a trained model: walks, arithmetic, directions and projections.

python examples/dcgan_mnist.py --data mnist.npz          # or any other noise-to-image model
python examples/latent_walk.py runs/dcgan_mnist/model.keras
"""

import keras
import numpy as np
from _common import parse_options

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import animations, grids

options = parse_options(
    __doc__,
    smoke={},
    positional={"model": "a file written by `model.save`"},
    out="runs/latent_walk",
    seed=0,
)
if options.smoke:
    model, samples, steps = kgz.DCGAN((16, 16, 1), latent_dim=16, width=4, seed=options.seed), 100, 5
else:
    model, samples, steps = keras.models.load_model(options.model), 5000, 300

# A walk that returns to its start, through all classes of a conditional model.
walk = kgz.latent.walk(model, frames=12 if options.smoke else 120, loop=True, seed=options.seed)
images = model.generate(latents=walk.latents, labels=walk.labels)
animations.save([grids.grid(image[None], scale=4) for image in images], options.out / "walk.gif")

# a - b + c, each the mean of three samples, which is less noisy than a single one.
z = model.latents(9, seed=options.seed).reshape(3, 3, -1)
terms = np.stack([*z.mean(1), kgz.latent.arithmetic([z[0], z[2]], [z[1]])])
images = model.generate(latents=terms, labels=None if model.condition is None else 0)
grids.save(grids.equation(images[[0, 2, 1, 3]], " +-="), options.out / "arithmetic.png")

# The direction in which a score increases: brightness, of digits the width of the strokes.
brightness = kgz.latent.direction(model, lambda x: x.mean((1, 2, 3)), samples, seed=options.seed)
moved = kgz.latent.move(
    model.latents(6, seed=options.seed), brightness.vector, np.linspace(-2.5, 2.5, 9)
)
images = model.generate(latents=moved.reshape(-1, model.latent_dim))
grids.grid(images, options.out / "brightness.png", columns=9)
print(f"A straight line explains {brightness.fit:.0%} of the brightness")

# The directions of the largest variance of the images.
principal = kgz.latent.principal_directions(model, samples=max(samples // 5, 50), seed=options.seed)
moved = [kgz.latent.move(z[0, 0], v, np.linspace(-4, 4, 9)) for v in principal.vectors[:6]]
images = model.generate(latents=np.concatenate(moved))
grids.grid(images, options.out / "principal.png", columns=9)

# Projection of images, here of the model itself: targets in the upper row, results in the lower one.
images = model.generate(8, seed=100)
projection = kgz.latent.project(model, images, steps=steps, seed=options.seed)
grids.grid(np.concatenate([images, projection.images]), options.out / "projection.png", columns=8)
print(f"Mean errors of the projections: {projection.errors.round(4)}\nPictures: {options.out}")
