"""What a backend makes of given weights, batches and latents; the tests here compare backends.

    PYTHONPATH=tests KERAS_BACKEND=jax python tests/parity/trainer.py FOLDER train|save

reads `NAME.npz`, which `give` wrote, for every model of the registry. `train` trains the model both
ways and writes what came out to `jax-NAME-UPDATES.npz`; `save` writes a trained model to
`jax-NAME.keras` and what is inside of it to `jax-NAME-saved.npz`.
"""

import contextlib
import sys
from pathlib import Path

import keras
import numpy as np
from keras import ops
from tools import float64, labels, outputs, second

import keras_gan_zoo as kgz
from keras_gan_zoo import registry
from keras_gan_zoo.models.image_to_image.base import ImageToImage

STEPS, BATCH, LATENT = 20, 16, 8
SEED = 0
UPDATES = ("alternating", "simultaneous")
ARGUMENTS = {
    "GAN": {"image_shape": (8, 8, 1), "latent_dim": LATENT, "dropout": 0.0},
    "DCGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    "WGANGP": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    "SNGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    "R3GAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    "ProgressiveGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    "MSGGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    # Random numbers differ between backends. The other latents of mixed styles are the same ones.
    "StyleGAN2": {
        "image_shape": (16, 16, 3),
        "latent_dim": LATENT,
        "width": 8,
        "mapping_layers": 2,
        "noise": False,
    },
    "ConditionalGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8, "num_classes": 3},
    "InfoGAN": {
        "image_shape": (16, 16, 3),
        "latent_dim": LATENT,
        "width": 8,
        "categorical": (3,),
        "continuous": 2,
    },
    "Pix2Pix": {"image_shape": (16, 16, 3), "width": 8},
    "DiscoGAN": {"image_shape": (16, 16, 3), "width": 8, "halvings": 3},
    # A pool that all fakes fit in swaps none, at random or not.
    "CycleGAN": {"image_shape": (16, 16, 3), "width": 8, "blocks": 1, "pool_size": STEPS * BATCH},
}


class FixedDirections(kgz.penalties.PathLength):
    """Path lengths along directions that are the same on every backend."""

    def directions(self, n, image_shape, seed):
        pixels = int(np.prod(image_shape))
        numbers = np.cos(np.arange(BATCH * pixels)).reshape(BATCH, *image_shape)
        return ops.convert_to_tensor(numbers / np.sqrt(pixels), "float32")


# Random numbers differ between backends: no penalty at random points.
COMPILE = {
    "WGANGP": {"penalties": ["r1"], "d_steps": 2},
    "SNGAN": {"d_steps": 2},
    "ProgressiveGAN": {"penalties": ["r1"]},
    "StyleGAN2": {"penalties": [kgz.penalties.R1(every=3), FixedDirections(every=2, shrink=1)]},
}
# In float32, a unit next to the kink of a ReLU can fall on its other side, and training amplifies that:
# in the deeper models the backends would drift apart by rounding alone.
DTYPES = {
    "GAN": "float32",
    "DCGAN": "float32",
    "WGANGP": "float64",
    "SNGAN": "float64",
    "R3GAN": "float64",
    "ProgressiveGAN": "float64",
    "MSGGAN": "float64",
    "StyleGAN2": "float64",
    "ConditionalGAN": "float32",
    "InfoGAN": "float64",
    "Pix2Pix": "float64",
    "DiscoGAN": "float64",
    "CycleGAN": "float64",
}


# Their layers scale the weights themselves.
EQUALIZED = ("ProgressiveGAN", "MSGGAN", "StyleGAN2")


def make(name, **more):
    return getattr(kgz, name)(**ARGUMENTS[name], **more)


def fed(model):
    """The model, with latents that come with the images and labels instead of out of a generator."""
    if isinstance(model, ImageToImage):
        return model

    class Fed(type(model)):
        def unpack(self, data):
            images, (labels, latents), _ = keras.utils.unpack_x_y_sample_weight(data)
            self.fed_latents = ops.convert_to_tensor(latents)
            return super().unpack((images, labels))

        def sample_codes(self, images):
            return self.fed_latents[:, self.noise :]

        def sample_latents(self, batch):
            return self.fed_latents

    model.__class__ = Fed
    return model


def adam():
    """Adam at half the models' rate, with an epsilon above the rounding noise of tiny gradients.

    Adam, which divides a gradient by its own size, makes whole steps of the noise in tiny ones. Keras
    rounds beta_2 to float32 on one backend only; this one needs no rounding.
    """
    return keras.optimizers.Adam(1e-4, beta_1=0.5, beta_2=1 - 2**-10, epsilon=1e-5)


def by_name(kind, variables):
    return {f"{kind}.{i}": ops.convert_to_numpy(v) for i, v in enumerate(variables)}


def give(folder, seed=SEED):
    """Write each model's first weights, images and latents, the same ones wherever it runs."""
    for name in registry.MODELS:
        rng = np.random.default_rng(seed)
        model = make(name)
        weights = by_name("weight", model.weights)
        for key, weight in weights.items():
            if weight.ndim > 1:
                scale = np.sqrt(2 / np.prod(weight.shape[:-1]))
                if name in EQUALIZED:
                    scale = weight.std()
                weights[key] = scale * rng.standard_normal(weight.shape, "float32")
        images = rng.uniform(-1, 1, (STEPS * BATCH, *model.image_shape)).astype("float32")
        latents = rng.standard_normal((STEPS * BATCH, LATENT), "float32")
        if name == "InfoGAN":
            latents[:, model.noise :] = model.codes.pick(len(latents), seed)
        np.savez(folder / f"{name}.npz", images=images, latents=latents, **weights)


def train(name, updates, given):
    """Losses of each of the steps, and the weights after the last one."""
    model = fed(make(name, dtype=DTYPES[name]))
    for index, weight in enumerate(model.weights):
        weight.assign(given[f"weight.{index}"])
    model.compile(adam(), adam(), updates=updates, ema=False, **COMPILE.get(name, {}))
    losses = []
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        images = given["images"][part]
        y = (labels(BATCH), given["latents"][part])
        if isinstance(model, ImageToImage):
            y = second(model, images)
        logs = model.train_on_batch(images, y, return_dict=True)
        losses.append([float(logs["d_loss"]), float(logs["g_loss"])])
    trained = set(map(id, [*model.discriminator_variables(), *model.generator_variables()]))
    kept = by_name("weight", model.weights)
    for index, weight in enumerate(model.weights):
        if weight.trainable and id(weight) not in trained:
            del kept[f"weight.{index}"]  # of a level that is not in use
    return kept | {"losses": np.array(losses)}


def inside(model):
    """What a saved model has to bring along: weights, average, both optimizers, its images."""
    found = by_name("weight", model.weights) | by_name("optimizer", model.optimizer.variables)
    return found | {"images": outputs(model)}


def save(name, images, path):
    model = make(name, seed=1)
    model.compile(ema=0.9)
    model.fit(images, second(model, images), batch_size=BATCH, verbose=0)
    model.save(path)
    return inside(model)


def main(folder, task):
    for name in registry.MODELS:
        given = dict(np.load(folder / f"{name}.npz"))
        mine = folder / f"{keras.backend.backend()}-{name}"
        if task == "save":
            np.savez(f"{mine}-saved.npz", **save(name, given["images"][: 3 * BATCH], f"{mine}.keras"))
            continue
        for updates in UPDATES:
            with float64() if DTYPES[name] == "float64" else contextlib.nullcontext():
                np.savez(f"{mine}-{updates}.npz", **train(name, updates, given))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
