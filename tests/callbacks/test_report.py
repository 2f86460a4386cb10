import json
import pathlib

import keras
import numpy as np
import pytest
from tools import PowerCut, fit, images, same, state, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.callbacks import Checkpoint, ImageSnapshots, Report, TrainingWarning
from keras_gan_zoo.callbacks import report as module
from keras_gan_zoo.callbacks.collapse import failures
from keras_gan_zoo.plots.report import records
from keras_gan_zoo.utils import machine


class Warn(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 1:
            with pytest.warns(TrainingWarning, match="a failure"):
                failures.warn(self.model, "a failure")


def kinds(folder, kind):
    """Pairs of the epoch and the value of the records of a kind."""
    return [(record["epoch"], record[kind]) for record in records.read(folder) if kind in record]


def compiled(name="GAN"):
    model = tiny(name)
    model.compile()
    return model


def test_a_training_leaves_a_report(tmp_path):
    model, report = compiled(), Report(tmp_path, {"data": "noise"})
    history = fit(model, epochs=3, callbacks=[Warn(), ImageSnapshots(tmp_path), report])
    page = report.path.read_text(encoding="utf-8")
    assert report.path == tmp_path / "report.html"
    assert "3 of 3 epochs" in page and "Finished." in page and '"reload":null' in page
    logs = kinds(tmp_path, "logs")
    assert [epoch for epoch, _ in logs] == [1, 2, 3]
    assert [values["d_loss"] for _, values in logs] == history["d_loss"]
    assert kinds(tmp_path, "warning") == [(2, "a failure")]
    assert [epoch for epoch, _ in kinds(tmp_path, "neighbours")] == [1, 2, 3]
    assert all(0 < seconds < 600 for _, seconds in kinds(tmp_path, "seconds"))
    if pathlib.Path("/proc/self/statm").exists():
        assert all(0.05 < memory < machine.memory() for _, memory in kinds(tmp_path, "memory"))
    ((epoch, start),) = kinds(tmp_path, "start")
    assert (epoch, start["model"], start["epochs"]) == (0, "GAN", 3)
    settings = start["settings"]
    assert settings["Run"]["data"] == "noise" and settings["Model"]["latent_dim"] == 4
    assert settings["Training"]["d_opt"]["class_name"] == "Adam"
    assert settings["Training"]["steps per epoch"] == 3
    assert settings["Versions"]["keras"] == keras.__version__
    assert (
        json.loads(page.split('id="report">')[1].split("</script>")[0])["snapshots"][2][0] == "epoch 3"
    )


def test_the_training_is_the_same_without_it(tmp_path):
    states = []
    for callbacks in ([], [Report(tmp_path)]):
        model = compiled("DCGAN")
        fit(model, epochs=2, callbacks=callbacks)
        states.append(state(model))
    assert same(*states)


def test_of_a_translation_there_are_no_neighbours(tmp_path):
    fit(compiled("Pix2Pix"), callbacks=[Report(tmp_path)])
    assert kinds(tmp_path, "neighbours") == [] and len(kinds(tmp_path, "logs")) == 1


@pytest.mark.parametrize("case", ["switched off", "a generator of batches", "NaN", "one image"])
def test_trainings_without_neighbours(case, tmp_path):
    model, x, report = compiled(), images(), Report(tmp_path, neighbours=case != "switched off")
    more = {}
    if case == "a generator of batches":
        x, more = iter([images(8)] * 3), {"steps_per_epoch": 3}
    if case == "NaN":
        model.samples = lambda n, seed: np.full((n, 8, 8, 1), np.nan)
    if case == "one image":
        x, more = images(1), {"batch_size": 1}
    fit(model, x, callbacks=[report], **more)
    assert not (tmp_path / "neighbours.png").exists() and len(kinds(tmp_path, "logs")) == 1


def test_short_epochs_do_not_rewrite_the_page_each_time(tmp_path, monkeypatch):
    """With a page that takes 1 s and epochs of 3 s, at most 5 % of the time: every seventh epoch."""
    clock, written = [0.0], []

    def write(folder, running=False):
        clock[0] += 1.0
        written.append((report._epoch, running))

    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(module, "report", write)
    report = Report(tmp_path, neighbours=False)
    report.set_model(compiled())
    report.set_params({"epochs": 20, "steps": 3})
    report.on_train_begin()
    for epoch in range(20):
        report.on_epoch_begin(epoch)
        clock[0] += 3.0
        report.on_epoch_end(epoch, {"d_loss": 1.0})
    report.on_train_end()
    assert written == [(1, True), (8, True), (15, True), (20, False)]
    assert len(kinds(tmp_path, "logs")) == 20


def test_a_continued_training_continues_the_report(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SHARE", np.inf)  # a page after every epoch

    def callbacks(*others):
        return [Checkpoint(tmp_path / "checkpoints", every_steps=2), Report(tmp_path), *others]

    with pytest.raises(RuntimeError, match="power cut"):
        fit(compiled(), epochs=3, callbacks=callbacks(PowerCut(7)))
    page = (tmp_path / "report.html").read_text()
    assert "2 of 3 epochs" in page and '"reload":5.0' in page
    fit(compiled(), epochs=3, callbacks=callbacks(), resume=tmp_path / "checkpoints")
    assert [epoch for epoch, _ in kinds(tmp_path, "logs")] == [1, 2, 3]
    assert [(epoch, start["epochs"]) for epoch, start in kinds(tmp_path, "start")][-1][1] == 3
    assert "3 of 3 epochs" in (tmp_path / "report.html").read_text()
    fit(compiled(), callbacks=[Report(tmp_path)])
    assert [epoch for epoch, _ in kinds(tmp_path, "logs")] == [1]


def test_the_end_of_a_training_that_failed(tmp_path):
    report = Report(tmp_path)
    report.end("before it began")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError, match="power cut"):
        fit(compiled(), epochs=2, callbacks=[report, PowerCut(4)])
    report.end("Stopped: <power cut>")
    assert kinds(tmp_path, "end") == [(1, "Stopped: <power cut>")]
    assert "1 of 2 epochs" in (tmp_path / "report.html").read_text()
    assert "Stopped: &lt;power cut&gt;" in (tmp_path / "report.html").read_text()


def test_large_images_are_compared_in_small_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MAX_FAKES", 5 * 64)
    monkeypatch.setattr(module, "_MAX_REALS", 7 * 64)
    fit(compiled(), callbacks=[Report(tmp_path)])
    ((_, text),) = kinds(tmp_path, "neighbours")
    assert "the 5 of 5 generated images that are nearest to one of 7 training images" in text


def test_a_model_without_a_configuration(tmp_path, monkeypatch):
    model = compiled()
    monkeypatch.setattr(type(model), "get_config", lambda self: 1 / 0)
    fit(model, callbacks=[Report(tmp_path)])
    ((_, start),) = kinds(tmp_path, "start")
    assert start["settings"]["Model"] == {} and "d_opt" in start["settings"]["Training"]


def test_the_folder_must_be_writable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="Argument `folder` must be a folder that can be written to"):
        Report(tmp_path / "file")


def test_the_monitor_reaches_the_report(tmp_path):
    """Through `model.training_warnings`, which is empty again after `fit`."""
    model = compiled()
    monitor = kgz.callbacks.CollapseMonitor(
        extractor=keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()]),
        thresholds={"diversity": 1.0, "warmup": 0, "patience": 1},
    )
    with pytest.warns(TrainingWarning, match="generated samples have collapsed"):
        fit(model, callbacks=[monitor, Report(tmp_path)])
    ((epoch, warning),) = kinds(tmp_path, "warning")
    assert epoch == 1 and warning.startswith("Step 3: generated samples have collapsed")
    assert model.training_warnings == []
