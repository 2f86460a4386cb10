"""Feature extractors."""

import keras
import numpy as np
import pytest
from keras import layers
from metrics_tools import network
from tools import SHAPE, images

from keras_gan_zoo import metrics
from keras_gan_zoo.metrics import extractors


def test_extractor_averages_maps_and_is_identified_by_its_weights():
    inputs = keras.Input((None, None, 1))
    maps = keras.Model(inputs, layers.Conv2D(5, 3)(inputs), name="maps")
    extractor = metrics.get_extractor(maps)
    x = images(7)
    found = extractor(x, batch_size=3)
    expected = np.asarray(maps.predict(x, verbose=0)).mean((1, 2))
    np.testing.assert_allclose(found.features, expected, rtol=1e-4, atol=1e-5)
    assert found.logits is None
    before = extractor.label
    assert before.startswith("maps:") and before == metrics.get_extractor(maps).label
    maps.set_weights([weight + 1 for weight in maps.get_weights()])
    assert metrics.get_extractor(maps).label != before


def test_extractor_scales_uint8():
    pictures = np.random.default_rng(0).integers(0, 256, (5, *SHAPE)).astype("uint8")
    extractor = metrics.Extractor(network())
    floats = pictures / np.float32(127.5) - np.float32(1)
    np.testing.assert_array_equal(extractor(pictures).features, extractor(floats).features)


@pytest.mark.parametrize("name", extractors.BUNDLED)
def test_shipped_extractors(name):
    _, channels, sides = extractors.BUNDLED[name]
    extractor = metrics.get_extractor(name)
    for side in sides:
        found = extractor(images(3, (side, side, channels)))
        assert found.features.shape == (3, 128) and found.logits.shape[0] == 3
    with pytest.raises(ValueError, match=f"fit the extractor '{name}'.*Received: images of "):
        extractor(images(3, (sides[1] + 1, sides[1], channels)))


def test_shipped_extractor_that_is_damaged(monkeypatch):
    monkeypatch.setattr(extractors, "_loaded", {})
    monkeypatch.setitem(extractors.BUNDLED, "grey28", ("0" * 64, 1, (24, 40)))
    with pytest.raises(OSError, match=r"grey28\.keras is damaged"):
        metrics.get_extractor("grey28")


def test_inception_without_network(monkeypatch):
    def fetch(**arguments):
        raise Exception("URL fetch failure on https://example.org: None -- no network")

    monkeypatch.setattr(extractors, "_loaded", {})
    monkeypatch.setattr(keras.applications, "InceptionV3", fetch)
    with pytest.raises(ConnectionError, match=r"could not be fetched.*'grey28', 'rgb64', or any Keras"):
        metrics.get_extractor("inception_v3")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("vgg", None),
            "`extractor` must be one of 'grey28', 'rgb64', 'inception_v3', 'inception_2015',",
        ),
        ((3, None), "name, a Keras model or an Extractor. Received: int"),
        ((None, (64, 64, 1)), "sides of 24 to 40 pixels and 1 channels. Received: images of"),
        (("rgb64", (28, 28, 3)), "sides of 32 to 64"),
    ],
)
def test_get_extractor_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        metrics.get_extractor(*arguments)
