"""Base class of the image-to-image models."""

import contextlib
import threading
from typing import NamedTuple

import keras
import numpy as np
from keras import ops

from keras_gan_zoo import backend
from keras_gan_zoo.data.pair_dataset import PairDataset
from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.data.sampling import evenly_spaced
from keras_gan_zoo.export import graphs
from keras_gan_zoo.layers import NoiseDropout
from keras_gan_zoo.training import data_checks
from keras_gan_zoo.training.model import AdversarialModel
from keras_gan_zoo.utils import checks

_ROWS = 8  # of a grid


class ImageToImage(AdversarialModel):
    """Base of the models that translate images, trained on pairs of batches.

    Subclasses define `make_generator`, `make_discriminator`, `shapes`, `size_multiple` and
    `directions`, and call `make_networks` at the end of `__init__`.
    """

    # Direction to the name of its network inside the generator; None is the generator itself.
    directions: dict[str, str | None] = {"a_to_b": None}  # noqa: RUF012
    halves = ("inputs", "targets")
    export_options = ("direction", "image_size")

    def shapes(self) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
        """Return the shapes of the images of both halves of a pair."""
        raise NotImplementedError

    @property
    def size_multiple(self) -> int:
        """Sides of images to translate must be multiples of this number."""
        raise NotImplementedError

    def check_data(self, x, y, batch_size):
        named = dict(zip(self.halves, self.shapes(), strict=True))
        return data_checks.training_pairs(x, y, named, batch_size)

    def evaluation_data(self, x, y):
        if isinstance(x, PairDataset):
            return x
        if y is None:
            if iter(x) is x:
                return None  # batches that are read here would be missing in training
            x, y, *_ = data_checks.peek(x)[0]
        return Pairs(*(ops.convert_to_numpy(images) for images in (x, y)))

    def samples(self, n, seed=None, data=None):
        pairs = self.training_data if data is None else data
        if not hasattr(pairs, "inputs"):
            raise ValueError(
                f"{type(self).__name__} translates images: to evaluate it, pass pairs that can be read"
                " again, such as those of `keras_gan_zoo.data.paired` and `unpaired`. Received: "
                f"{type(pairs).__name__}."
            )
        return self.translate(_spaced_images(pairs.inputs, n), seed=seed)

    def generate(self, *args, **kwargs):
        """Not available for image-to-image models, see `translate`.

        Raises:
            ValueError: always.
        """
        raise ValueError(
            f"{type(self).__name__} does not generate images from noise. Call `translate(images)`."
        )

    def generate_grid(self, most: int = 64, labels=None, seed: int | None = None):
        """Translate training images for a grid.

        Args:
            most: positive integer, maximum number of images. There is at least one row.
            labels: must be `None`.
            seed: see `translate`.

        Returns:
            Originals and translations, and the number of columns of the grid.

        Raises:
            ValueError: no training is in progress, or its data cannot be read again.
        """
        if labels is not None:
            raise ValueError(f"Argument `labels` must be None for {type(self).__name__}.")
        if self.training_data is None:
            raise ValueError(
                "Grids are only available during `fit`, for data that can be read again. Otherwise, "
                "call `translate`."
            )
        columns = self._columns(max(1, min(_ROWS, most // 3)), seed)
        channels = max(images.shape[-1] for images in columns)
        columns = [np.repeat(x, channels // x.shape[-1], axis=-1) for x in columns]
        return np.stack(columns, axis=1).reshape(-1, *columns[0].shape[1:]), len(columns)

    def _columns(self, rows, seed):
        """Return the columns of a grid: inputs, outputs, targets."""
        pairs = self.training_data
        inputs = _spaced_images(pairs.inputs, rows)
        return [inputs, self.translate(inputs, seed=seed), _spaced_images(pairs.targets, rows)]

    def unpack(self, data):
        first, second, _ = keras.utils.unpack_x_y_sample_weight(data)
        return ops.cast(first, self.variable_dtype), ops.cast(second, self.variable_dtype)

    def call(self, images, training=None):
        return self.generator(images, training=training)

    def network(self, direction: str = "a_to_b") -> keras.Model:
        """Return the network of a direction, of the moving average if `ema` is enabled."""
        checks.one_of("direction", direction, self.directions)
        generator = self.best_generator()
        name = self.directions[direction]
        return generator if name is None else generator.get_layer(name)

    def export_graph(self, direction: str = "a_to_b", image_size=None):
        network = graphs.copied(self.network(direction))
        return graphs.of_translator(network, self.shapes()[0], image_size, self.size_multiple)

    def translate(
        self, images, direction: str = "a_to_b", seed: int | None = None, batch_size: int = 8
    ) -> np.ndarray:
        """Translate images.

        Args:
            images: floats in [-1, 1], (n, height, width, channels), with the channels of the training
                images, and sides that are multiples of `size_multiple`.
            direction: `"a_to_b"`, from the first half of a training pair to the second. Models of two
                domains also have `"b_to_a"`.
            seed: integer, seed of random draws of the generator, such as dropout. Defaults to `None`,
                which uses numpy's global generator (see `keras.utils.set_random_seed`).
            batch_size: images per pass of the network.

        Returns:
            float32 array (n, height, width, channels) in [-1, 1].

        Raises:
            ValueError: an unknown direction or invalid images. Raised before any computation.
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
            result = backend.predict(network, images.astype("float32"), batch_size)
        return result.astype("float32")


class Pairs(NamedTuple):
    """Both halves of the training data."""

    inputs: np.ndarray
    targets: np.ndarray


def _spaced_images(images, n):
    """Return n evenly spaced images, repeated if there are fewer, as floats in [-1, 1]."""
    chosen = evenly_spaced(len(images), n) if n <= len(images) else np.arange(n) % len(images)
    return scaled(images[chosen])


_NOISE = threading.Lock()


@contextlib.contextmanager
def _seeded_noise(network, seed):
    """Seed the network's dropout in this block, and restore its state afterwards."""
    layers = [layer for layer in network.layers if isinstance(layer, NoiseDropout)]
    states = [layer.seed_generator.state for layer in layers]
    with _NOISE if states else contextlib.nullcontext():  # of one thread at a time
        before = [np.array(ops.convert_to_numpy(state)) for state in states]
        for index, state in enumerate(states):
            state.assign(np.array([seed, index], "uint32"))
        try:
            yield
        finally:
            for state, value in zip(states, before, strict=True):
                state.assign(value)
