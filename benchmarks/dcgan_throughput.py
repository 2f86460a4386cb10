"""Images per second of DCGAN at 64x64: this library's `fit` beside the ways it competes with.

python benchmarks/dcgan_throughput.py --widths 32 --batches 32
"""

import argparse

import interleaved
import numpy as np

CONTESTANTS = {
    "fit, TensorFlow": ("ours", "tensorflow"),
    "fit, TensorFlow, simultaneous": ("ours_simultaneous", "tensorflow"),
    "fit, PyTorch": ("ours", "torch"),
    "fit, JAX": ("ours", "jax"),
    "native PyTorch loop": ("native_torch", "torch"),
    "tutorial train_step, TensorFlow": ("tutorial", "tensorflow"),
    "legacy loop, TensorFlow": ("legacy", "tensorflow"),
    "legacy loop with `predict_on_batch`, TensorFlow": ("legacy_on_batch", "tensorflow"),
}


def ours(width, batch, images, **compile_arguments):
    import keras_gan_zoo as kgz

    model = kgz.DCGAN((64, 64, 3), width=width)
    model.compile(**compile_arguments)
    return lambda: model.fit(images, batch_size=batch, epochs=1, verbose=0)


def ours_simultaneous(width, batch, images):
    return ours(width, batch, images, updates="simultaneous")


def keras_networks(width):
    """The same architecture in plain Keras layers, as tutorials write it."""
    import keras
    from keras import layers

    normal = keras.initializers.RandomNormal(0.0, 0.02)
    generator = keras.Sequential([keras.Input((100,))])
    generator.add(layers.Dense(16 * width * 8, use_bias=False, kernel_initializer=normal))
    generator.add(layers.Reshape((4, 4, width * 8)))
    for filters in (width * 4, width * 2, width, 3):
        generator.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        generator.add(layers.ReLU())
        generator.add(
            layers.Conv2DTranspose(
                filters,
                4,
                2,
                padding="same",
                kernel_initializer=normal,
                use_bias=filters == 3,
                activation="tanh" if filters == 3 else None,
            )
        )
    discriminator = keras.Sequential([keras.Input((64, 64, 3))])
    for filters in (width, width * 2, width * 4, width * 8):
        discriminator.add(
            layers.Conv2D(filters, 4, 2, padding="same", kernel_initializer=normal, use_bias=False)
        )
        if filters > width:
            discriminator.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        discriminator.add(layers.LeakyReLU(0.2))
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(1, use_bias=False, kernel_initializer=normal))
    return generator, discriminator


def legacy(width, batch, images):
    import keras_gan_zoo as kgz

    model = kgz.legacy.FrozenDiscriminatorGAN(*keras_networks(width))
    model.compile()
    return lambda: model.fit(images, batch_size=batch, epochs=1, verbose=0)


def legacy_on_batch(width, batch, images):
    """The legacy loop without what `predict` spends on each of its small calls."""
    import keras_gan_zoo as kgz

    class OnBatch(kgz.legacy.FrozenDiscriminatorGAN):
        def _fakes(self, n):
            return self.generator.predict_on_batch(self._noise(n))

    model = OnBatch(*keras_networks(width))
    model.compile()
    return lambda: model.fit(images, batch_size=batch, epochs=1, verbose=0)


def tutorial(width, batch, images):
    """The `train_step` of the usual Keras tutorial: two generator passes, joined real and fake."""
    import keras
    import tensorflow as tf

    class TutorialGAN(keras.Model):
        def __init__(self, generator, discriminator):
            super().__init__()
            self.generator, self.discriminator = generator, discriminator
            self.d_tracker, self.g_tracker = (
                keras.metrics.Mean("d_loss"),
                keras.metrics.Mean("g_loss"),
            )

        def compile(self):
            super().compile()
            self.d_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
            self.g_optimizer = keras.optimizers.Adam(2e-4, beta_1=0.5)
            self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

        @property
        def metrics(self):
            return [self.d_tracker, self.g_tracker]

        def train_step(self, real):
            n = tf.shape(real)[0]
            fake = self.generator(tf.random.normal((n, 100)), training=True)
            joined = tf.concat([fake, real], axis=0)
            labels = tf.concat([tf.zeros((n, 1)), tf.ones((n, 1))], axis=0)
            with tf.GradientTape() as tape:
                d_loss = self.loss_fn(labels, self.discriminator(joined, training=True))
            weights = self.discriminator.trainable_weights
            self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights))
            with tf.GradientTape() as tape:
                fake = self.generator(tf.random.normal((n, 100)), training=True)
                g_loss = self.loss_fn(tf.ones((n, 1)), self.discriminator(fake, training=True))
            weights = self.generator.trainable_weights
            self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights))
            self.d_tracker.update_state(d_loss)
            self.g_tracker.update_state(g_loss)
            return {m.name: m.result() for m in self.metrics}

    model = TutorialGAN(*keras_networks(width))
    model.compile()
    return lambda: model.fit(images, batch_size=batch, epochs=1, verbose=0)


