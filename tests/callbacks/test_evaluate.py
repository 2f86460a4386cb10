import keras
import numpy as np
import pytest
from metrics_tools import network
from tools import dataset, fit, images, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo import metrics
from keras_gan_zoo.metrics import extractors


@pytest.fixture
def model():
    model = tiny("GAN")
    model.compile()
    return model


def evaluate(*arguments, **named):
    return kgz.callbacks.Evaluate(*arguments, **{"extractor": network(), "cache": None} | named)


def test_values_are_in_the_history_and_right(model):
    callback = evaluate(["frechet", "kernel", "prdc"], samples=24)
    history = fit(model, images(48), epochs=2, callbacks=[callback])
    names = (
        "frechet_net",
        "kernel_net",
        "kernel_net_error",
        "precision",
        "recall",
        "density",
        "coverage",
    )
    assert {f"val_{name}" for name in names} <= set(history)
    reference = metrics.Reference(images(48), ["frechet"], 24, network())
    expected = reference.measure(model.generate(24, seed=0))["frechet_net"]
    assert history["val_frechet_net"][-1] == pytest.approx(expected, rel=1e-5)
    assert callback.floor["frechet_net"] == pytest.approx(reference.floor["frechet_net"], rel=1e-6)
    assert history["val_frechet_net"][0] != history["val_frechet_net"][1]


def test_every_keeps_the_last_value_between_measurements(model, monkeypatch):
    callback = evaluate(["kernel"], every=3)
    seen = fit(model, epochs=6, callbacks=[callback])["val_kernel_net"]
    assert len(set(seen[:2])) == 1 and len(set(seen[2:5])) == 1 and len(set(seen)) == 3


def test_other_callbacks_find_the_values_wherever_they_stand(model, tmp_path):
    best = keras.callbacks.ModelCheckpoint(
        tmp_path / "best.keras", monitor="val_kernel_net", mode="min", save_best_only=True
    )
    plateau = kgz.callbacks.ForOptimizer(
        "d_opt",
        keras.callbacks.ReduceLROnPlateau("val_kernel_net", 0.5, patience=1, mode="max", cooldown=9),
    )
    stopper = keras.callbacks.EarlyStopping("val_kernel_net", mode="max", patience=3, min_delta=1e9)
    history = fit(model, epochs=9, callbacks=[best, plateau, stopper, evaluate(["kernel"], every=100)])
    assert (tmp_path / "best.keras").exists()
    assert len(history["val_kernel_net"]) == 4  # one to compare with, three without the great leap
    assert float(model.optimizer["d_opt"].learning_rate) == pytest.approx(1e-4)
    assert float(model.optimizer["g_opt"].learning_rate) == pytest.approx(2e-4)


def test_other_callbacks_know_which_way_is_better(model, tmp_path):
    watchers = [
        keras.callbacks.EarlyStopping("val_recall", patience=9),
        keras.callbacks.ModelCheckpoint(
            tmp_path / "best.keras", monitor="val_kernel_net", save_best_only=True
        ),
        keras.callbacks.ReduceLROnPlateau("val_frechet_net"),
    ]
    inner = kgz.callbacks.ForOptimizer("g_opt", watchers[-1])
    fit(model, images(30), epochs=2, callbacks=[*watchers[:2], inner, evaluate("frechet,kernel,prdc")])
    assert [watcher.monitor_op.__name__ for watcher in watchers] == ["greater", "less", "less"]


def test_takes_data_of_its_own(model):
    other = images(40, seed=9)
    callback = evaluate("frechet", other)
    fit(model, dataset(), callbacks=[callback])
    assert callback.reference.samples == 40
    expected = metrics.Reference(other, ["frechet"], extractor=network())
    assert callback.floor == pytest.approx(expected.floor)


def test_reads_datasets_and_batches(model):
    batches = [images(8, seed=seed) for seed in range(3)]
    callback = evaluate("kernel")
    fit(model, dataset(), callbacks=[callback])
    assert callback.reference.samples == 24
    callback = evaluate("kernel", batches, samples=10)
    fit(model, dataset(), callbacks=[callback])
    assert callback.reference.samples == callback.reference.floor_samples == 10


def test_other_training_data_is_another_reference(model):
    callback = evaluate("kernel")
    first = images(24)
    fit(model, first, callbacks=[callback])
    reference = callback.reference
    fit(model, first, callbacks=[callback])
    assert callback.reference is reference
    fit(model, images(32, seed=5), callbacks=[callback])
    assert callback.reference.samples == 32


def test_features_of_real_images_are_stored(model, tmp_path, monkeypatch):
    fit(model, callbacks=[evaluate("kernel", cache=tmp_path)])
    assert len(list(tmp_path.glob("*.npz"))) == 1
    counts = []
    compute = extractors.Extractor.__call__
    monkeypatch.setattr(
        extractors.Extractor, "__call__", lambda *a: counts.append(len(a[1])) or compute(*a)
    )
    fit(model, callbacks=[evaluate("kernel", cache=tmp_path)])
    assert counts == [24]  # the fakes only


def test_a_folder_that_cannot_be_written_is_not_fatal(model, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.warns(UserWarning, match="could not be stored"):
        fit(model, callbacks=[evaluate("kernel", cache=tmp_path / "file")])


@pytest.mark.parametrize(
    ("arguments", "x", "message"),
    [
        (("frechet", None), images(6), "6 in `real`, 6 dimensions"),
        (("kernel", images(30, (6, 6, 1))), images(), "fit the extractor 'net'"),
        (("kernel", (x for x in [images()])), images(), "read more than once"),
    ],
)
def test_refuses_before_the_first_step(model, arguments, x, message):
    with pytest.raises(ValueError, match=message):
        fit(model, x, batch_size=6, callbacks=[evaluate(*arguments)])
    assert model.steps == 0


def test_refuses_arguments():
    with pytest.raises(ValueError, match="one of 'frechet'"):
        evaluate("Frechet")
    with pytest.raises(ValueError, match="every"):
        evaluate("frechet", every=0)


def test_few_images_have_a_standard_error_too(model):
    errors = fit(model, images(16), callbacks=[evaluate("kernel")])["val_kernel_net_error"]
    assert np.isfinite(errors).all() and min(errors) > 0


def test_extractor_that_ships_is_chosen_by_the_channels():
    model = kgz.GAN((28, 28, 1), latent_dim=4)
    model.compile()
    callback = kgz.callbacks.Evaluate("kernel", samples=8, cache=None)
    history = fit(model, images(16, (28, 28, 1)), callbacks=[callback])
    assert callback.reference.extractor.name == "grey28"
    assert np.isfinite(history["val_kernel_grey28"]).all()
