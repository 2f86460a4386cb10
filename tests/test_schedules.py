import json
import math

import keras
import numpy as np
import pytest
from tools import fit, images, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.schedules import Cosine, HalfLife


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


def test_half_life_by_hand():
    half_life = HalfLife(1000, rampup=0.5)
    decays = [float(half_life.decay(step, 20)) for step in (1, 4, 100, 200)]
    # 20 images of 10, of 40, and of 1000, where the ramp of 0.5 * 20 * step has ended
    expected = [0.5**2, 0.5**0.5, 0.5**0.02, 0.5**0.02]
    assert decays == pytest.approx(expected, rel=1e-6)
    assert decays[2] ** 50 == pytest.approx(0.5, rel=1e-5)  # 50 steps are 1000 images
    assert float(half_life.decay(100, 40)) == pytest.approx(decays[2] ** 2, rel=1e-6)


@pytest.mark.parametrize("name", ["DCGAN", "CycleGAN", "MSGGAN"])
def test_half_life_of_an_average(name, tmp_path):
    """The average of a training is the one that a schedule with the same decays gives."""

    class Decays(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            return HalfLife(20).decay(step, 8)

    averages = []
    for ema in (HalfLife(20), Decays()):
        model = tiny(name)
        model.compile("sgd", "sgd", ema=ema)
        fit(model, images(24), batch_size=8)
        averages.append(values(model.ema_generator.weights))
        assert not all(map(np.array_equal, averages[-1], values(model.generator.weights)))
    for one, other in zip(*averages, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_half_life_is_saved(tmp_path):
    model = tiny("DCGAN")
    model.compile(ema=kgz.schedules.HalfLife(500, rampup=0.1))
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert loaded.plan.ema.get_config() == {"images": 500, "rampup": 0.1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0,), "`images` must be a positive integer"),
        ((1.5,), "`images` must be a positive integer"),
        ((10, 0.0), "`rampup` must be"),
    ],
)
def test_wrong_half_life(arguments, message):
    with pytest.raises(ValueError, match=message):
        HalfLife(*arguments)
