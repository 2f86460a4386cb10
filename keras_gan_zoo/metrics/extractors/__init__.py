"""Feature extractors: networks from images to the feature vectors that metrics compare."""

import hashlib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

import keras

from keras_gan_zoo import registry
from keras_gan_zoo.metrics.extractors.base import Extractor as Extractor
from keras_gan_zoo.metrics.extractors.base import Features as Features
from keras_gan_zoo.metrics.extractors.hub import clip as clip
from keras_gan_zoo.metrics.extractors.hub import dinov2 as dinov2
from keras_gan_zoo.metrics.extractors.inception_2015 import inception as inception
from keras_gan_zoo.utils import checks

# Bundled networks: SHA-256 of the file, channels, (minimum, maximum) pixels of each side.
BUNDLED = {
    "grey28": ("971ef473fdca73cc622dd402d87d4847cb3ba2c4603bdfcc703bf15570802c8d", 1, (24, 40)),
    "rgb64": ("30148517883939a4215e6b8c78db5bb4cb7d026c58db48c92a75a4fdf816b75b", 3, (32, 64)),
}
INCEPTION = "inception_v3"
# Networks of papers: the name of their weights in `networks=`, and what builds them from a source.
PUBLISHED: dict[str, tuple[str, Callable[..., Extractor]]] = {
    "inception_2015": ("inception_2015", inception),
    "inception_2015_clean": ("inception_2015", lambda *source: inception(*source or [None], "clean")),
    "dinov2": ("dinov2", dinov2),
    "clip": ("clip", clip),
}


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


def get_extractor(
    extractor: Any = None,
    image_shape: tuple[int, ...] | None = None,
    networks: Mapping[str, Any] | None = None,
) -> Extractor:
    """Return an extractor for a name, a Keras model or an `Extractor`.

    Args:
        extractor: `"grey28"` (one channel, 24 to 40 pixels) or `"rgb64"` (RGB, 32 to 64 pixels),
            which are bundled with the package; `"inception_v3"`, which Keras downloads; a network of
            papers, `"inception_2015"`, `"inception_2015_clean"`, `"dinov2"` or `"clip"`; a Keras
            model; or an `Extractor`. Defaults to `None`, which selects the bundled network by the
            channels of `image_shape`.
        image_shape: (height, width, channels) of the images to check. Defaults to `None`, which
            checks nothing.
        networks: Where networks of papers come from: the argument of `inception`, `dinov2` or `clip`
            for the names `"inception_2015"`, `"dinov2"` and `"clip"`. Others are downloaded on first
            use.

    Raises:
        ValueError: The name is unknown, or the images do not fit.
        ConnectionError: Weights cannot be downloaded.
        ImportError: KerasHub is needed and not installed.
        OSError: A bundled file is damaged.
    """
    networks = dict(networks or {})
    for name in networks:
        checks.one_of("networks", name, registry.NETWORKS)
    if extractor is None:
        extractor = "grey28" if image_shape is not None and image_shape[2] == 1 else "rgb64"
    if isinstance(extractor, str):
        checks.one_of("extractor", extractor, registry.EXTRACTORS)
        extractor = _named(extractor, networks)
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


def _named(name, networks):
    if name not in PUBLISHED:
        key, load = name, _Inception if name == INCEPTION else lambda: _load_bundled(name)
    else:
        weights, build = PUBLISHED[name]
        source = [networks[weights]] if weights in networks else []
        key, load = f"{name} {source}", lambda: build(*source)
    if key not in _loaded:
        _loaded[key] = load()
    return _loaded[key]


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
