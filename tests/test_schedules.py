import json
import math

import keras
import numpy as np
import pytest
from tools import values

import keras_gan_zoo as kgz
from keras_gan_zoo.schedules import Cosine


def at(schedule, *steps):
    return [float(values([schedule(step)])[0]) for step in steps]


@pytest.mark.parametrize(("start", "end"), [(2e-4, 5e-5), (0.9, 0.99), (0.0, 5.0), (1.0, 0.0)])
def test_from_start_to_end(start, end):
    schedule = Cosine(start, end, 40)
    between = [start + (end - start) * (1 - math.cos(math.pi * step / 40)) / 2 for step in (10, 20, 37)]
    expected = [start, *between, end, end, end]
    np.testing.assert_allclose(
        at(schedule, 0, 10, 20, 37, 40, 41, 10**6), expected, rtol=1e-5, atol=1e-7
    )


def test_by_hand():
    assert at(Cosine(0, 8, 4), 0, 2, 4, 5) == pytest.approx([0, 4, 8, 8], abs=1e-5)


def test_as_a_learning_rate():
    variable = keras.Variable(np.zeros(1, "float32"))
    optimizer = keras.optimizers.SGD(Cosine(1.0, 0.0, 2))
    optimizer.build([variable])
    seen = []
    for _ in range(4):
        before = values([variable])[0]
        optimizer.apply([keras.ops.convert_to_tensor([-1.0])], [variable])
        seen.append(float((values([variable])[0] - before)[0]))
    assert seen == pytest.approx([1.0, 0.5, 0.0, 0.0], abs=1e-6)


def test_serialization():
    schedule = kgz.schedules.Cosine(0, 0.5, 7)
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(schedule)))
    assert config["registered_name"] == "keras_gan_zoo>Cosine"
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is Cosine and again.get_config() == {"start": 0.0, "end": 0.5, "steps": 7}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("1", 0.0, 4), r"`start` must be a finite number\. Received: start='1'"),
        ((1.0, math.nan, 4), r"`end` must be a finite number\. Received: end=nan"),
        ((1.0, None, 4), "`end` must be a finite number"),
        ((True, 0.0, 4), "`start` must be a finite number"),
        ((1.0, 0.0, 0), "`steps` must be a positive integer"),
        ((1.0, 0.0, 2.5), "`steps` must be a positive integer"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        Cosine(*arguments)
