"""A Diffusion-GAN, written with the public interface only: all images reach the discriminator with the
noise of a random diffusion timestep, and the timestep is a further input of the discriminator.

    python examples/custom_diffusion_gan.py --data nebula_64.npz --epochs 50
"""

import argparse

import keras
import numpy as np
from keras import layers, ops

import keras_gan_zoo as kgz


@keras.saving.register_keras_serializable("examples")
class DiffusionGAN(kgz.DCGAN):
    """DCGAN's networks trained as a Diffusion-GAN (Wang et al. 2022, arXiv 2206.02262).

    The discriminator compares real and generated images after t steps of a forward diffusion, with t
    in 1..T drawn with a probability proportional to t, or 0 for half of the images. T moves between 5
    and `steps`: it grows while the discriminator overfits, measured by the mean sign of its logits on
    real images, above `target`.

    Differs from the paper: the networks are DCGAN's, the timestep enters by projection.

    Args:
        steps: largest T; the noise schedule has this many steps.
        deviation: standard deviation of the noise relative to images in [-1, 1].
        target: threshold of the mean sign, in [-1, 1].
        images: number of images over which T moves from one end to the other.
        *args, **kwargs: see `keras_gan_zoo.DCGAN`.

    Logs have `timesteps`, the present T.
    """

    extra_logs = ("timesteps",)

    def __init__(self, *args, steps=500, deviation=0.05, target=0.6, images=50_000, **kwargs):
        self.diffusion_steps, self.deviation, self.target, self.images = (
            steps,
            deviation,
            target,
            images,
        )
        betas = np.concatenate([[0.0], np.linspace(1e-4, 2e-2, steps)])
        self.signal = np.cumprod(1.0 - betas).astype("float32")  # share of variance left at each t
        super().__init__(*args, **kwargs)
        self.timesteps = self.add_scalar("timesteps", 5.0)

    def make_discriminator(self):
        network = super().make_discriminator()
        timesteps = keras.Input((), dtype="int32", name="timesteps")
        features = network.layers[-1].input
        embedded = layers.Embedding(self.diffusion_steps + 1, features.shape[-1])(timesteps)
        logits = layers.Add()([network.outputs[0], layers.Dot(-1)([features, embedded])])
        return keras.Model([network.inputs[0], timesteps], logits, name="discriminator")

    def view(self, images, batch, training=True):
        view = super().view(images, batch, training)
        n, seed = ops.shape(view.images)[0], self.seed_generator
        if not training:
            return view._replace(extras=(ops.zeros((n,), "int32"),))
        # The square root of a uniform number has a density proportional to its value.
        chosen = ops.ceil(ops.sqrt(keras.random.uniform((n,), seed=seed)) * self.timesteps)
        diffused = keras.random.uniform((n,), seed=seed) < 0.5
        timesteps = ops.cast(ops.where(diffused, chosen, 0.0), "int32")
        signal = ops.reshape(ops.take(ops.convert_to_tensor(self.signal), timesteps), (-1, 1, 1, 1))
        noise = self.deviation * keras.random.normal(ops.shape(view.images), seed=seed)
        noised = ops.sqrt(signal) * view.images + ops.sqrt(1.0 - signal) * noise
        return view._replace(images=noised, extras=(timesteps,))

    def adapt_discriminator(self, batch, real, fake):
        super().adapt_discriminator(batch, real, fake)
        overfitting = ops.mean(ops.sign(real.logits)) - self.target
        share = ops.cast(ops.shape(real.logits)[0], "float32") / self.images
        moved = self.timesteps + ops.sign(overfitting) * share * (self.diffusion_steps - 5)
        self.timesteps.assign(ops.clip(moved, 5.0, float(self.diffusion_steps)))
        self.log("timesteps", self.timesteps)

    def get_config(self):
        own = {"deviation": self.deviation, "target": self.target, "images": self.images}
        return super().get_config() | own | {"steps": self.diffusion_steps}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="digits", help="as in `kgz.data.load`")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--out", default="runs/diffusion_gan")
    parser.add_argument("--smoke", action="store_true", help="run for a few seconds")
    options = parser.parse_args()
    small = {"samples": 64} if options.smoke else {}
    dataset = kgz.data.load(options.data, **small)
    model = DiffusionGAN(dataset.image_shape, width=4 if options.smoke else options.width, seed=0)
    model.compile()
    snapshots = kgz.callbacks.ImageSnapshots(options.out)
    model.fit(dataset, epochs=1 if options.smoke else options.epochs, callbacks=[snapshots])
    model.save(f"{options.out}/model.keras")
    print(f"Grids and model: {options.out}")


if __name__ == "__main__":
    main()
