import os
import threading
import warnings

import keras
import numpy as np
import pytest
from tools import PowerCut, fit, frozen, images, same, state, tiny, values

import keras_gan_zoo as kgz
from keras_gan_zoo.callbacks import Checkpoint, CollapseMonitor, FiniteNumbers, TrainingWarning
from keras_gan_zoo.utils import checkpoint_files


def new(seed=5, **arguments):
    model = tiny("GAN", seed=seed, **arguments)
    model.compile(ema=0.9)
    return model


def names(folder):
    return [path.name for path in checkpoint_files.listed(folder)]


@pytest.mark.full_matrix
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [(3, 0), (4, 0), (5, 0)]),
        ({"every": 2, "keep": 9}, [(2, 0), (4, 0), (5, 0)]),
        ({"every_steps": 2, "keep": 4}, [(3, 1), (4, 0), (4, 2), (5, 0)]),
        ({"every_steps": 99, "keep": 1}, [(5, 0)]),
    ],
)
def test_which_checkpoints_remain(arguments, expected, tmp_path):
    checkpoint = Checkpoint(tmp_path, **arguments)
    fit(new(), epochs=5, callbacks=[checkpoint])
    assert names(tmp_path) == [checkpoint_files.name(*place) for place in expected]
    assert sorted(os.listdir(tmp_path)) == names(tmp_path)
    assert checkpoint.latest == tmp_path / checkpoint_files.name(5, 0)


@pytest.mark.full_matrix
def test_a_checkpoint_is_a_model_file(tmp_path):
    model = new()
    fit(model, callbacks=[Checkpoint(tmp_path)])
    (path,) = checkpoint_files.listed(tmp_path)
    loaded = keras.models.load_model(path)
    assert same(state(loaded), state(model))


def test_the_longest_loss_is_every_steps(tmp_path):
    with pytest.raises(RuntimeError, match="power cut"):
        fit(new(), epochs=4, callbacks=[Checkpoint(tmp_path, every_steps=4), PowerCut(9)])
    resumed, whole = new(99), new()
    fit(whole, epochs=4)
    fit(
        resumed,
        epochs=4,
        resume=tmp_path,
        callbacks=[checkpoint := Checkpoint(tmp_path, every_steps=4)],
    )
    assert same(state(resumed), state(whole))
    assert checkpoint.latest.name == checkpoint_files.name(4, 0)


@pytest.mark.full_matrix
def test_a_finished_training_runs_no_step(tmp_path):
    model = new()
    fit(model, epochs=2, callbacks=[Checkpoint(tmp_path)])
    before, resumed = state(model), new(99)
    assert fit(resumed, epochs=2, resume=tmp_path, callbacks=[Checkpoint(tmp_path)]) == {}
    assert same(state(resumed), before)


@pytest.mark.full_matrix
def test_an_empty_folder_starts_a_training(tmp_path):
    old = tmp_path / ".epoch_00000_step_0000002.keras.writing-1"  # of a killed process
    old.mkdir()
    os.utime(old, (0, 0))
    model, other = new(), new()
    fit(model, resume=tmp_path, callbacks=[Checkpoint(tmp_path)])
    fit(other)
    assert same(state(model), state(other))
    assert os.listdir(tmp_path) == names(tmp_path) == [checkpoint_files.name(1, 0)]


@pytest.mark.full_matrix
def test_checkpoints_of_another_training_are_not_mixed_in(tmp_path):
    fit(new(), callbacks=[Checkpoint(tmp_path)])
    before = names(tmp_path)
    with pytest.raises(ValueError, match=r"of another training.*Pass `fit\(\.\.\., resume="):
        fit(new(), callbacks=[Checkpoint(tmp_path)])
    assert names(tmp_path) == before


@pytest.mark.full_matrix
def test_other_models_are_refused(tmp_path):
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.compile(loss="mse")
    with pytest.raises(TypeError, match="needs an adversarial model of keras_gan_zoo"):
        network.fit(np.zeros((4, 2)), np.zeros((4, 1)), verbose=0, callbacks=[Checkpoint(tmp_path)])


def test_states_with_nan_are_not_written(tmp_path):
    def spoil(epoch, logs):
        if epoch == 1:
            model.generator.layers[-2].kernel.assign(model.generator.layers[-2].kernel * np.nan)

    model = frozen(tiny("GAN"))
    spoiler = keras.callbacks.LambdaCallback(on_epoch_begin=spoil)
    with pytest.warns(
        TrainingWarning, match=r"generator/.*kernel contains NaN.*last good one is .*00001_"
    ):
        fit(model, epochs=3, callbacks=[Checkpoint(tmp_path), spoiler, FiniteNumbers(None)])
    assert names(tmp_path) == [checkpoint_files.name(1, 0)]


@pytest.mark.full_matrix
def test_errors_of_the_background_end_training(tmp_path, monkeypatch):
    complete, threads = checkpoint_files.complete, []

    def fail_later(path, content):
        threads.append(threading.current_thread())
        if len(threads) == 2:
            raise OSError(28, "No space left on device")
        complete(path, content)

    monkeypatch.setattr(checkpoint_files, "complete", fail_later)
    model = new()
    message = r"epoch_00002_.*could not be written: No space left.*last good one is .*epoch_00001_"
    with pytest.raises(OSError, match=message):
        fit(model, epochs=99, callbacks=[Checkpoint(tmp_path)])
    assert model.steps < 12
    assert threads[0] is not threading.main_thread()
    assert os.listdir(tmp_path) == [checkpoint_files.name(1, 0)]


