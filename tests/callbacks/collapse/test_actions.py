"""Countermeasures of `CollapseMonitor`."""

import keras
import numpy as np
import pytest
from collapse_tools import (
    SGD,
    Poison,
    Toy,
    monitor,
    monitor_messages,
    only_confidence,
    only_nan,
    prepared,
    unguarded,
    warned,
)
from tools import BACKEND, Linear, fit, frozen, same, state, stripes, values

from keras_gan_zoo.callbacks import TrainingWarning


def test_stop():
    with warned(r"generated samples have collapsed.*Training stops\.$"):
        history = fit(frozen(Toy("zeros")), epochs=5, callbacks=[monitor(action="stop", patience=2)])
    assert len(history["d_loss"]) == 2


@pytest.mark.parametrize(
    ("kind", "optimizer", "expected"),
    [
        ("overconfident", None, [0.25, 0.5]),
        ("collapsed", None, [0.5, 0.25]),
        ("collapsed", "d_opt", [0.25, 0.5]),
    ],
)
def test_lower_rate(kind, optimizer, expected):
    model = Toy("zeros") if kind == "collapsed" else Linear()
    model.compile(SGD(0.5), SGD(0.5))
    limits = {"confidence": 1.0} if kind == "collapsed" else {"confidence": 0.0, "diversity": 0.0}
    with warned(r"The learning rate of \w_opt goes from 0\.5 to 0\.25\.$"):
        fit(model, callbacks=[monitor(action="lower_rate", rate_optimizer=optimizer, **limits)])
    assert [float(model.optimizer[name].learning_rate) for name in ("d_opt", "g_opt")] == expected


@pytest.mark.parametrize("every_steps", [None, 3])
def test_the_lower_rate_counts_in_the_following_steps(every_steps):
    def run(epochs):
        model = Linear()
        model.compile(SGD(0.01), SGD(0.0))
        watch = only_confidence(
            confidence=0.0, action="lower_rate", rate_factor=1e-20, every_steps=every_steps
        )
        with warned("goes from 0.01 to 1e-22"):
            fit(model, stripes(), epochs=epochs, callbacks=[watch])
        return values(model.discriminator.weights)

    start = values(Linear().discriminator.weights)
    once, thrice = run(1), run(3)
    assert same(once, thrice) and not same(start, once)


def test_the_rate_is_lowered_again_while_the_failure_lasts():
    model = Toy("zeros")
    model.compile(SGD(0.0), SGD(1.0))
    with warned("goes from 1 to 0.5"):
        fit(model, epochs=5, callbacks=[monitor(action="lower_rate", patience=2)])
    assert float(model.optimizer["g_opt"].learning_rate) == 0.25


@pytest.mark.parametrize("every_steps", [None, 3])
def test_skip_acts_in_compiled_steps(every_steps):
    model = Linear()
    model.compile(SGD(1e-6), SGD(1e-6))
    watch = only_confidence(confidence=0.5, action="skip", skip_threshold=0.5, every_steps=every_steps)
    with warned(r"skipped while d_loss < 0\.5"):
        history = fit(model, stripes(), epochs=3, callbacks=[watch])
    assert history["d_skipped"] == [0.0, 1.0, 1.0]
    assert int(model.optimizer["d_opt"].iterations) == 3
    assert int(model.optimizer["g_opt"].iterations) == 9


@pytest.mark.parametrize(
    ("losses", "expected"), [("non_saturating", "0.28"), ("least_squares", "0.05")]
)
def test_the_threshold_of_skip_is_in_units_of_the_loss(losses, expected):
    model = frozen(Linear(), losses=losses)
    watch = prepared(only_confidence(action="skip"), model)
    with warned(f"From now on the discriminator's update is skipped while d_loss < {expected}"):
        watch.check({"real_score": 1.0, "fake_score": 0.0, "d_loss": 0.0})


