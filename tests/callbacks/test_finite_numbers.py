"""NaN and infinity in training: noticed by default, named, and handled as asked."""

import re
import warnings

import keras
import numpy as np
import pytest
from collapse_tools import monitor_messages, only_nan
from tools import BACKEND, close, dataset, fit, images, mark_others, outputs, state, tiny, values

from keras_gan_zoo import backend
from keras_gan_zoo.callbacks import CollapseMonitor, FiniteNumbers, TrainingWarning
from keras_gan_zoo.callbacks.finite_numbers import first


class Poison(keras.callbacks.Callback):
    """Sets one value of a variable before a step, counted from 1 over all epochs."""

    def __init__(self, choose, value=np.nan, step=4):
        super().__init__()
        self.choose, self.value, self.step, self.count = choose, value, step, 0

    def on_train_batch_begin(self, batch, logs=None):
        self.count += 1
        if self.count == self.step:
            backend.sync(self.model)
            variable = self.choose(self.model)
            poisoned = values([variable])[0]
            poisoned.flat[0] = self.value
            variable.assign(poisoned)


class Count(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.steps = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.steps += 1


class Batches(keras.utils.PyDataset):
    """Batches of real images, some with a NaN or infinity, which no check of the first one sees."""

    def __init__(self, bad=(), n=12, value=np.nan):
        super().__init__()
        self.bad, self.n, self.value = bad, n, value

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        batch = images(8, seed=index)
        if index in self.bad:
            batch[0, 0, 0, 0] = self.value
        return (batch,)


def compiled(*optimizers, name="DCGAN", dtype=None, **arguments):
    model = tiny(name, dtype=dtype)
    model.compile(*optimizers, **arguments)
    return model


def stopped(model, *callbacks, match, x=None, epochs=2):
    """Train until the error, and return the number of steps that were started."""
    count = Count()
    with pytest.raises(FloatingPointError, match=match):
        fit(model, Batches() if x is None else x, epochs=epochs, callbacks=[*callbacks, count])
    return count.steps


@pytest.mark.parametrize(
    ("side", "value"),
    mark_others(
        [("generator", np.nan), ("discriminator", np.inf), ("discriminator", np.nan)],
        [("discriminator", np.inf)],
    ),
)
def test_weights(side, value):
    poison = Poison(lambda model: getattr(model, side).trainable_variables[-1], value)
    match = rf"^Step 4: NaN or infinity in the weights of the .*; layers of the {side}: \w+"
    # The fourth step uses the value, the fifth runs meanwhile, and the sixth does not start.
    assert stopped(compiled(), poison, match=match) <= 5


def test_an_infinity_that_no_loss_shows():
    """tanh makes 1 of it, in all images."""
    model = compiled()
    poison = Poison(lambda model: model.generator.layers[-1].bias, np.inf)
    assert stopped(model, poison, match="Step 4: NaN or infinity in the weights of the generator") == 5


@pytest.mark.full_matrix
def test_batches_after_the_first():
    match = "Step 4: NaN or infinity in the weights of the generator and .* and d_loss and g_loss"
    assert stopped(compiled(), x=Batches(bad=(3,)), match=match) == 5
    with pytest.raises(FloatingPointError, match=r"^Step 12:"):  # the last one of an epoch
        fit(compiled(), Batches(bad=(11,)))


@pytest.mark.full_matrix
def test_statistics_of_a_batch_normalization():
    poison = Poison(lambda model: model.generator.non_trainable_variables[0], np.inf)
    assert stopped(compiled(), poison, match="Step 4: .* the weights of the generator") == 5


@pytest.mark.parametrize("save_freq", mark_others(["epoch", 1], [1]))
def test_the_last_good_file_stays(save_freq, tmp_path):
    path = tmp_path / "model.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path, save_freq=save_freq)
    poison = Poison(lambda model: model.generator.trainable_variables[0], step=15)
    with pytest.raises(FloatingPointError):
        fit(compiled(ema=0.9), Batches(), epochs=3, callbacks=[checkpoint, poison])
    good = keras.models.load_model(path)
    assert good.steps == (12 if save_freq == "epoch" else 14)
    assert all(np.isfinite(array).all() for array in state(good))
    assert np.isfinite(outputs(good)).all()


@pytest.mark.full_matrix
def test_a_file_with_nan_is_not_written(tmp_path):
    """Not in the step between the first NaN and its notice either."""

    class Save(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                backend.sync(self.model)
                variable = self.model.discriminator.trainable_variables[0]
                variable.assign(np.full(variable.shape, np.nan))
                self.model.save_weights(tmp_path / "model.weights.h5")

    model = compiled()
    with pytest.raises(FloatingPointError, match="NaN or infinity in the variable"):
        fit(model, callbacks=[Save()])
    assert not list(tmp_path.iterdir())
    model.save(tmp_path / "model.keras")  # after `fit`, the user decides


def test_healthy_training_is_unchanged():
    ends = []
    for action in ("skip", None):
        model = compiled(ema=0.9)
        history = fit(model, dataset(), epochs=2, callbacks=[FiniteNumbers(action)])
        ends.append((list(history.values()), state(model)))
        assert set(history) == {"d_loss", "g_loss", "real_score", "fake_score"}
    for watched, alone in zip(*ends, strict=True):
        close(watched, alone, rtol=1e-4, atol=1e-6)  # XLA may round differently


# All state changes with a batch of NaN: weights, batch statistics, moving average, the pool of images.
@pytest.mark.parametrize("name", mark_others(["DCGAN", "CycleGAN"], ["DCGAN"]))
def test_skip(name):
    class Pairs(Batches):
        def __getitem__(self, index):
            (batch,) = super().__getitem__(index)
            return (batch, images(8, seed=index)) if name == "CycleGAN" else (batch,)

    model = compiled(name=name, ema=0.9)
    message = r"Step 3: NaN or infinity in .*d_loss.*\. The step is skipped, and so are later ones"
    with pytest.warns(TrainingWarning, match=message) as found:
        history = fit(model, Pairs(bad=(2, 3), n=4), callbacks=[FiniteNumbers("skip")])
    assert len(monitor_messages(found)) == 1
    assert model.steps == 4
    assert all(np.isfinite(array).all() for array in state(model))
    assert np.isfinite(list(history.values())).all()

    expected = compiled(name=name, ema=0.9)
    fit(expected, Pairs(n=2))
    floats = [[a for a in state(each) if a.dtype.kind == "f"] for each in (model, expected)]
    close(*floats, rtol=1e-4, atol=1e-6)


@pytest.mark.full_matrix
def test_skip_does_not_go_on_for_ever():
    skip = FiniteNumbers("skip")
    skip.max_skips = 3
    with pytest.warns(TrainingWarning):
        match = r"Step 5: .* in 3 steps in a row, all of which were skipped"
        assert stopped(compiled(), skip, x=Batches(bad=range(2, 12)), match=match) == 6


def test_rewind():
    model = compiled(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.2))
    rewind = FiniteNumbers("rewind", every=3, rate_factor=0.25)
    poison = Poison(lambda model: model.discriminator.trainable_variables[0], step=8)
    with pytest.warns(
        TrainingWarning,
        match=r"Step 8: .*Back to the weights of step 6 with lower learning rates, d_opt 0\.025, g_opt "
        r"0\.05: rewind 1 of at most 3\.",
    ) as found:
        history = fit(model, Batches(), callbacks=[rewind, poison])
    assert len(monitor_messages(found)) == 1
    assert all(np.isfinite(array).all() for array in state(model))
    assert np.isfinite(list(history.values())).all()
    assert model.steps == 12  # none is repeated


@pytest.mark.full_matrix
def test_rewind_does_not_go_on_for_ever():
    rewind = FiniteNumbers("rewind", every=2, max_rewinds=2)
    model = compiled()
    with pytest.warns(TrainingWarning) as found:
        stopped(model, rewind, x=Batches(bad=range(5, 12)), match=r"NaN or .*, after 2 rewinds\. Tr")
    assert len(monitor_messages(found)) == 2
    assert all(np.isfinite(array).all() for array in state(model))


@pytest.mark.full_matrix
def test_rewind_in_the_callback_that_saves(tmp_path):
    path = tmp_path / "model.keras"

    class PoisonAtTheEnd(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            variable = self.model.generator.trainable_variables[0]
            variable.assign(np.full(variable.shape, np.nan))

    callbacks = [PoisonAtTheEnd(), keras.callbacks.ModelCheckpoint(path)]
    with pytest.warns(
        TrainingWarning, match="in the variable generator.*Back to the weights of step 2 "
    ):
        fit(compiled(), callbacks=[FiniteNumbers("rewind", every=2), *callbacks])
    assert all(np.isfinite(array).all() for array in state(keras.models.load_model(path)))


def test_rewind_needs_a_rate_that_is_a_number():
    model = compiled(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-3, 9, 0.5)))
    with pytest.raises(ValueError, match=r"'rewind' only if the learning rates are numbers.*d_opt"):
        fit(model, callbacks=[FiniteNumbers("rewind")])