@pytest.mark.full_matrix
def test_what_is_read_back_must_be_what_was_written(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint_files, "is_whole", lambda path: "00001" in path.name)
    with pytest.raises(OSError, match="what was read back differs"):
        fit(new(), epochs=9, callbacks=[Checkpoint(tmp_path, keep=1)])
    assert checkpoint_files.name(1, 0) in names(tmp_path)


def test_request_stop_finishes_the_step(tmp_path):
    def stop(batch, logs):
        if batch == 1:
            checkpoint.request_stop()

    checkpoint, model = Checkpoint(tmp_path), new()
    with pytest.raises(KeyboardInterrupt):
        fit(model, callbacks=[checkpoint, keras.callbacks.LambdaCallback(on_train_batch_begin=stop)])
    assert checkpoint.latest.name == checkpoint_files.name(0, 2)
    assert keras.models.load_model(checkpoint.latest).steps == 2


def learning_rates():
    plateau = keras.callbacks.ReduceLROnPlateau("g_loss", 0.5, patience=2, min_delta=9.0, mode="min")
    stopping = keras.callbacks.EarlyStopping("d_loss", min_delta=9.0, patience=4, mode="min")
    return kgz.callbacks.ForOptimizer("g_opt", plateau), stopping


@pytest.mark.full_matrix
def test_patience_is_resumed(tmp_path):
    whole, resumed = new(), new(99)
    history = fit(whole, epochs=9, callbacks=[*learning_rates()])
    fit(new(), epochs=3, callbacks=[Checkpoint(tmp_path), *learning_rates()])
    rest = fit(resumed, epochs=9, callbacks=[*learning_rates()], resume=tmp_path)
    assert len(history["d_loss"]) == 5 and len(rest["d_loss"]) == 2
    assert rest["learning_rate_g_opt"] == history["learning_rate_g_opt"][3:]
    assert float(resumed.optimizer["g_opt"].learning_rate) == pytest.approx(5e-5)
    assert same(state(resumed), state(whole))


@pytest.mark.full_matrix
def test_monitors_and_metrics_are_resumed(tmp_path):
    def callbacks():
        monitor = CollapseMonitor(every_steps=2, action="restore", thresholds={"warmup": 0})
        monitor.samples = 16
        return [monitor, kgz.callbacks.Evaluate("kernel", every=3, samples=12, cache=None)]

    def train(model, **arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TrainingWarning)
            return fit(model, images(24, shape), epochs=3, shuffle=True, **arguments)

    shape = (28, 28, 1)
    whole, resumed, watched = new(image_shape=shape), new(99, image_shape=shape), callbacks()
    saved = Checkpoint(tmp_path, every_steps=1, keep=99)
    history = train(whole, callbacks=[saved, *watched])
    for path in checkpoint_files.listed(tmp_path)[4:]:
        path.unlink()
    again = callbacks()
    rest = train(resumed, callbacks=again, resume=tmp_path)
    assert {key: values[1:] for key, values in history.items()} == rest
    assert again[0].get_state().keys() == watched[0].get_state().keys()
    pairs = [each[0].get_state()["actions"]["checkpoint"] for each in (watched, again)]
    assert pairs[0]["step"] == pairs[1]["step"] and same(pairs[0]["values"], pairs[1]["values"])
    assert same(state(resumed), state(whole))


@pytest.mark.full_matrix
def test_a_callback_of_the_user(tmp_path):
    class Count(keras.callbacks.Callback):
        total = np.zeros(2)

        def on_train_batch_end(self, batch, logs=None):
            self.total = self.total + 1

        def get_state(self):
            return {"total": self.total}

        def set_state(self, state):
            self.total = state["total"]

    with pytest.raises(RuntimeError, match="power cut"):
        fit(new(), epochs=2, callbacks=[Checkpoint(tmp_path, every_steps=1), PowerCut(5), Count()])
    count = Count()
    fit(new(), epochs=2, callbacks=[count], resume=tmp_path)
    assert count.total.tolist() == [6, 6]


@pytest.mark.full_matrix
def test_knobs_are_resumed(tmp_path):
    model = new()
    change = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: model.set_knob("instance_noise", 0.25)
    )
    with pytest.raises(RuntimeError, match="power cut"):
        fit(model, callbacks=[change, Checkpoint(tmp_path, every_steps=1), PowerCut(2)])
    resumed = new()
    fit(resumed, resume=tmp_path)
    assert values([resumed.knobs["instance_noise"]]) == [0.25]


@pytest.mark.full_matrix
def test_rewinds_are_counted_over_interruptions(tmp_path):
    first, again = FiniteNumbers("rewind"), FiniteNumbers("rewind")
    counts = {"rewinds": 2, "skipped": 0, "in_a_row": 0}
    rewound = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: first.set_state(counts))
    with pytest.raises(RuntimeError, match="power cut"):
        fit(new(), callbacks=[first, rewound, Checkpoint(tmp_path, every_steps=1), PowerCut(2)])
    fit(new(), callbacks=[again], resume=tmp_path)
    assert again.get_state() == counts
