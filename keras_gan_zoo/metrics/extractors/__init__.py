"""Feature extractors: networks from images to the feature vectors that metrics compare."""

import hashlib
import re
from importlib import resources
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.utils import checks

# Bundled networks: SHA-256 of the file, channels, (minimum, maximum) pixels of each side.
BUNDLED = {
    "grey28": ("971ef473fdca73cc622dd402d87d4847cb3ba2c4603bdfcc703bf15570802c8d", 1, (24, 40)),
    "rgb64": ("30148517883939a4215e6b8c78db5bb4cb7d026c58db48c92a75a4fdf816b75b", 3, (32, 64)),
}
INCEPTION = "inception_v3"


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
                f"{', '.join(map(repr, [*BUNDLED, INCEPTION]))}, or any Keras model."
            )

    def __call__(self, images: np.ndarray, batch_size: int = 250) -> Features:
        """Compute features in batches.

        Args:
            images: Shape (n, h, w, c), floats in [-1, 1] or uint8.
            batch_size: Images per call of the network.
        """
        images = np.asarray(images)
        if images.ndim != 4 or len(images) == 0:
            raise ValueError(
                "Argument `images` must be one or more images (n, h, w, c). Received: shape "
                f"{images.shape}."
            )
        self.check(images.shape[1:])
        outputs = [
            self._predict(images[start : start + batch_size])
            for start in range(0, len(images), batch_size)
        ]
        features, logits = zip(*outputs, strict=True)
        return Features(np.concatenate(features), None if logits[0] is None else np.concatenate(logits))

    def _predict(self, images):
        images = scaled(images).astype("float32")
        outputs = self.network.predict_on_batch(self.preprocess(images))
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

    def preprocess(self, images):
        """Convert images in [-1, 1], an array or a tensor, to the network's input."""
        return images


class _Inception(Extractor):
    """Keras' InceptionV3 with ImageNet weights; resizes RGB or grey images to its 299x299 pixels.

    These are not the weights of the 2015 Inception network that papers report FID and KID on.
    """

    def __init__(self):
        try:
            network = keras.applications.InceptionV3(weights="imagenet", classifier_activation=None)
        except Exception as error:  # the class of a failed download's error varies
            raise ConnectionError(
                f"The weights of InceptionV3 are not on this machine and could not be fetched "
                f"({str(error).splitlines()[0]}). Connect to a network once, or use an extractor that "
                f"needs no download: {', '.join(map(repr, BUNDLED))}, or any Keras model."
            ) from error
        pooled = network.get_layer("avg_pool").output
        outputs = {"features": pooled, "logits": network.output}
        super().__init__(keras.Model(network.input, outputs), INCEPTION)

    def check(self, image_shape):
        if image_shape[2] not in (1, 3):
            raise ValueError(
                f"Images must have 1 or 3 channels for {INCEPTION!r}. Received: {tuple(image_shape)}."
            )

    def preprocess(self, images):
        images = keras.ops.broadcast_to(images, (*images.shape[:3], 3))
        return keras.ops.image.resize(images, (299, 299), "bilinear")


_loaded: dict[str, Extractor] = {}


def get_extractor(extractor: Any = None, image_shape: tuple[int, ...] | None = None) -> Extractor:
    """Return an extractor for a name, a Keras model or an `Extractor`.

    Args:
        extractor: `"grey28"` (one channel, 24 to 40 pixels) or `"rgb64"` (RGB, 32 to 64 pixels),
            which are bundled with the package; `"inception_v3"`, which Keras downloads; a Keras
            model; or an `Extractor`. Defaults to `None`, which selects the bundled network by the
            channels of `image_shape`.
        image_shape: (height, width, channels) of the images to check. Defaults to `None`, which
            checks nothing.

    Raises:
        ValueError: The name is unknown, or the images do not fit.
        ConnectionError: The weights of InceptionV3 cannot be downloaded.
        OSError: A bundled file is damaged.
    """
    if extractor is None:
        extractor = "grey28" if image_shape is not None and image_shape[2] == 1 else "rgb64"
    if isinstance(extractor, str):
        checks.one_of("extractor", extractor, (*BUNDLED, INCEPTION))
        if extractor not in _loaded:
            _loaded[extractor] = _Inception() if extractor == INCEPTION else _load_bundled(extractor)
        extractor = _loaded[extractor]
    elif isinstance(extractor, keras.Model):
        extractor = Extractor(extractor)
    elif not isinstance(extractor, Extractor):
        raise ValueError(
            "Argument `extractor` must be a name, a Keras model or an Extractor. Received: "
            f"{type(extractor).__name__}."
        )
    if image_shape is not None:
        extractor.check(image_shape)
    return extractor


def _load_bundled(name: str) -> Extractor:
    expected, _, sides = BUNDLED[name]
    with resources.as_file(resources.files(__name__) / f"{name}.keras") as path:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != expected:
            raise OSError(
                f"The extractor {path} is damaged: its sha256 is {digest}, not {expected}. Install "
                "keras-gan-zoo again."
            )
        network = keras.models.load_model(path, compile=False)
    return Extractor(network, name, digest, sides)


def _digest_of_weights(network: keras.Model) -> str:
    digest = hashlib.sha256()
    for weight in network.get_weights():
        digest.update(str((weight.shape, weight.dtype)).encode())
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()
