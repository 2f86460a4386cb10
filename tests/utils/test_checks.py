import numpy as np
import pytest

from keras_gan_zoo.utils import checks


@pytest.mark.parametrize("value", [1, 7, np.int64(3)])
def test_positive_integer(value):
    result = checks.positive_integer("n", value)
    assert result == value and type(result) is int


@pytest.mark.parametrize("value", [0, -1, 1.0, 2.5, "3", True, np.bool_(True), None])
def test_not_a_positive_integer(value):
    with pytest.raises(ValueError, match=r"`n` must be a positive integer\. Received: n=.*n=1\."):
        checks.positive_integer("n", value)
    with pytest.raises(ValueError, match=r"Received: width=.*Pass for example width=32\."):
        checks.positive_integer("width", value)


def test_non_negative_integer():
    assert checks.non_negative_integer("n", 0) == 0
    for value in (-1, 0.5, False):
        with pytest.raises(ValueError, match=r"`n` must be an integer of 0 or more\. Received: n="):
            checks.non_negative_integer("n", value)


def test_fraction():
    assert [checks.fraction("f", value) for value in (0, 0.25, 1)] == [0.0, 0.25, 1.0]
    for value in (-0.01, 1.01, float("nan"), "0.5", None):
        with pytest.raises(ValueError, match=r"`f` must be in \[0, 1\]\. Received: f="):
            checks.fraction("f", value)


def test_decay():
    assert checks.decay("ema", None) is None
    assert checks.decay("ema", 0.999) == 0.999
    for value in (0.0, 1.0, 1, -0.5, 2.0, float("nan")):
        with pytest.raises(ValueError, match=r"`ema` must be None or a number in \(0, 1\).*ema=0.999"):
            checks.decay("ema", value)


def test_one_of():
    assert checks.one_of("mode", "a", ("a", "b")) == "a"
    with pytest.raises(ValueError, match=r"`mode` must be one of 'a', 'b'\. Received: mode='c'"):
        checks.one_of("mode", "c", ("a", "b"))


def test_known_keys():
    checks.known_keys("losses", {"a": 1}, ("a",))
    for given in ({}, {"a": 1, "b": 2}, {"b": 1}):
        with pytest.raises(ValueError, match="`losses` must be a dict with the terms 'a'"):
            checks.known_keys("losses", given, ("a",))


@pytest.mark.parametrize("shape", [(8, 12, 3), [8, 12, 3], (np.int64(8), 12, 3)])
def test_image_shape(shape):
    assert checks.image_shape(shape) == (8, 12, 3)


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 0), (8, 8, 1, 1), 8, None, "8x8", (8.0, 8, 1)])
def test_malformed_image_shape(shape):
    with pytest.raises(ValueError, match=r"`image_shape` must be \(height, width, channels\), three"):
        checks.image_shape(shape)


@pytest.mark.parametrize("shape", [(3, 64, 64), [1, 28, 28]])
def test_channels_first(shape):
    way_out = rf"with the channels first\. Pass image_shape=\({shape[1]}, {shape[1]}, {shape[0]}\)"
    with pytest.raises(ValueError, match=way_out):
        checks.image_shape(shape)
    assert checks.image_shape((3, 4, 3)) == (3, 4, 3)
