"""Values as people read them."""

import pytest

from keras_gan_zoo.utils import text


@pytest.mark.parametrize("seconds", [0.4, 59.6, 3600 * 30])
def test_durations(seconds):
    expected = {0.4: "0:00:00", 59.6: "0:01:00", 3600 * 30: "1 day, 6:00:00"}
    assert text.duration(seconds) == expected[seconds]
