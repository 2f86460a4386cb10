"""Saved files of every model of the registry: they contain the complete training state."""

import io
import json
import os
import zipfile

import h5py
import keras
import numpy as np
import pytest
from damage_tools import flips
from tools import (
    close,
    dataset,
    each_model,
    fit,
    images,
    mark_others,
    outputs,
    same,
    state,
    tiny,
    values,
)

from keras_gan_zoo import losses


class SaveFirstEpoch(keras.callbacks.Callback):
    """Saves the model and its weights after the first epoch, and records the state."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 0:
            self.model.save(self.folder / "model.keras")
            self.model.save_weights(self.folder / "model.weights.h5")
            self.state = state(self.model)


@each_model("DCGAN", "CycleGAN")
def test_training_continues_as_if_never_stopped(name, tmp_path):
    def new(seed):
        model = tiny(name, seed=seed)
        model.compile(ema=0.9)
        return model

    def from_weights():
        model = new(99)
        assert not same(state(model), saved.state)
        model.load_weights(tmp_path / "model.weights.h5")
        return model

    whole, saved = new(5), SaveFirstEpoch(tmp_path)
    history = fit(whole, dataset(), epochs=2, callbacks=[saved])
    assert not same(saved.state, state(whole))
    expected = outputs(whole)

    # Weight files share the code of model files: one model of each family tries them.
    loaders = [from_weights] if name in ("DCGAN", "CycleGAN") else []
    for load in (lambda: keras.models.load_model(tmp_path / "model.keras"), *loaders):
        resumed = load()
        assert type(resumed) is type(whole) and resumed is not whole
        assert same(state(resumed), saved.state)
        rest = fit(resumed, dataset(), epochs=1)
        assert resumed.steps == whole.steps == 6
        assert same(state(resumed), state(whole))
        assert all(rest[key] == [history[key][1]] for key in history)
        np.testing.assert_array_equal(outputs(resumed), expected)


@each_model()
def test_config_round_trip(name):
    model = tiny(name, name="mine")
    config = json.loads(json.dumps(model.get_config()))
    rebuilt = type(model).from_config(config)
    assert rebuilt.get_config() == model.get_config()
    assert rebuilt.name == "mine" and rebuilt.seed == 0
    assert same(values(rebuilt.weights), values(model.weights))


@each_model()
def test_arguments_of_compile_are_saved(name, tmp_path):
    model = tiny(name)
    model.compile(
        keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(3e-4, 10, 0.5), 0.25),
        "rmsprop",
        losses.Hinge(),
        d_steps=2,
        updates="simultaneous",
        ema=0.75,
    )
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert type(loaded.adversarial_loss) is losses.Hinge
    assert (loaded.plan.d_steps, loaded.plan.updates, loaded.plan.ema) == (2, "simultaneous", 0.75)
    assert loaded.optimizer["d_opt"].beta_1 == 0.25
    assert isinstance(loaded.optimizer["g_opt"], keras.optimizers.RMSprop)
    assert loaded.get_compile_config() == model.get_compile_config()
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        config = file.read("config.json").decode()
    assert json.loads(config)["compile_config"]["jit_compile"] == "auto"
    assert "keras.src" not in json.dumps(json.loads(config)["compile_config"])


@pytest.mark.parametrize("name", mark_others(["DCGAN", "R3GAN", "CycleGAN"], ["DCGAN"]))
def test_half_precision_is_saved(name, tmp_path):
    model = tiny(name, dtype="mixed_float16")
    model.compile()
    fit(model, images(8))
    assert keras.config.dtype_policy().name == "float32"
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert same(state(loaded), state(model))
    assert loaded.generator.layers[0].compute_dtype == "float16"
    close([outputs(loaded)], [outputs(model)], rtol=0, atol=0)
    fit(loaded, images(8))
    # The weights may be unchanged: the first steps only adapt the loss scale.
    assert not same(values(loaded.optimizer.variables), values(model.optimizer.variables))


def test_an_uncompiled_model_stays_uncompiled(tmp_path):
    model = tiny("DCGAN")
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    assert not loaded.compiled
    assert same(values(loaded.variables), values(model.variables))
    compiled = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert not compiled.compiled


def test_load_model_without_compiling_keeps_the_weights(tmp_path):
    model = tiny("DCGAN")
    model.compile(ema=0.5)
    fit(model)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", compile=False)
    assert same(values(loaded.generator.weights), values(model.generator.weights))


@pytest.mark.parametrize("method", ["save", "save_weights"])
@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_failed_save_leaves_the_last_file(method, error, tmp_path, monkeypatch):
    path = tmp_path / ("model.keras" if method == "save" else "model.weights.h5")
    model = tiny("DCGAN")
    model.compile()
    getattr(model, method)(path)
    before = path.read_bytes()

    def write_a_part(self, filepath, *args, **kwargs):
        with open(filepath, "wb") as file:
            file.write(before[:100])
        raise error

    monkeypatch.setattr(keras.Model, method, write_a_part)
    with pytest.raises(type(error)):
        getattr(model, method)(path)
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_a_save_replaces_the_last_file(tmp_path):
    model = tiny("DCGAN")
    model.compile()
    for _ in range(2):
        fit(model, images(8))
        model.save(tmp_path / "model.keras")
    assert os.listdir(tmp_path) == ["model.keras"]
    assert keras.models.load_model(tmp_path / "model.keras").steps == 2


def test_load_weights_before_compile_is_refused(tmp_path):
    model = tiny("DCGAN")
    model.compile()
    model.save_weights(tmp_path / "model.weights.h5")
    fresh = tiny("DCGAN", seed=1)
    before = values(fresh.weights)
    with pytest.raises(ValueError, match=r"`load_weights` before `compile`.*Call `model.compile"):
        fresh.load_weights(tmp_path / "model.weights.h5")
    assert same(before, values(fresh.weights))


def test_weights_for_other_optimizers_are_refused(tmp_path):
    model = tiny("DCGAN")
    model.compile()
    model.save_weights(tmp_path / "model.weights.h5")
    other = tiny("DCGAN")
    other.compile(d_opt="sgd", g_opt="sgd")
    with pytest.raises(ValueError, match="with the optimizers that it was saved with"):
        other.load_weights(tmp_path / "model.weights.h5")


@pytest.mark.parametrize("kind", mark_others([".keras", ".weights.h5"], [".weights.h5"]))
def test_every_flipped_bit_is_noticed_or_harmless(kind, tmp_path):
    path = tmp_path / f"model{kind}"
    model, other = tiny("DCGAN"), tiny("DCGAN", seed=1)
    for each in (model, other):
        each.compile(ema=0.5)
    model.save(path) if kind == ".keras" else model.save_weights(path)
    noticed = 0
    for position in flips(path):
        try:
            if kind == ".keras":
                other = keras.models.load_model(path)
            else:
                other.load_weights(path)
        except Exception as error:
            assert kind == ".keras" or (type(error) is OSError and f"{path} is damaged" in str(error))
            noticed += 1
        else:
            assert same(values(other.variables), values(model.variables)), position
    assert noticed >= 28


def test_weights_without_a_checksum_are_read(tmp_path):
    """Those of Keras, of release 0.1, and those that were written again with h5py."""
    model, other = tiny("DCGAN"), tiny("DCGAN", seed=1)
    for each in (model, other):
        each.compile()
    keras.Model.save_weights(model, tmp_path / "keras.weights.h5")
    model.save_weights(tmp_path / "ours.weights.h5")
    with h5py.File(tmp_path / "ours.weights.h5", "r+") as file:
        file.attrs["note"] = "mine"
    for name in ("keras", "ours"):
        other.load_weights(tmp_path / f"{name}.weights.h5")
        assert same(state(other), state(model))
        other.set_weights([0 * weight for weight in other.get_weights()])
    model.save_weights(tmp_path / "ours.weights.h5")
    keras.Model.load_weights(other, tmp_path / "ours.weights.h5")
    assert same(state(other), state(model))


def test_weights_in_several_files(tmp_path):
    model, other = tiny("DCGAN"), tiny("DCGAN", seed=1)
    for each in (model, other):
        each.compile()
    model.save_weights(tmp_path / "model.weights.json", max_shard_size=2e-5)
    assert len(list(tmp_path.iterdir())) == 2
    other.load_weights(tmp_path / "model.weights.json")
    assert same(state(other), state(model))


def test_weights_that_ask_for_much_memory_are_refused(tmp_path):
    model = tiny("DCGAN")
    model.compile()
    path = tmp_path / "model.weights.h5"
    model.save_weights(path)
    with h5py.File(path, "r+") as file:
        file.create_dataset("zeros", (10**9,), "f4")  # without stored values
    with pytest.raises(ValueError, match=r"model.weights.h5 is damaged or harmful: .* asks for 4,0"):
        model.load_weights(path)


def test_backup_and_restore(tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise RuntimeError("power cut")

    def new():
        model = tiny("DCGAN", seed=5)
        model.compile(ema=0.9)
        return model

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    whole = new()
    fit(whole, dataset(), epochs=3)
    with pytest.raises(RuntimeError, match="power cut"):
        fit(new(), dataset(), epochs=3, callbacks=[backup(), Crash()])
    resumed = new()
    history = fit(resumed, dataset(), epochs=3, callbacks=[backup()])
    assert len(history["d_loss"]) == 2
    assert same(state(resumed), state(whole))


@each_model()
def test_a_file_holds_every_value_once(name, tmp_path):
    """Not the states of the optimizers once more, as in the files of release 0.1."""
    model = tiny(name)
    model.compile(ema=0.9)
    model.save(tmp_path / "model.keras")
    sizes = []
    with zipfile.ZipFile(tmp_path / "model.keras") as file:
        weights = io.BytesIO(file.read("model.weights.h5"))
    h5py.File(weights).visititems(lambda _, item: sizes.append(getattr(item, "size", 0)))
    assert sum(sizes) == sum(values.size for values in state(model))


def test_saving_makes_no_optimizer(tmp_path, monkeypatch):
    """Keras' does, for each file, and on TensorFlow some of its memory is never freed."""
    model, made = tiny("DCGAN"), []
    model.compile()
    model.save(tmp_path / "model.keras")
    init = keras.optimizers.Optimizer.__init__
    monkeypatch.setattr(
        keras.optimizers.Optimizer, "__init__", lambda *a, **k: made.append(a) or init(*a, **k)
    )
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    assert not made
