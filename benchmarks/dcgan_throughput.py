"""Images per second of DCGAN: this library's `fit` beside the ways it competes with.

python benchmarks/dcgan_throughput.py --widths 32 --batches 32

The tutorial and the legacy loop have networks for 64x64 only.
"""

import argparse
import functools
import itertools

import interleaved
import numpy as np

CONTESTANTS = {
    "fit, TensorFlow": ("ours", "tensorflow"),
    "fit, TensorFlow, simultaneous": ("ours_simultaneous", "tensorflow"),
    "fit, PyTorch": ("ours", "torch"),
    "fit, JAX": ("ours", "jax"),
    **interleaved.loops("channels_last"),
    "bare step, TensorFlow": ("bare", "tensorflow"),
    "bare step, PyTorch": ("bare", "torch"),
    "bare step, JAX": ("bare", "jax"),
    "tutorial train_step, TensorFlow": ("tutorial", "tensorflow"),
    "legacy loop, TensorFlow": ("legacy", "tensorflow"),
    "legacy loop with `predict_on_batch`, TensorFlow": ("legacy_on_batch", "tensorflow"),
}


def ours(width, batch, images, **compile_arguments):
    import keras_gan_zoo as kgz

    model = kgz.DCGAN(images.shape[1:], width=width)
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


def bare(width, batch, images):
    """The compiled step of `fit`, without feeding, callbacks and logs."""
    import keras

    import keras_gan_zoo as kgz

    model = kgz.DCGAN(images.shape[1:], width=width)
    model.compile()
    model.fit(images[:batch], batch_size=batch, verbose=0)  # which prepares the process
    step, data = step_of(model), keras.ops.convert_to_tensor(images[:batch])

    def epoch():
        for _ in range(len(images) // batch):
            logs = step(data)
        return {name: keras.ops.convert_to_numpy(value) for name, value in logs.items()}

    return epoch


def step_of(model):
    """`model.train_step`, compiled where `fit` compiles it, as a function of a batch."""
    import keras

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        return tf.function(model.train_step, autograph=False, jit_compile=model.jit_compile)
    if keras.backend.backend() == "torch":
        return model.train_step
    import jax

    groups = (
        model.trainable_variables,
        model.non_trainable_variables,
        model.optimizer.variables,
        model.metrics_variables,
    )
    state = tuple([variable.value for variable in group] for group in groups)
    compiled = jax.jit(model.train_step, donate_argnums=0)

    def step(data):
        nonlocal state
        logs, state = compiled(state, data)
        return logs

    return step


def native_step(width, shape, setting):
    import native_dcgan

    return native_dcgan.NativeDCGAN(shape, width, setting).step


def work(name, size, width, batch, steps):
    """One contestant: epochs of `steps` batches, on demand."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (steps * batch, size, size, 3)).astype("float32")
    name, *words = name.split()
    if name == "native":
        import native

        make = functools.partial(native_step, width, images.shape[1:])
        native.serve(words, make, [images], batch, steps * batch)
    else:
        interleaved.serve(globals()[name](width, batch, images), steps * batch)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[64])
    parser.add_argument("--widths", type=int, nargs="+", default=[32, 64])
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--images", type=int, default=1280, help="images in one turn")
    parser.add_argument("--only", nargs="+", default=list(CONTESTANTS), choices=list(CONTESTANTS))
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        name, *numbers = arguments.work
        work(name, *map(int, numbers))
        return
    for size, width, batch in itertools.product(arguments.sizes, arguments.widths, arguments.batches):
        steps = max(2, arguments.images // batch)
        numbers = size, width, batch, steps
        speeds = interleaved.measure(__file__, CONTESTANTS, arguments.only, numbers, arguments.rounds)
        print(
            f"\n{size} px, width {width}, batch {batch}, {arguments.rounds} rounds of {steps} steps\n"
        )
        print(interleaved.table(speeds, "images/s"))


if __name__ == "__main__":
    main()
