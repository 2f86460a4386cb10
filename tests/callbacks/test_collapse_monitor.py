"""Failing training runs, constructed on purpose, and healthy ones."""

import csv
import inspect
import warnings

import keras
import numpy as np
import pytest
from keras import layers
from tools import BACKEND, SHAPE, Linear, fit, frozen, images, same, state, stripes, values

from keras_gan_zoo import backend, losses
from keras_gan_zoo.callbacks import CollapseMonitor, TrainingWarning
from keras_gan_zoo.callbacks.collapse import failures
from keras_gan_zoo.callbacks.collapse.diversity import Diversity, mean_distance
from keras_gan_zoo.models.noise_to_image.base import NoiseToImage

SGD = keras.optimizers.SGD


def pixels(shape=SHAPE):
    """An extractor whose features are the pixels."""
    return keras.Sequential([keras.Input(shape), layers.Flatten()])


def monitor(**arguments):
    """A monitor of all three failures without warm-up and patience.

    Names of thresholds and of class attributes are set as such, others are arguments.
    """
    thresholds, attributes = {"warmup": 0, "patience": 1}, {"samples": 16}
    for name in list(arguments):
        if name in CollapseMonitor.default_thresholds:
            thresholds[name] = arguments.pop(name)
        elif name in ("samples", "rate_optimizer", "rate_factor", "skip_threshold", "seed"):
            attributes[name] = arguments.pop(name)
    watch = CollapseMonitor(**{"extractor": pixels(), "thresholds": thresholds} | arguments)
    for name, value in attributes.items():
        setattr(watch, name, value)
    return watch


def only_nan(**arguments):
    return monitor(diversity=0.0, confidence=1.0, **arguments)


def only_confidence(**arguments):
    return monitor(diversity=0.0, **arguments)


class Toy(NoiseToImage):
    """A generator whose pixels are `bias + scale * latent`, and a discriminator that guesses."""

    def __init__(self, kernel="random", scale=0.5, bias=0.0, image_shape=SHAPE):
        super().__init__(image_shape=image_shape, latent_dim=4, seed=0)
        self.make_networks()
        weights, offsets = self.generator.get_weights()
        if kernel == "random":
            weights = np.random.default_rng(0).normal(0, scale, weights.shape)
        elif kernel == "brightness":
            weights[0] = scale
        self.generator.set_weights([weights, offsets + bias])

    def make_generator(self):
        size = int(np.prod(self.image_shape))
        dense = layers.Dense(size, kernel_initializer="zeros")
        return keras.Sequential(
            [keras.Input((self.latent_dim,)), dense, layers.Reshape(self.image_shape)]
        )

    def make_discriminator(self):
        dense = layers.Dense(1, kernel_initializer="zeros")
        return keras.Sequential([keras.Input(self.image_shape), layers.Flatten(), dense])


class Poison(keras.callbacks.Callback):
    """Makes a weight NaN in these epochs, or after these steps."""

    def __init__(self, epochs=(), steps=()):
        super().__init__()
        self.epochs, self.steps, self.count = epochs, steps, 0
        if not steps:
            self.on_train_batch_end = super().on_train_batch_end

    def _poison(self):
        backend.sync(self.model)
        weight = self.model.generator.weights[0]
        weight.assign(np.full(weight.shape, np.nan))

    def on_epoch_begin(self, epoch, logs=None):
        if epoch in self.epochs:
            self._poison()

    def on_train_batch_end(self, batch, logs=None):
        self.count += 1
        if self.count in self.steps:
            self._poison()


def warned(*patterns):
    return pytest.warns(TrainingWarning, match=".*".join(patterns))


def monitor_messages(found):
    """The monitor's messages among the warnings; each is one line."""
    messages = [str(warning.message) for warning in found if warning.category is TrainingWarning]
    assert not any("\n" in message for message in messages)
    return messages


# Observations --------------------------------------------------------------------------------------


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
        r"real ones \(limit 0\.3\)\. Probably .*mode collapse.*losses='hinge', ema=0\.999, or a lower "
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


def test_confidence():
    logs = {"real_score": 0.9, "fake_score": 0.01, "d_loss": 0.05}
    assert failures.discriminator_confidence(losses.NonSaturating(), logs) == pytest.approx(0.9)
    assert failures.discriminator_confidence(losses.Minimax(), logs, real_label=0.9) == pytest.approx(
        0.99
    )
    assert failures.discriminator_confidence(losses.LeastSquares(), logs) == pytest.approx(0.9)
    assert failures.discriminator_confidence(losses.Hinge(), logs) == pytest.approx(0.9875)
    assert failures.discriminator_confidence(losses.Relativistic(), logs) == pytest.approx(
        1 - 0.05 / (2 * np.log(2))
    )
    assert failures.discriminator_confidence(losses.Wasserstein(), logs) is None
    assert failures.discriminator_confidence(losses.Hinge(), {}) is None
    for name in ("non_saturating", "minimax", "least_squares", "hinge", "relativistic"):
        loss = losses.get(name)
        zeros = keras.ops.zeros((4, 1)) + (0.5 if name == "least_squares" else 0.0)
        assert failures.chance_loss(loss) == pytest.approx(float(loss.discriminator(zeros, zeros)))


def test_a_huge_rate_ends_in_nan():
    model = Linear()
    model.compile(SGD(1e37), SGD(1e37))
    patterns = r"Step \d: .*(nan|inf|NaN)", r"clipnorm=1\.0", "'restore', 'lower_rate'"
    with np.errstate(all="ignore"), warned(*patterns) as found:
        fit(model, epochs=4, callbacks=[only_nan()])
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
        fit(model, epochs=3, callbacks=[only_nan(every_steps=every_steps), Poison(steps=(4,))])


def prepared(watch, model, x=None):
    watch.set_model(model)
    model._fit_data.value = images() if x is None else x
    watch.on_train_begin()
    return watch


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


# Data ----------------------------------------------------------------------------------------------


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


def test_mean_distance():
    features = np.random.default_rng(0).normal(100, 1, (9, 3)).astype("float32")
    pairs = [np.linalg.norm(a - b) for i, a in enumerate(features) for b in features[:i]]
    assert mean_distance(features) == pytest.approx(np.mean(pairs), rel=1e-5)
    assert mean_distance(np.ones((5, 3))) == 0.0


def test_whole_numbers_and_points():
    whole = np.random.default_rng(0).integers(0, 256, (16, 12, 12, 1)).astype("uint8")
    ratios, _ = Diversity(whole, pixels((12, 12, 1))).ratios(whole / np.float32(127.5) - 1)
    assert ratios == pytest.approx({"distance": 1.0, "ms_ssim": 1.0}, abs=1e-5)
    points = np.random.default_rng(0).normal(size=(16, 2))
    assert Diversity(points).ratios(points / 2)[0] == pytest.approx({"distance": 0.5})


# Actions -------------------------------------------------------------------------------------------


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
        history = fit(frozen(Toy()), epochs=5, callbacks=[only_nan(action=action), Poison((1,))])
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


# Refusals ------------------------------------------------------------------------------------------


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
