"""Detection of failures in runs that fail on purpose, and in healthy ones."""

import csv
import inspect
import warnings

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
from keras import layers
from tools import Linear, fit, frozen, images, stripes

from keras_gan_zoo.callbacks import CollapseMonitor, TrainingWarning


@pytest.mark.parametrize(
    ("losses", "arguments"),
    [("non_saturating", {}), ("least_squares", {"every_steps": 2}), ("wasserstein", {})],
)
def test_a_healthy_training_gives_no_warning(losses, arguments):
    model = Toy()
    model.compile(SGD(1e-3), SGD(1e-3), losses=losses)
    history = fit(model, epochs=3, callbacks=[monitor(**arguments)])
    assert len(history["val_diversity"]) == 3
    assert all(0.5 < ratio < 3.0 for ratio in history["val_diversity"])


def test_a_generator_that_ignores_its_latents():
    model = frozen(Toy("zeros"))
    with warned(
        r"^Step 6: generated samples have collapsed: their mean feature distance is 0\.000 of that of "
        r"real ones \(limit 0\.1\)\. Probably .*mode collapse.*losses='hinge', ema=0\.999, or a lower "
        r"learning rate for `g_opt`\.$"
    ) as found:
        history = fit(model, epochs=4, callbacks=[monitor(patience=2)])
    assert len(monitor_messages(found)) == 1
    assert history["val_diversity"] == pytest.approx([0.0] * 4, abs=1e-6)


def test_remedies_are_not_what_is_in_use():
    model = frozen(Toy("zeros"), losses="hinge", ema=0.5)
    with warned("compile with a lower learning rate for `g_opt`") as found:
        fit(model, callbacks=[monitor()])
    (message,) = monitor_messages(found)
    assert "hinge" not in message and "ema" not in message


def test_the_remedy_of_a_model_with_a_robust_recipe():
    model = Toy("zeros")
    model.reference_width = 64
    with warned(r"compile with recipe='robust', or a lower learning rate for `g_opt`"):
        fit(frozen(model), callbacks=[monitor()])


def test_samples_are_not_checked_during_warmup():
    history = fit(frozen(Toy("zeros")), epochs=2, callbacks=[monitor(warmup=7)])
    assert history["val_diversity"] == pytest.approx([0.0, 0.0], abs=1e-6)
    with warned("Step 9: generated samples have collapsed"):
        fit(frozen(Toy("zeros")), epochs=3, callbacks=[monitor(warmup=7)])


def test_structure_is_compared_too():
    shape = (12, 12, 1)
    brightness = keras.Sequential([keras.Input(shape), layers.GlobalAveragePooling2D()])
    model = frozen(Toy("brightness", scale=0.05, bias=0.5, image_shape=shape))
    watch = monitor(extractor=brightness)
    with warned(r"pairs have a mean MS-SSIM of 0\.9\d\d, real pairs of 0\.\d+, so they differ 0\.0"):
        history = fit(model, images(shape=shape), callbacks=[watch])
    assert history["val_diversity"][0] > 0.3


@pytest.mark.parametrize("losses", ["non_saturating", "least_squares", "hinge", "relativistic"])
def test_a_discriminator_that_always_wins(losses):
    model = Linear()
    rate = {"least_squares": 0.025, "hinge": 0.1}.get(losses, 20.0)
    model.compile(SGD(rate), SGD(0.0), losses=losses)
    with warned(
        r"the discriminator is overconfident: \d\.\d{3} \(limit 0\.98, chance level 0\.5\) for 2 "
        r"checks in a row, real_score=.*, fake_score=.*, d_loss=.*Try InstanceNoise\(0\.1\), "
        r"DiscriminatorSkip\(0\.\d+\), or a lower learning rate for `d_opt`\.$"
    ) as found:
        fit(model, stripes(64), epochs=16, callbacks=[only_confidence(patience=2)])
    assert len(monitor_messages(found)) == 1


def test_a_wasserstein_critic_may_win():
    model = Linear()
    model.compile(SGD(1.0), SGD(0.0), losses="wasserstein")
    fit(model, stripes(), epochs=3, callbacks=[only_confidence()])


def test_a_huge_rate_ends_in_nan():
    model = Linear()
    model.compile(SGD(1e37), SGD(1e37))
    patterns = r"Step \d: .*(nan|inf|NaN)", r"clipnorm=1\.0", "'restore', 'lower_rate'"
    with np.errstate(all="ignore"), warned(*patterns) as found:
        fit(model, epochs=4, callbacks=unguarded())
    assert len(monitor_messages(found)) == 1


def test_nan_in_samples_only():
    model = frozen(Toy())
    watch = only_nan()
    prepared(watch, model)
    model.generator.weights[1].assign(np.full(64, np.nan))
    with warned("^Step 0: samples contain NaN or infinity"):
        watch.check({})


