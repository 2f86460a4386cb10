import keras
import pytest
from tools import Linear, fit, same, stripes, values

from keras_gan_zoo.callbacks import ForOptimizer


def model():
    linear = Linear()
    linear.compile(keras.optimizers.SGD(0.25), keras.optimizers.SGD(0.5))
    return linear


def rates(linear):
    return [float(linear.optimizer[name].learning_rate) for name in ("d_opt", "g_opt")]


def halve(epoch, rate):
    return rate * 0.5


def test_a_scheduler_for_one_optimizer():
    linear = model()
    scheduler = keras.callbacks.LearningRateScheduler(halve)
    history = fit(linear, stripes(), epochs=2, callbacks=[ForOptimizer("g_opt", scheduler)])
    assert rates(linear) == [0.25, 0.125]
    assert history["learning_rate_g_opt"] == [0.25, 0.125]
    assert "learning_rate" not in history and "learning_rate_d_opt" not in history


def test_a_scheduler_for_each():
    linear = model()
    schedulers = [
        ForOptimizer("d_opt", keras.callbacks.LearningRateScheduler(halve)),
        ForOptimizer("g_opt", keras.callbacks.LearningRateScheduler(lambda epoch: 0.01 * (epoch + 1))),
    ]
    history = fit(linear, stripes(), epochs=2, callbacks=schedulers)
    assert history["learning_rate_d_opt"] == [0.125, 0.0625]
    assert history["learning_rate_g_opt"] == pytest.approx([0.01, 0.02])


def test_a_plain_scheduler_turns_both():
    linear = model()
    fit(linear, stripes(), epochs=2, callbacks=[keras.callbacks.LearningRateScheduler(halve)])
    assert rates(linear) == [0.0625, 0.125]


def test_the_new_rate_counts_in_the_compiled_step():
    def stop_after_one(epoch, rate):
        return rate if epoch == 0 else 0.0

    def run(epochs):
        linear = model()
        scheduler = ForOptimizer("d_opt", keras.callbacks.LearningRateScheduler(stop_after_one))
        fit(linear, stripes(), epochs=epochs, callbacks=[scheduler])
        return values(linear.discriminator.weights), values(linear.generator.weights)

    (d_one, g_one), (d_two, g_two) = run(1), run(2)
    assert same(d_one, d_two)
    assert not same(g_one, g_two)


def test_reduce_on_plateau():
    linear = model()
    plateau = keras.callbacks.ReduceLROnPlateau(
        monitor="g_loss", mode="min", factor=0.5, patience=1, min_delta=100
    )
    history = fit(linear, stripes(), epochs=4, callbacks=[ForOptimizer("g_opt", plateau)])
    assert rates(linear) == [0.25, 0.0625]
    assert history["learning_rate_g_opt"] == [0.5, 0.5, 0.25, 0.125]


def test_an_unknown_optimizer():
    scheduler = ForOptimizer("x_opt", keras.callbacks.LearningRateScheduler(halve))
    with pytest.raises(ValueError, match=r"\['d_opt', 'g_opt'\]\. Received: name='x_opt'"):
        fit(model(), stripes(), callbacks=[scheduler])


def test_a_model_with_one_optimizer():
    plain = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)])
    plain.compile("sgd", "mse")
    scheduler = ForOptimizer("g_opt", keras.callbacks.LearningRateScheduler(halve))
    with pytest.raises(ValueError, match=r"must be one of the model's optimizers, \[\]"):
        plain.fit(stripes(8), stripes(8)[:, 0, 0], callbacks=[scheduler], verbose=0)