def native_torch(width, batch, images):
    """The PyTorch loop as its users write it: channels-last, fresh fakes reused for G's update."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    def norm_act(channels, activation):
        return nn.BatchNorm2d(channels), activation

    generator = nn.Sequential(
        nn.ConvTranspose2d(100, width * 8, 4, 1, 0, bias=False),
        *norm_act(width * 8, nn.ReLU(True)),
        nn.ConvTranspose2d(width * 8, width * 4, 4, 2, 1, bias=False),
        *norm_act(width * 4, nn.ReLU(True)),
        nn.ConvTranspose2d(width * 4, width * 2, 4, 2, 1, bias=False),
        *norm_act(width * 2, nn.ReLU(True)),
        nn.ConvTranspose2d(width * 2, width, 4, 2, 1, bias=False),
        *norm_act(width, nn.ReLU(True)),
        nn.ConvTranspose2d(width, 3, 4, 2, 1),
        nn.Tanh(),
    ).to(memory_format=torch.channels_last)
    discriminator = nn.Sequential(
        nn.Conv2d(3, width, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Conv2d(width, width * 2, 4, 2, 1, bias=False),
        *norm_act(width * 2, nn.LeakyReLU(0.2, inplace=True)),
        nn.Conv2d(width * 2, width * 4, 4, 2, 1, bias=False),
        *norm_act(width * 4, nn.LeakyReLU(0.2, inplace=True)),
        nn.Conv2d(width * 4, width * 8, 4, 2, 1, bias=False),
        *norm_act(width * 8, nn.LeakyReLU(0.2, inplace=True)),
        nn.Conv2d(width * 8, 1, 4, 1, 0, bias=False),
    ).to(memory_format=torch.channels_last)
    for module in [*generator.modules(), *discriminator.modules()]:
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.02)
    g_opt = torch.optim.Adam(generator.parameters(), 2e-4, betas=(0.5, 0.999))
    d_opt = torch.optim.Adam(discriminator.parameters(), 2e-4, betas=(0.5, 0.999))
    criterion = nn.BCEWithLogitsLoss()
    tensors = TensorDataset(torch.from_numpy(images.transpose(0, 3, 1, 2).copy()))
    loader = DataLoader(tensors, batch_size=batch, shuffle=True, drop_last=True)

    def epoch():
        for (real,) in loader:
            real = real.to(memory_format=torch.channels_last)
            ones, zeros = torch.ones(len(real)), torch.zeros(len(real))
            discriminator.zero_grad(set_to_none=True)
            real_loss = criterion(discriminator(real).view(-1), ones)
            real_loss.backward()
            fake = generator(torch.randn(len(real), 100, 1, 1))
            fake_loss = criterion(discriminator(fake.detach()).view(-1), zeros)
            fake_loss.backward()
            d_opt.step()
            generator.zero_grad(set_to_none=True)
            g_loss = criterion(discriminator(fake).view(-1), ones)
            g_loss.backward()
            g_opt.step()
            (real_loss + fake_loss).item(), g_loss.item()

    return epoch


def work(name, width, batch, steps):
    """One contestant: epochs of `steps` batches, on demand."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (steps * batch, 64, 64, 3)).astype("float32")
    interleaved.serve(globals()[name](width, batch, images), steps * batch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", type=int, nargs="+", default=[32, 64])
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=1280, help="images in one turn")
    parser.add_argument("--only", nargs="+", default=list(CONTESTANTS), choices=list(CONTESTANTS))
    parser.add_argument("--work", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        name, *numbers = arguments.work
        work(name, *map(int, numbers))
        return
    for width in arguments.widths:
        for batch in arguments.batches:
            steps = max(2, arguments.images // batch)
            numbers = width, batch, steps
            speeds = interleaved.measure(
                __file__, CONTESTANTS, arguments.only, numbers, arguments.rounds
            )
            print(f"\nwidth {width}, batch {batch}, {arguments.rounds} rounds of {steps} steps\n")
            print(interleaved.table(speeds, "images/s"))


if __name__ == "__main__":
    main()