def test_skip_does_nothing_against_collapsed_samples():
    with warned("generated samples have collapsed") as found:
        history = fit(
            frozen(Toy("zeros")), epochs=3, callbacks=[monitor(action="skip", confidence=1.0)]
        )
    assert "skipped" not in monitor_messages(found)[0]
    assert history["d_skipped"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("action", ["skip", "lower_rate"])
def test_nan_stops_where_nothing_mends_it(action):
    with warned(r"d_loss is nan.*Training stops\.$"):
        history = fit(frozen(Toy()), epochs=5, callbacks=[*unguarded(action=action), Poison((1,))])
    assert len(history["d_loss"]) == 2


def adam():
    model = Linear()
    model.compile(keras.optimizers.Adam(0.01), keras.optimizers.Adam(0.02), ema=0.9)
    return model


def clean(steps):
    """State after a number of steps on the same image, without failures."""
    model = adam()
    fit(model, stripes(8), epochs=steps)
    return state(model)


def test_restore_brings_everything_back():
    model = adam()
    with warned(r"Step 6: d_loss is nan.*Restored the weights, optimizers and seeds of step 3\.$"):
        fit(model, stripes(), epochs=2, callbacks=[only_nan(action="restore"), Poison((1,))])
    assert same(state(model), clean(3))


def test_following_steps_go_on_from_what_was_restored():
    model = adam()
    with warned("Restored .* of step 3"):
        fit(model, stripes(), epochs=3, callbacks=[only_nan(action="restore"), Poison((1,))])
    assert same(state(model), clean(6))
    assert np.isfinite(model.generate(4)).all()


def test_restore_within_an_epoch():
    model = adam()
    watch = only_nan(action="restore", every_steps=1)
    with warned(r"Step 3: .*Restored .* of step 2\."):
        fit(model, stripes(48), epochs=1, callbacks=[watch, Poison(steps=(2,))])
    assert same(state(model), clean(5))


@pytest.mark.skipif(BACKEND == "torch", reason="one step per execution there")
def test_restore_with_several_steps_per_execution():
    model = Linear()
    model.compile(SGD(0.01), SGD(0.02), steps_per_execution=2)
    watch = only_nan(action="restore", every_steps=2)
    with warned(r"Step 6: .*Restored .* of step 4\."):
        fit(model, stripes(64), epochs=1, callbacks=[watch, Poison(steps=(2,))])
    assert model.steps == 6 and np.isfinite(model.generate(4)).all()


def test_loss_scaled_optimizers():
    model = Linear(dtype="mixed_float16")
    model.compile(SGD(0.5), SGD(0.5))
    watch = only_nan(action=("restore", "lower_rate"))
    with warned("of step 3", r"d_opt goes from 0\.5 to 0\.25"):
        fit(model, stripes(), epochs=3, callbacks=[watch, Poison((1,))])
    assert [float(rate.learning_rate) for rate in model.optimizer.optimizers] == [0.25, 0.25]


def test_a_schedule_goes_back_with_the_steps():
    model = Linear()
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)
    model.compile(SGD(schedule), SGD(0.1))
    with warned("of step 3"):
        fit(model, stripes(), epochs=2, callbacks=[only_nan(action="restore"), Poison((1,))])
    assert float(model.optimizer["d_opt"].learning_rate) == pytest.approx(0.05)


def test_restore_before_the_first_check():
    model = adam()
    with warned("of step 0"):
        fit(model, stripes(), callbacks=[only_nan(action="restore"), Poison((0,))])
    assert same(state(model), state(adam()))


def test_restore_keeps_the_lowered_rate():
    model = adam()
    watch = only_nan(action=("restore", "lower_rate"))
    with warned("of step 3", r"d_opt goes from 0\.01 to 0\.005", r"g_opt goes from 0\.02 to 0\.01"):
        fit(model, stripes(), epochs=4, callbacks=[watch, Poison((1, 2))])
    rates = [float(model.optimizer[name].learning_rate) for name in ("d_opt", "g_opt")]
    assert rates == pytest.approx([0.0025, 0.005])
    assert model.steps == 6


def test_restore_gives_up():
    model = adam()
    poison = Poison(range(1, 20))
    with pytest.warns(TrainingWarning) as found:
        history = fit(model, stripes(), epochs=20, callbacks=[only_nan(action="restore"), poison])
    first, last = monitor_messages(found)
    assert "Restored the weights, optimizers and seeds of step 3" in first
    assert last.startswith("Restored step 3 2 times in a row") and "training stops" in last
    assert len(history["d_loss"]) == 4
    assert same(state(model), clean(3))


def test_progress_between_restores():
    model = adam()
    poison = Poison((1, 2, 4, 5, 7, 8))
    with pytest.warns(TrainingWarning, match="Restored"):
        history = fit(model, stripes(), epochs=10, callbacks=[only_nan(action="restore"), poison])
    assert len(history["d_loss"]) == 10
    assert same(state(model), clean(12))


def test_weights_that_are_nan_are_never_good():
    model = adam()
    watch = prepared(only_nan(action="restore"), model)
    before = state(model)
    model.discriminator.weights[0].assign(np.full((64, 1), np.nan))
    with warned("Step 0: weights contain NaN or infinity"):
        watch.check({})
    assert same(state(model), before)


def test_nothing_to_go_back_to():
    model = adam()
    model.generator.weights[0].assign(np.full((4, 64), np.nan))
    with warned("There is no good state to restore: training stops"):
        history = fit(model, stripes(), epochs=3, callbacks=[only_nan(action="restore")])
    assert len(history["d_loss"]) == 1


def test_actions_that_do_not_fit_the_model():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
    model = Linear()
    model.compile(g_opt=SGD(schedule), losses="wasserstein")
    with pytest.raises(
        ValueError, match=r"a learning rate that is a number\. Received: a schedule for g_opt"
    ):
        fit(model, callbacks=[monitor(action="lower_rate")])
    with pytest.raises(ValueError, match="`rate_optimizer` must be one of 'd_opt', 'g_opt'"):
        fit(model, callbacks=[monitor(action="lower_rate", rate_optimizer="x_opt")])
    with pytest.raises(ValueError, match=r"Action 'skip' needs a loss .*Received: Wasserstein"):
        fit(model, callbacks=[monitor(action="skip")])
    monitor(action="lower_rate", rate_optimizer="d_opt").set_model(model)
