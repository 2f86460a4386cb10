"""One training run on the backend of this process, for test_parity.py, which compares backends.

    python trainer.py --give GAN given.npz
    python trainer.py GAN alternating given.npz result.npz

Weights, batches and latents are given, so that nothing differs but the backend.
"""

import sys

import keras
import numpy as np
from keras import ops

import keras_gan_zoo as kgz

STEPS, BATCH, LATENT = 20, 16, 8
ARGUMENTS = {
    "GAN": {"image_shape": (8, 8, 1), "latent_dim": LATENT, "dropout": 0.0},
    "DCGAN": {"image_shape": (16, 16, 3), "latent_dim": LATENT, "width": 8},
}


def fed(kind):
    """`kind`, with latents that come with the images instead of out of a generator."""

    class Fed(kind):
        def unpack(self, data):
            images, latents, _ = keras.utils.unpack_x_y_sample_weight(data)
            return images, latents

        def sample_latents(self, batch):
            return batch[1]

        def score_real(self, batch, training=True):
            return super().score_real(batch[0], training)

    return Fed


def given(name, seed=0):
    """The model's first weights, images and latents, as arrays by name."""
    rng = np.random.default_rng(seed)
    model = getattr(kgz, name)(**ARGUMENTS[name], seed=0)
    arrays = {f"weight.{i}": ops.convert_to_numpy(w) for i, w in enumerate(model.weights)}
    shape = (STEPS * BATCH, *model.image_shape)
    arrays["images"] = rng.uniform(-1, 1, shape).astype("float32")
    arrays["latents"] = rng.standard_normal((STEPS * BATCH, LATENT), "float32")
    return arrays


def run(name, updates, arrays):
    """Losses of each of the steps, and the weights after the last one."""
    model = fed(getattr(kgz, name))(**ARGUMENTS[name])
    for index, weight in enumerate(model.weights):
        weight.assign(arrays[f"weight.{index}"])
    model.compile(updates=updates)
    losses = []
    for step in range(STEPS):
        part = slice(step * BATCH, (step + 1) * BATCH)
        logs = model.train_on_batch(arrays["images"][part], arrays["latents"][part], return_dict=True)
        losses.append([float(logs["d_loss"]), float(logs["g_loss"])])
    weights = {f"weight.{i}": ops.convert_to_numpy(w) for i, w in enumerate(model.weights)}
    return weights | {"losses": np.array(losses)}


if __name__ == "__main__":
    if sys.argv[1] == "--give":
        _, _, name, target = sys.argv
        np.savez(target, **given(name))
    else:
        _, name, updates, source, target = sys.argv
        with np.load(source) as arrays:
            np.savez(target, **run(name, updates, dict(arrays)))
