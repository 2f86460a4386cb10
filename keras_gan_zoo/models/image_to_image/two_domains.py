"""Base class of the models that translate between two domains without pairs."""

import keras
from keras import ops

from keras_gan_zoo.models.image_to_image.base import ImageToImage
from keras_gan_zoo.training.plan import DiscriminatorPass
from keras_gan_zoo.utils import checks


class TwoDomains(ImageToImage):
    """Base of models with two generators, A to B and B to A, and a discriminator for each domain.

    The training step processes the images of both domains as one batch: those of A, then those of B.

    Subclasses define `make_translator` and `make_domain_discriminator`.

    Args:
        image_shape: (height, width, channels) of the images of both domains.
        seed: see `AdversarialModel`.
        **kwargs: arguments of `ImageToImage`.

    Raises:
        ValueError: an invalid argument.
    """

    directions = {"a_to_b": "a_to_b", "b_to_a": "b_to_a"}  # noqa: RUF012
    halves = ("a", "b")

    def __init__(self, image_shape, seed: int | None = None, **kwargs):
        super().__init__(seed=seed, **kwargs)
        self.image_shape = checks.image_shape(image_shape)

    def make_translator(self, name: str) -> keras.Model:
        """Return a network from images (n, height, width, channels) to such images in [-1, 1]."""
        raise NotImplementedError

    def make_domain_discriminator(self, name: str) -> keras.Model:
        """Return a network from images (n, *image_shape) to logits or to `[logits, *features]`."""
        raise NotImplementedError

    def make_generator(self):
        a, b = (keras.Input(self.image_shape, name=name) for name in self.halves)
        outputs = [self.make_translator("a_to_b")(a), self.make_translator("b_to_a")(b)]
        return keras.Model([a, b], outputs, name="generator")

    def make_discriminator(self):
        a, b = (keras.Input(self.image_shape, name=name) for name in self.halves)
        outputs = [
            self.make_domain_discriminator("discriminator_a")(a),
            self.make_domain_discriminator("discriminator_b")(b),
        ]
        return keras.Model([a, b], outputs, name="discriminator")

    def shapes(self):
        return self.image_shape, self.image_shape

    def translators(self, network=None) -> tuple[keras.Model, keras.Model]:
        """Return the networks from A to B and from B to A of `network`, by default the generator."""
        network = self.generator if network is None else network
        return network.get_layer("a_to_b"), network.get_layer("b_to_a")

    def _columns(self, rows, seed):
        """Return the columns of a grid: A, translated to B, and back to A; the same from B."""
        a, _, b = super()._columns(rows, seed)
        columns = []
        for images, forward, backward in ((a, "a_to_b", "b_to_a"), (b, "b_to_a", "a_to_b")):
            translated = self.translate(images, forward, seed)
            columns += [images, translated, self.translate(translated, backward, seed)]
        return columns

    def real_images(self, batch):
        return ops.concatenate(batch, axis=0)

    def generate_batch(self, batch, training: bool = True, network=None):
        a_to_b, b_to_a = self.translators(network)
        a, b = batch
        return ops.concatenate([b_to_a(b, training=training), a_to_b(a, training=training)], axis=0)

    def discriminate(self, view, training: bool = True):
        outputs = [
            self.discriminator.get_layer(f"discriminator_{name}")(part, training=training)
            for name, part in zip(self.halves, split(view.images), strict=True)
        ]
        return DiscriminatorPass(view, join(outputs))

    def get_config(self):
        return super().get_config() | {"image_shape": list(self.image_shape)}


def split(images):
    """Return the first and the second half of a batch, the images of A and of B."""
    half = ops.shape(images)[0] // 2
    return images[:half], images[half:]


def join(pair):
    """Concatenate both halves of a batch, or of each tensor in two lists."""
    if isinstance(pair[0], list | tuple):
        return [ops.concatenate(both, axis=0) for both in zip(*pair, strict=True)]
    return ops.concatenate(pair, axis=0)
