"""What models that make images from images share: pairs in, `translate` out."""

import contextlib

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import checks
from keras_gan_zoo.layers import NoiseDropout
from keras_gan_zoo.models import inputs
from keras_gan_zoo.models.base import AdversarialModel
from keras_gan_zoo.models.noise_to_image import layers_of, seeded_layers


class ImageToImage(AdversarialModel):
    """Base of image-to-image models.

    Subclasses define `make_generator` and `make_discriminator`, call `make_networks` at the end of
    `__init__`, and say in `directions` which network of the generator translates where.
    """

    # Direction to the name of the network inside of the generator; None: the generator itself.
    directions: dict[str, str | None] = {"a_to_b": None}  # noqa: RUF012
    halves = ("inputs", "targets")

    def make_networks(self) -> None:
        """Build both sides; the last thing that a subclass does in `__init__`."""
        with seeded_layers(self.seed), layers_of(self.dtype_policy):
            self.generator = self.make_generator()
            self.discriminator = self.make_discriminator()
        self.built = True

    def make_generator(self) -> keras.Model:
        raise NotImplementedError

    def make_discriminator(self) -> keras.Model:
        raise NotImplementedError

    def shapes(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Shapes of the images of both halves of a pair."""
        raise NotImplementedError

    def step(self) -> int:
        """What sides of images must be multiples of, to be translated."""
        raise NotImplementedError

    def check_data(self, x, y, batch_size):
        named = dict(zip(self.halves, self.shapes(), strict=True))
        return inputs.training_pairs(x, y, named, batch_size)

    def unpack(self, data):
        first, second, _ = keras.utils.unpack_x_y_sample_weight(data)
        return first, second

    def call(self, images, training=None):
        return self.generator(images, training=training)

    def network(self, direction: str = "a_to_b") -> keras.Model:
        """The network that translates in this direction, of the moving average where `ema` is on."""
        checks.one_of("direction", direction, self.directions)
        generator = self.generator if self.ema_generator is None else self.ema_generator
        name = self.directions[direction]
        return generator if name is None else generator.get_layer(name)

    def translate(
        self, images, direction: str = "a_to_b", seed: int | None = None, batch_size: int = 8
    ) -> np.ndarray:
        """Images of one kind, made from images of the other.

        Args:
            images: floats in [-1, 1], (n, height, width, channels): the channels of the training
                images, of any height and width that the networks can halve as often as they do.
            direction: `"a_to_b"`, from the first half of a training pair to the second; with two
                domains `"b_to_a"`, too.
            seed: of what the generator draws itself, such as dropout. None: from numpy's global
                generator, which `keras.utils.set_random_seed` seeds.
            batch_size: images per pass of the network.

        Returns:
            float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: an unknown direction, or images of another kind; nothing was computed.
        """
        network = self.network(direction)
        images = np.asarray(images)
        inputs.check_images(images, network.input_shape[1:])
        step = self.step()
        if any(side % step or not side for side in images.shape[1:3]):
            raise ValueError(
                f"Height and width of images to translate must be multiples of {step}. Received: "
                f"{images.shape[1:3]}. Resize or crop them, such as to "
                f"{tuple(max(step, side // step * step) for side in images.shape[1:3])}."
            )
        seed = np.random.randint(2**31) if seed is None else seed
        with _seeded_noise(network, seed):
            result = network.predict(images.astype("float32"), batch_size=batch_size, verbose=0)
        return result.astype("float32")


@contextlib.contextmanager
def _seeded_noise(network, seed):
    """In this block the network's dropout draws from `seed`; training goes on as if it had not."""
    layers = [layer for layer in network.layers if isinstance(layer, NoiseDropout)]
    states = [layer.seed_generator.state for layer in layers]
    before = [np.array(ops.convert_to_numpy(state)) for state in states]
    for index, state in enumerate(states):
        state.assign(np.array([seed, index], "uint32"))
    try:
        yield
    finally:
        for state, value in zip(states, before, strict=True):
            state.assign(value)
