"""Networks from images to features, identified by a name and a hash."""

import hashlib
import re
from typing import NamedTuple

import keras
import numpy as np

from keras_gan_zoo import registry
from keras_gan_zoo.data.messages import progress
from keras_gan_zoo.data.pictures import scaled


class Features(NamedTuple):
    """Outputs of an extractor.

    Args:
        features: Activations, float32 of shape (n, d).
        logits: Class logits, float32 of shape (n, classes), or None if the network has none.
    """

    features: np.ndarray
    logits: np.ndarray | None = None


class Extractor:
    """A network from images to features, identified by a name and a hash.

    Values on different extractors are not comparable, so the name is part of a distance's name and
    both are part of every report.

    Args:
        network: A Keras model from images (n, h, w, c) in [-1, 1] to features (n, d), or to a dict of
            `"features"` and, for the inception score, `"logits"`. Feature maps (n, h, w, d) are
            averaged over positions.
        name: Name in logs and reports. Defaults to `None`, which uses the network's name.
        digest: SHA-256 that identifies the network. Defaults to `None`, which hashes its weights.
        sides: (minimum, maximum) pixels of height and width. Defaults to `None`, which allows what
            the network's input allows.
    """

    batch_size = 250

    def __init__(
        self,
        network: keras.Model,
        name: str | None = None,
        digest: str | None = None,
        sides: tuple[int, int] | None = None,
    ):
        self.network = network
        self.name = name or network.name
        self.sides = sides
        self.digest = digest or _digest_of_weights(network)

    @property
    def label(self) -> str:
        """Name, colon, and the first 8 digits of the hash."""
        return f"{self.name}:{self.digest[:8]}"

    @property
    def log_name(self) -> str:
        """Name with anything but letters, digits and underscores replaced by underscores."""
        return re.sub(r"\W+", "_", self.name)

    def check(self, image_shape: tuple[int, ...]) -> None:
        """Raise ValueError unless images of shape (height, width, channels) fit the network."""
        expected = tuple(self.network.input_shape[1:])
        fits = len(expected) == 3 and all(
            size in (None, received) for size, received in zip(expected, image_shape, strict=True)
        )
        if self.sides is not None:
            fits = fits and all(self.sides[0] <= side <= self.sides[1] for side in image_shape[:2])
        if not fits:
            sides = expected[:2] if self.sides is None else "sides of {} to {}".format(*self.sides)
            raise ValueError(
                f"Images must fit the extractor {self.name!r}: {sides} pixels and {expected[-1]} "
                "channels. "
                f"Received: images of {tuple(image_shape)}. Resize or convert them with "
                "`keras_gan_zoo.data.load(..., image_size=, channels=)`, or pass another extractor: "
                f"{', '.join(map(repr, registry.EXTRACTORS))}, or any Keras model."
            )

    def __call__(self, images: np.ndarray, batch_size: int | None = None) -> Features:
        """Compute features in batches.

        Args:
            images: Shape (n, h, w, c), floats in [-1, 1] or uint8.
            batch_size: Images per call of the network. Defaults to `None`, which means 250 for small
                networks and 25 for those of papers.
        """
        images = np.asarray(images)
        if images.ndim != 4 or len(images) == 0:
            raise ValueError(
                "Argument `images` must be one or more images (n, h, w, c). Received: shape "
                f"{images.shape}."
            )
        self.check(images.shape[1:])
        size = batch_size or self.batch_size
        batches = [images[start : start + size] for start in range(0, len(images), size)]
        shown = progress(batches, len(batches), f"Features of {self.name}", unit="batch")
        outputs = [self._predict(batch) for batch in shown]
        features, logits = zip(*outputs, strict=True)
        return Features(np.concatenate(features), None if logits[0] is None else np.concatenate(logits))

    def _predict(self, images):
        outputs = self.network.predict_on_batch(self.prepare(images))
        outputs = outputs if isinstance(outputs, dict) else {"features": outputs}
        features = np.asarray(outputs["features"], "float32")
        if features.ndim == 4:
            features = features.mean((1, 2))
        return features.reshape(len(images), -1), outputs.get("logits")

    def tensor(self, images):
        """Features (n, d) of a tensor of images (n, h, w, c) in [-1, 1], with gradients."""
        outputs = self.network(self.preprocess(images), training=False)
        features = outputs["features"] if isinstance(outputs, dict) else outputs
        if len(features.shape) == 4:
            features = keras.ops.mean(features, (1, 2))
        return keras.ops.reshape(features, (images.shape[0], -1))

    def prepare(self, images: np.ndarray):
        """Convert images, floats in [-1, 1] or uint8, to the network's input."""
        return self.preprocess(scaled(images).astype("float32"))

    def preprocess(self, images):
        """Convert images in [-1, 1], an array or a tensor, to the network's input."""
        return images


def _digest_of_weights(network: keras.Model) -> str:
    digest = hashlib.sha256()
    for weight in network.get_weights():
        digest.update(str((weight.shape, weight.dtype)).encode())
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()