@pytest.mark.full_matrix
def test_nothing():
    history = fit(compiled(), Batches(bad=(1,)), callbacks=[FiniteNumbers(None)])
    assert np.isnan(history["d_loss"]).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"action": "restore"}, "`action` must be one of 'stop', 'skip', 'rewind', None"),
        ({"every": 0}, "`every` must be a positive integer"),
        ({"max_rewinds": 0}, "`max_rewinds` must be a positive integer"),
        ({"rate_factor": 2}, r"`rate_factor` must be in \[0, 1\]"),
    ],
)
def test_invalid_arguments(arguments, message):
    with pytest.raises(ValueError, match=re.escape(message) if "[" not in message else message):
        FiniteNumbers(**arguments)


def test_other_models():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match=r"needs a GAN.*TerminateOnNaN"):
        model.fit(np.ones((2, 1)), np.ones((2, 1)), verbose=0, callbacks=[FiniteNumbers()])


def test_there_is_one():
    other, own = keras.callbacks.Callback(), FiniteNumbers("skip")
    default, last = first([other])
    assert type(default) is FiniteNumbers and default.action == "stop" and last is other
    assert first([other, own]) == [own, other]
    restore, warn = CollapseMonitor(action=("restore", "lower_rate")), CollapseMonitor()
    assert first([restore]) == [restore]
    assert len(first([warn])) == 2