@pytest.mark.parametrize(("every_steps", "expected"), [(None, 6), (1, 5), (2, 6)])
def test_nan_is_found_as_early_as_is_asked_for(every_steps, expected):
    model = frozen(Toy())
    with warned(
        f"Step {expected}: d_loss is nan and g_loss is nan and samples contain NaN|Step {expected}: "
    ):
        fit(model, epochs=3, callbacks=[*unguarded(every_steps=every_steps), Poison(steps=(4,))])


def test_a_failure_is_reported_again_only_after_a_good_check():
    watch = prepared(only_confidence(patience=2), frozen(Toy()))
    wins, plays = ({"real_score": s, "fake_score": 1 - s, "d_loss": 1.0} for s in (0.999, 0.7))
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        counts = []
        for logs in [wins, wins, wins, wins, wins, plays, wins, wins, plays, wins, plays, wins]:
            watch.check(logs)
            counts.append(len(monitor_messages(found)))
    assert counts == [0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2]


def test_data_of_its_own():
    model, narrow = frozen(Toy()), 0.01 * images()
    by_fit = fit(model, callbacks=[monitor()])["val_diversity"][0]
    by_data = fit(model, callbacks=[monitor(data=narrow)])["val_diversity"][0]
    assert by_data == pytest.approx(100 * by_fit, rel=1e-3)
    assert model.training_data is None


def test_equal_real_images_give_no_diversity():
    history = fit(frozen(Toy("zeros")), stripes(), callbacks=[monitor()])
    assert np.isnan(history["val_diversity"][0])


def test_the_last_value_is_logged_between_checks():
    history = fit(frozen(Toy()), epochs=4, callbacks=[monitor(every=2)])["val_diversity"]
    assert np.isnan(history[0]) and history[1] == history[2] == history[3] > 0


def test_a_csv_file_has_the_diversity(tmp_path):
    log = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    history = fit(frozen(Toy()), callbacks=[monitor(), log])
    with open(tmp_path / "log.csv", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["val_diversity"]) == pytest.approx(history["val_diversity"][0])


def test_a_generator_of_batches_needs_data():
    batches = ((images(8),) for _ in range(3))
    with pytest.raises(ValueError, match=r"needs real images.*more than once.*CollapseMonitor\(data="):
        fit(frozen(Toy()), batches, callbacks=[monitor()])


@pytest.mark.parametrize(
    ("name", "value"),
    [("every", 0), ("every_steps", 0), ("action", "halt"), ("action", ("restore", "halt"))],
)
def test_wrong_arguments(name, value):
    with pytest.raises(ValueError, match=f"Argument `{name}` must be .*Received: {name}="):
        CollapseMonitor(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"), [("patience", 0), ("warmup", -1), ("diversity", 1.5), ("confidence", -0.1)]
)
def test_wrong_thresholds(name, value):
    key = rf"thresholds\['{name}'\]"
    with pytest.raises(ValueError, match=f"Argument `{key}` must be .*Received: {key}="):
        CollapseMonitor(thresholds={name: value})


def test_unknown_thresholds():
    message = r"`thresholds` must have keys of 'diversity', .*'patience'\. Received: 'sure'"
    with pytest.raises(ValueError, match=message):
        CollapseMonitor(thresholds={"sure": 0.9})


@pytest.mark.parametrize(("name", "value"), [("samples", 1.5), ("rate_factor", 1.0)])
def test_wrong_class_attributes(name, value):
    watch = monitor(**{name: value})
    with pytest.raises(ValueError, match=f"`{name}` must be .*Received: {name}="):
        watch.set_model(frozen(Toy()))


def test_thresholds_left_out_are_the_defaults():
    watch = CollapseMonitor(thresholds={"diversity": 0.1})
    assert watch.thresholds == {**CollapseMonitor.default_thresholds, "diversity": 0.1}
    parameters = inspect.signature(CollapseMonitor.__init__).parameters
    assert len(parameters) - 1 <= 6


def test_other_models_are_refused():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match=r"needs a model of keras_gan_zoo.*Received: Sequential"):
        model.fit(np.zeros((4, 2)), np.zeros((4, 1)), callbacks=[CollapseMonitor()], verbose=0)


def test_one_real_image():
    with pytest.raises(ValueError, match=r"`data` must hold at least 2 real samples\. Received: 1"):
        fit(frozen(Toy()), callbacks=[monitor(data=images(1))])


def test_the_bundled_network_is_the_default():
    model = Toy(image_shape=(28, 28, 1), kernel="none")
    frozen(model)
    callback = monitor(extractor=None)
    with pytest.warns(
        TrainingWarning, match="generated samples have collapsed: their mean feature distance is 0"
    ):
        fit(model, images(shape=(28, 28, 1)), callbacks=[callback])
