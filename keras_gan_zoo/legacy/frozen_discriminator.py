"""Frozen-discriminator training: a compiled discriminator, a combined model and `train_on_batch`."""

import keras
import numpy as np

from keras_gan_zoo import backend, optimizers
from keras_gan_zoo.models.noise_to_image.base import draw_latents
from keras_gan_zoo.training import data_checks


class FrozenDiscriminatorGAN:
    """GAN training loop of the 2016-2020 tutorials, adapted to Keras 3. For comparison, not for use.

    The discriminator is compiled on its own; a combined model of generator and discriminator trains the
    generator. Tutorials froze the discriminator once, between the two `compile` calls. Keras 3 reads
    `trainable` when it builds the training function, not in `compile`, so that discriminator silently
    never learns. Here `trainable` is toggled around every `train_on_batch`, and an update without
    effect raises an error.

    Args:
        generator: network from latents (n, latent_dim) to images in [-1, 1].
        discriminator: network from images to logits (n, 1).

    Example:

    >>> networks = kgz.DCGAN((28, 28, 1), width=16)
    >>> model = kgz.legacy.FrozenDiscriminatorGAN(networks.generator, networks.discriminator)
    >>> model.compile()
    >>> model.fit(kgz.data.load("digits"), epochs=5)
    """

    steps_per_execution = 1  # read by callbacks

    def __init__(self, generator: keras.Model, discriminator: keras.Model):
        self.generator = generator
        self.discriminator = discriminator
        self.latent_dim = generator.input_shape[-1]
        self.image_shape = tuple(discriminator.input_shape[1:])
        self.combined = keras.Sequential([generator, discriminator], name="combined")
        self.compiled = False
        self.stop_training = False

    def compile(self, d_opt=None, g_opt=None) -> None:
        """Compile both models.

        Args:
            d_opt, g_opt: Keras optimizers, or their names. Default to None: Adam(2e-4, beta_1=0.5).
        """
        d_opt = optimizers.get(d_opt, _adam, "d_opt")
        g_opt = optimizers.get(g_opt, _adam, "g_opt")
        optimizers.check_separate(d_opt, g_opt, None)
        self.freeze(False)
        self.discriminator.compile(d_opt, keras.losses.BinaryCrossentropy(from_logits=True))
        self.freeze(True)
        self.combined.compile(g_opt, keras.losses.BinaryCrossentropy(from_logits=True))
        self.compiled = True

    def freeze(self, frozen: bool) -> None:
        """Set `trainable` of the discriminator to `not frozen`."""
        self.discriminator.trainable = not frozen

    @property
    def steps(self) -> int:
        """Number of training steps so far."""
        return int(self.combined.optimizer.iterations)

    def fit(self, x, batch_size: int = 32, epochs: int = 1, verbose: int = 1, callbacks=None):
        """Train batch by batch; incomplete batches are dropped.

        Args:
            x: array (n, height, width, channels) in [-1, 1], or an iterable of batches of such arrays.
            batch_size: batch size for arrays. Defaults to 32.
            epochs: number of passes over the data. Defaults to 1.
            verbose: 0: silent; 1: a progress bar. Defaults to 1.
            callbacks: Keras callbacks such as `ImageSnapshots`. Callbacks that change settings of the
                training step, such as `LabelSmoothing`, are not supported.

        Returns:
            A `keras.callbacks.History`.

        Raises:
            ValueError: the model is not compiled, or the data are invalid, as in every model's `fit`.
            RuntimeError: an update did not train any weight.
        """
        if not self.compiled:
            raise ValueError("`fit` needs a compiled model. Call `model.compile()` first.")
        x = data_checks.training_images(x, self.image_shape, batch_size)
        callbacks = keras.callbacks.CallbackList(
            callbacks,
            add_history=True,
            add_progbar=verbose != 0,
            model=self,
            epochs=epochs,
            verbose=verbose,
            steps=len(x) // batch_size if hasattr(x, "shape") else len(x),
        )
        callbacks.on_train_begin()
        for epoch in range(epochs):
            callbacks.on_epoch_begin(epoch)
            totals = []
            for step, real in enumerate(_batches(x, batch_size)):
                callbacks.on_train_batch_begin(step)
                totals.append(self.train_on_batch(real))
                d_loss, g_loss = np.mean(totals, axis=0)
                logs = {"d_loss": float(d_loss), "g_loss": float(g_loss)}
                callbacks.on_train_batch_end(step, logs)
            callbacks.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        callbacks.on_train_end(logs)
        return self.history

    def train_on_batch(self, real: np.ndarray) -> tuple[float, float]:
        """Update the discriminator on real and on generated images, then the generator.

        Args:
            real: images (n, height, width, channels) in [-1, 1].

        Returns:
            The discriminator's loss (real plus fake) and the generator's loss.
        """
        n = len(real)
        fake = self._fakes(n)
        self.freeze(False)
        d_real = _update(self.discriminator, real, np.ones((n, 1), "float32"))
        d_fake = _update(self.discriminator, fake, np.zeros((n, 1), "float32"))
        self.freeze(True)
        g_loss = _update(self.combined, self._noise(n), np.ones((n, 1), "float32"))
        return d_real + d_fake, g_loss

    def _fakes(self, n):
        return self.generator.predict(self._noise(n), verbose=0)  # as in nearly all tutorials

    def _noise(self, n):
        return draw_latents(n, self.latent_dim)

    def generate(self, n=None, latents=None, seed=None, batch_size: int = 64) -> np.ndarray:
        """Generate images (n, height, width, channels); see `NoiseToImage.generate`."""
        latents = draw_latents(n, self.latent_dim, latents, seed)
        return backend.predict(self.generator, latents, batch_size)

    def generate_grid(self, most=64, labels=None, seed=None):
        """Images for a grid and its number of columns; see `NoiseToImage.generate_grid`."""
        return self.generate(most, seed=seed), None

    def samples(self, n, seed=None, data=None) -> np.ndarray:
        """Images for evaluation (n, height, width, channels), as of other models."""
        return self.generate(n, seed=seed)


def _adam():
    return keras.optimizers.Adam(2e-4, beta_1=0.5)


def _update(model: keras.Model, x, y) -> float:
    before = int(model.optimizer.iterations)
    loss = float(np.asarray(model.train_on_batch(x, y)))
    if int(model.optimizer.iterations) == before:
        raise RuntimeError(
            f"The update of {model.name!r} trained nothing: all its weights were frozen when Keras 3 "
            "built its training function, at the first `train_on_batch`. Set "
            "`discriminator.trainable = True` before each of its updates and False before each of the "
            "combined model's, or use `keras_gan_zoo.GAN` and `fit`."
        )
    return loss


def _batches(x, batch_size):
    if hasattr(x, "shape"):
        order = np.random.permutation(len(x))
        for start in range(0, len(x) - batch_size + 1, batch_size):
            yield np.asarray(x[order[start : start + batch_size]])
    else:
        for batch in x:
            yield np.asarray(batch[0] if isinstance(batch, tuple | list) else batch)
        if hasattr(x, "on_epoch_end"):
            x.on_epoch_end()