# Half precision ----------------------------------------------------------------------------------


@pytest.mark.full_matrix
def test_overflows_of_a_loss_scale_are_no_failure():
    scaled = (keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), 2.0**25) for _ in range(2))
    model = compiled(*scaled, dtype="mixed_float16")
    history = fit(model, Batches())
    assert model.steps < 12  # the first updates overflow, and are skipped
    assert np.isfinite(history["d_loss"]).all()


class Overflow(keras.callbacks.Callback):
    """Weights whose outputs are too large for float16: all losses are NaN, no update succeeds."""

    def on_train_begin(self, logs=None):
        kernel = self.model.discriminator.trainable_variables[0]
        kernel.assign(np.full(kernel.shape, 6e4))


def test_a_run_of_nan_in_half_precision_stops():
    match = r"^Step \d+: NaN or infinity in the loss scale of d_opt"
    assert 30 < stopped(compiled(dtype="mixed_float16"), Overflow(), match=match, epochs=4) < 45


@pytest.mark.full_matrix
def test_the_monitor_warns_in_half_precision():
    with pytest.warns(TrainingWarning, match=r"Step \d: d_loss is nan"):
        fit(compiled(dtype="mixed_float16"), callbacks=[only_nan(), Overflow()])


def test_the_monitor_reads_all_logs():
    """A penalty in float16 can be NaN beside finite losses."""
    model = compiled(dtype="mixed_float16")
    watch = only_nan()
    watch.set_model(model)
    model._fit_data.value = images()
    watch.on_train_begin()
    with pytest.warns(TrainingWarning, match="r1_penalty is nan"):
        watch.check({"d_loss": 1.0, "g_loss": 1.0, "r1_penalty": np.nan})


@pytest.mark.skipif(BACKEND == "torch", reason="Keras: steps_per_execution is 1 on torch")
def test_several_steps_per_execution():
    model = compiled(steps_per_execution=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert stopped(model, x=Batches(bad=(4,), n=12), match="Step 6: NaN or inf", epochs=1) <= 4
