"""What models that make images from images share: pairs in, `translate` out."""

import contextlib
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.layers import NoiseDropout
from keras_gan_zoo.training import data_checks
from keras_gan_zoo.training.model import AdversarialModel
from keras_gan_zoo.utils import checks

_ROWS = 8  # of a grid


class ImageToImage(AdversarialModel):
    """Base of image-to-image models.

    Subclasses define `make_generator` and `make_discriminator`, call `make_networks` at the end of
    `__init__`, and say in `directions` which network of the generator translates where.
    """

    # Direction to the name of the network inside of the generator; None: the generator itself.
    directions: dict[str, str | None] = {"a_to_b": None}  # noqa: RUF012
    halves = ("inputs", "targets")

    def shapes(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Shapes of the images of both halves of a pair."""
        raise NotImplementedError

    @property
    def size_multiple(self) -> int:
        """What sides of images must be multiples of, to be translated."""
        raise NotImplementedError

    def check_data(self, x, y, batch_size):
        named = dict(zip(self.halves, self.shapes(), strict=True))
        return data_checks.training_pairs(x, y, named, batch_size)

    def evaluation_data(self, x, y):
        if isinstance(x, PairDataset):
            return x
        if y is None:
            if iter(x) is x:
                return None  # what is looked at could not be trained on
            x, y, *_ = data_checks.peek(x)[0]
        return Pairs(*(ops.convert_to_numpy(images) for images in (x, y)))

    def samples(self, n, seed=None, data=None):
        pairs = self.training_data if data is None else data
        if not hasattr(pairs, "inputs"):
            raise ValueError(
                f"{type(self).__name__} makes images from images: to measure it, pass pairs that can be"
                " read again, such as `keras_gan_zoo.data.paired` and `unpaired` make. Received: "
                f"{type(pairs).__name__}."
            )
        return self.translate(_some(pairs.inputs, n), seed=seed)

    def generate(self, *args, **kwargs):
        """Not for these models: they make images from images.

        Raises:
            ValueError: always.
        """
        raise ValueError(f"{type(self).__name__} makes no images from noise. Call `translate(images)`.")

    def generate_grid(self, most: int = 64, labels=None, seed: int | None = None):
        """Training images and what becomes of them, to be laid out in a grid, and its columns.

        Args:
            most: images, at most; one row is the least.
            labels: None.
            seed: see `translate`.
        """
        if labels is not None:
            raise ValueError(f"Argument `labels` must be None for {type(self).__name__}.")
        if self.training_data is None:
            raise ValueError(
                "Grids are made during `fit`, of data that can be read again. Elsewhere, call "
                "`translate`."
            )
        columns = self._columns(max(1, min(_ROWS, most // 3)), seed)
        channels = max(images.shape[-1] for images in columns)
        columns = [np.repeat(x, channels // x.shape[-1], axis=-1) for x in columns]
        return np.stack(columns, axis=1).reshape(-1, *columns[0].shape[1:]), len(columns)

    def _columns(self, rows, seed):
        """What is side by side in a grid: input, output, target."""
        pairs = self.training_data
        given = _some(pairs.inputs, rows)
        return [given, self.translate(given, seed=seed), _some(pairs.targets, rows)]

    def unpack(self, data):
        first, second, _ = keras.utils.unpack_x_y_sample_weight(data)
        return ops.cast(first, self.variable_dtype), ops.cast(second, self.variable_dtype)

    def call(self, images, training=None):
        return self.generator(images, training=training)

    def network(self, direction: str = "a_to_b") -> keras.Model:
        """The network that translates in this direction, of the moving average where `ema` is on."""
        checks.one_of("direction", direction, self.directions)
        generator = self.best_generator()
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
        data_checks.check_images(images, network.input_shape[1:])
        step = self.size_multiple
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


class Pairs(NamedTuple):
    """Both halves of what a model trains on."""

    inputs: np.ndarray
    targets: np.ndarray


def _some(images, n):
    """So many images, evenly spaced, again from the first one if there are fewer: floats in [-1, 1]."""
    chosen = evenly_spaced(len(images), n) if n <= len(images) else np.arange(n) % len(images)
    return scaled(images[chosen])


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
