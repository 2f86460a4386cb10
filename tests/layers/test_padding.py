import keras
import numpy as np
from tools import values

from keras_gan_zoo.layers import NoiseDropout, ReflectionPadding2D


def test_reflection_by_hand():
    image = np.arange(6, dtype="float32").reshape(1, 2, 3, 1)
    padded = values([ReflectionPadding2D(1)(image)])[0][0, ..., 0]
    wanted = [[4, 3, 4, 5, 4], [1, 0, 1, 2, 1], [4, 3, 4, 5, 4], [1, 0, 1, 2, 1]]
    assert padded.tolist() == wanted
    assert ReflectionPadding2D(3).compute_output_shape((None, None, 8, 2)) == (None, None, 14, 2)


def test_noise_dropout_is_active_at_inference():
    ones = np.ones((64, 64), "float32")
    layer = NoiseDropout(0.5, seed=0)
    for training in (True, False):
        dropped = values([layer(ones, training=training)])[0]
        assert set(np.unique(dropped)) == {0.0, 2.0}
        assert 0.45 < (dropped == 0).mean() < 0.55
    layer.always = False
    np.testing.assert_array_equal(values([layer(ones, training=False)])[0], ones)
    assert (values([layer(ones, training=True)])[0] == 0).any()
    again = keras.layers.deserialize(keras.layers.serialize(layer))
    assert type(again) is NoiseDropout and not again.always and again.rate == 0.5
