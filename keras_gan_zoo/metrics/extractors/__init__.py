"""Networks that turn images into the features that distances are taken of."""

import hashlib
from importlib import resources
from typing import Any, NamedTuple

import keras
import numpy as np

from keras_gan_zoo.data.pictures import scaled
from keras_gan_zoo.utils import checks

# Networks that ship with the package: sha256 of the file, channels, sides in pixels.
SHIPPED = {
    "grey28": ("971ef473fdca73cc622dd402d87d4847cb3ba2c4603bdfcc703bf15570802c8d", 1, (24, 40)),
    "rgb64": ("30148517883939a4215e6b8c78db5bb4cb7d026c58db48c92a75a4fdf816b75b", 3, (32, 64)),
}
INCEPTION = "inception_v3"


class Features(NamedTuple):
    """What an extractor says of images.

    Args:
        features: float32 (n, d).
        logits: float32 (n, classes), or None where the network does not classify.
    """

    features: np.ndarray
    logits: np.ndarray | None = None


class Extractor:
    """A network from images to features, with a name and a hash that identify it.

    Figures of different extractors are not comparable; so the two are part of every figure.

    Args:
        network: a Keras model from images (n, h, w, c) in [-1, 1] to features (n, d), or to a dict with
            `"features"` and, for the inception score, `"logits"`. Maps (n, h, w, d) are averaged.
        name: what figures call it.
        digest: sha256 that identifies it. None: of its weights.
        sides: (least, most) pixels of either side, or None for any.
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
        """Name and the first 8 digits of the hash, such as `grey28:1a2b3c4d`."""
        return f"{self.name}:{self.digest[:8]}"

    def check(self, image_shape: tuple[int, ...]) -> None:
        """Raise ValueError unless images of this shape fit the network."""
        expected = tuple(self.network.input_shape[1:])
        fits = len(expected) == 3 and all(
            wanted in (None, got) for wanted, got in zip(expected, image_shape, strict=True)
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
                f"{', '.join(map(repr, [*SHIPPED, INCEPTION]))}, or any Keras model."
            )

    def __call__(self, images: np.ndarray, batch_size: int = 250) -> Features:
        """Features of images (n, h, w, c), floats in [-1, 1] or uint8."""
        images = np.asarray(images)
        if images.ndim != 4 or len(images) == 0:
            raise ValueError(
                "Features are taken of one or more images (n, h, w, c). Received: an array of shape "
                f"{images.shape}."
            )
        self.check(images.shape[1:])
        found = [
            self._batch(images[start : start + batch_size])
            for start in range(0, len(images), batch_size)
        ]
        features, logits = zip(*found, strict=True)
        return Features(np.concatenate(features), None if logits[0] is None else np.concatenate(logits))

    def _batch(self, images):
        images = scaled(images).astype("float32")
        outputs = self.network.predict_on_batch(self.prepare(images))
        outputs = outputs if isinstance(outputs, dict) else {"features": outputs}
        features = np.asarray(outputs["features"], "float32")
        if features.ndim == 4:
            features = features.mean((1, 2))
        return features.reshape(len(images), -1), outputs.get("logits")

    def tensor(self, images):
        """Features (n, d) of a tensor of images (n, h, w, c) in [-1, 1], differentiable in it."""
        outputs = self.network(self.prepare(images), training=False)
        features = outputs["features"] if isinstance(outputs, dict) else outputs
        if len(features.shape) == 4:
            features = keras.ops.mean(features, (1, 2))
        return keras.ops.reshape(features, (images.shape[0], -1))

    def prepare(self, images):
        """Images in [-1, 1], an array or a tensor, as the network takes them."""
        return images


class _Inception(Extractor):
    """Any RGB or grey image, enlarged to the 299x299 that the network was trained on."""

    def __init__(self):
        try:
            network = keras.applications.InceptionV3(weights="imagenet", classifier_activation=None)
        except Exception as error:  # what a failed download raises depends on where it failed
            raise ConnectionError(
                f"The weights of InceptionV3 are not on this machine and could not be fetched "
                f"({str(error).splitlines()[0]}). Connect to a network once, or take an extractor that "
                f"needs none: {', '.join(map(repr, SHIPPED))}, or any Keras model."
            ) from error
        pooled = network.get_layer("avg_pool").output
        outputs = {"features": pooled, "logits": network.output}
        super().__init__(keras.Model(network.input, outputs), INCEPTION)

    def check(self, image_shape):
        if image_shape[2] not in (1, 3):
            raise ValueError(
                f"Images must have 1 or 3 channels for {INCEPTION!r}. Received: {tuple(image_shape)}."
            )

    def prepare(self, images):
        images = keras.ops.broadcast_to(images, (*images.shape[:3], 3))
        return keras.ops.image.resize(images, (299, 299), "bilinear")


_loaded: dict[str, Extractor] = {}


def get_extractor(extractor: Any = None, image_shape: tuple[int, ...] | None = None) -> Extractor:
    """The extractor that is asked for.

    Args:
        extractor: `"grey28"` or `"rgb64"` (both ship with the package), `"inception_v3"`, a Keras
            model, or an `Extractor`. None: the shipped one that fits `image_shape`.
        image_shape: (height, width, channels) of the images that it will see.

    Raises:
        ValueError: an unknown name, or images that do not fit.
        ConnectionError: the weights of InceptionV3 cannot be fetched.
        OSError: a shipped file is damaged.
    """
    if extractor is None:
        extractor = "grey28" if image_shape is not None and image_shape[2] == 1 else "rgb64"
    if isinstance(extractor, str):
        checks.one_of("extractor", extractor, (*SHIPPED, INCEPTION))
        if extractor not in _loaded:
            _loaded[extractor] = _Inception() if extractor == INCEPTION else _shipped(extractor)
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


def _shipped(name: str) -> Extractor:
    expected, _, sides = SHIPPED[name]
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
    total = hashlib.sha256()
    for weight in network.get_weights():
        total.update(str((weight.shape, weight.dtype)).encode())
        total.update(np.ascontiguousarray(weight).tobytes())
    return total.hexdigest()
