"""Train on one backend with given weights, batches and latents; the tests compare the backends.

    PYTHONPATH=tests KERAS_BACKEND=jax python tests/parity/trainer.py FOLDER TASK

The inputs are `NAME.npz` for every model of the registry, written by `write_inputs`. The task `train`
trains with alternating updates, the representatives with simultaneous updates too, and
`train-simultaneous` the others with these; they write losses and weights to `jax-NAME-UPDATES.npz`.
`save` trains a model, saves it as `jax-NAME.keras` and writes its state to `jax-NAME-saved.npz`.
"""

import contextlib
import sys
from pathlib import Path

import keras
import numpy as np
from keras import ops
from tools import REPRESENTATIVES, float64, labels, outputs, second_input

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
    "FastGAN": {
        "image_shape": (16, 16, 3),
        "latent_dim": LATENT,
        "width": 2,
        "perceptual": None,
        "noise": False,
    },
    "ProgressiveGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    "MSGGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
    # Random numbers differ between backends: no noise. For style mixing, `feed_latents` gives the same
    # latents twice.
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
    "SRGAN": {
        "image_shape": (16, 16, 3),
        "scale": 2,
        "width": 4,
        "blocks": 1,
        "pretrain": 5,
        "perceptual": None,
    },
    "DiscoGAN": {"image_shape": (16, 16, 3), "width": 8, "halvings": 3},
    # A pool that holds all generated images never replaces one at random.
    "CycleGAN": {"image_shape": (16, 16, 3), "width": 8, "blocks": 1, "pool_size": STEPS * BATCH},
}


class FixedDirections(kgz.penalties.PathLength):
    """Path lengths along fixed directions, the same on every backend."""

    def directions(self, n, image_shape, seed):
        pixels = int(np.prod(image_shape))
        numbers = np.cos(np.arange(BATCH * pixels)).reshape(BATCH, *image_shape)
        return ops.convert_to_tensor(numbers / np.sqrt(pixels), "float32")


# Random numbers differ between backends: no penalties at random points.
COMPILE = {
    "WGANGP": {"penalties": ["r1"], "d_steps": 2},
    "SNGAN": {"d_steps": 2},
    "FastGAN": {"augment": False},
    "ProgressiveGAN": {"penalties": ["r1"]},
    "StyleGAN2": {"penalties": [kgz.penalties.R1(every=3), FixedDirections(every=2, shrink=1)]},
}
# In float32, rounding can move an activation across the kink of a ReLU, and training amplifies the
# difference: the deeper models would diverge between backends by rounding alone.
DTYPES = {
    "GAN": "float32",
    "DCGAN": "float32",
    "WGANGP": "float64",
    "SNGAN": "float64",
    "R3GAN": "float64",
    "FastGAN": "float64",
    "ProgressiveGAN": "float64",
    "MSGGAN": "float64",
    "StyleGAN2": "float64",
    "ConditionalGAN": "float32",
    "InfoGAN": "float64",
    "Pix2Pix": "float64",
    "SRGAN": "float64",
    "DiscoGAN": "float64",
    "CycleGAN": "float64",
}


# Models whose layers scale the weights (equalized learning rate).
EQUALIZED = ("ProgressiveGAN", "MSGGAN", "StyleGAN2")


def make(name, **more):
    return getattr(kgz, name)(**ARGUMENTS[name], **more)


def feed_latents(model):
    """Make the model take its latents from the batch, next to the labels, instead of drawing them."""
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

        def sample_quarter(self):
            return 2

    model.__class__ = Fed
    return model


def adam():
    """Adam with half the models' learning rate and an epsilon above the rounding noise of gradients.

    With a tiny epsilon Adam amplifies that noise to whole steps. Keras rounds beta_2 to float32 on one
    backend only; this value is exact in float32.
    """
    return keras.optimizers.Adam(1e-4, beta_1=0.5, beta_2=1 - 2**-10, epsilon=1e-5)


def by_index(prefix, variables):
    return {f"{prefix}.{i}": ops.convert_to_numpy(v) for i, v in enumerate(variables)}


def write_inputs(folder, seed=SEED):
    """Write initial weights, images and latents of each model; they do not depend on the backend."""
    for name in registry.MODELS:
        rng = np.random.default_rng(seed)
        model = make(name)
        weights = by_index("weight", model.weights)
        for key, weight in weights.items():
            if weight.ndim > 1:
                scale = np.sqrt(2 / np.prod(weight.shape[:-1]))
                if name in EQUALIZED:
                    scale = weight.std()
                weights[key] = scale * rng.standard_normal(weight.shape, "float32")
        shape = model.shapes()[0] if isinstance(model, ImageToImage) else model.image_shape
        images = rng.uniform(-1, 1, (STEPS * BATCH, *shape)).astype("float32")
        latents = rng.standard_normal((STEPS * BATCH, LATENT), "float32")
        if name == "InfoGAN":
            latents[:, model.noise :] = model.codes.pick(len(latents), seed)
        np.savez(folder / f"{name}.npz", images=images, latents=latents, **weights)


def task_of(name, updates):
    """The task that trains a model."""
    is_quick = updates == "alternating" or name in REPRESENTATIVES
    return "train" if is_quick else "train-simultaneous"


def train(name, updates, inputs):
    """Train and return the losses of all steps and the final weights."""
    model = feed_latents(make(name, dtype=DTYPES[name]))
    for index, weight in enumerate(model.weights):
        weight.assign(inputs[f"weight.{index}"])
    model.compile(adam(), adam(), updates=updates, ema=False, **COMPILE.get(name, {}))
    losses = []
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        images = inputs["images"][part]
        y = (labels(BATCH), inputs["latents"][part])
        if isinstance(model, ImageToImage):
            y = second_input(model, images)
        logs = model.train_on_batch(images, y, return_dict=True)
        losses.append([float(logs["d_loss"]), float(logs["g_loss"])])
    trained = set(map(id, [*model.discriminator_variables(), *model.generator_variables()]))
    result = by_index("weight", model.weights)
    for index, weight in enumerate(model.weights):
        if weight.trainable and id(weight) not in trained:
            del result[f"weight.{index}"]  # of a level that is not in use
    return result | {"losses": np.array(losses)}


def contents(model):
    """What a saved file must restore: weights, moving average, both optimizers, generated images."""
    state = by_index("weight", model.weights) | by_index("optimizer", model.optimizer.variables)
    return state | {"images": outputs(model)}


def save(name, images, path):
    model = make(name, seed=1)
    model.compile(ema=0.9)
    model.fit(images, second_input(model, images), batch_size=BATCH, verbose=0)
    model.save(path)
    return contents(model)


def main(folder, task):
    for name in registry.MODELS:
        inputs = dict(np.load(folder / f"{name}.npz"))
        prefix = folder / f"{keras.backend.backend()}-{name}"
        if task == "save":
            np.savez(
                f"{prefix}-saved.npz", **save(name, inputs["images"][: 3 * BATCH], f"{prefix}.keras")
            )
            continue
        for updates in (updates for updates in UPDATES if task_of(name, updates) == task):
            with float64() if DTYPES[name] == "float64" else contextlib.nullcontext():
                np.savez(f"{prefix}-{updates}.npz", **train(name, updates, inputs))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
