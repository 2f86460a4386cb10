import sys

import keras
import numpy as np
import pytest
from PIL import Image
from tools import images, tiny

import keras_gan_zoo as kgz

pytest.importorskip("matplotlib", reason="matplotlib, the extra `plots`, is not installed")

nan = np.nan
FRECHET, KERNEL = "Fréchet distance (grey28)", "Kernel distance (grey28)"
HISTORY = {
    "d_loss": [1.2, 1.1, 1.3, 1.0],
    "g_loss": [0.8, nan, 0.7, 0.9],
    "val_d_loss": [1.3, 1.2, 1.4, 1.1],
    "real_score": [0.6, 0.6, 0.7, 0.6],
    "fake_score": [0.4, 0.3, 0.4, 0.4],
    "learning_rate_g_opt": [4e-4, 4e-4, 2e-4, 2e-4],
    "val_frechet_grey28": [9.0, 5.0, 3.0, 4.0],
    "val_kernel_grey28": [nan, 0.4, nan, 0.5],
    "val_kernel_grey28_error": [nan, 0.1, nan, 0.2],
    "val_precision": [0.1, 0.5, 0.4, 0.3],
    "val_recall": [0.2, 0.3, 0.4, 0.5],
}


def panels(figure):
    return {axes.get_title("left"): axes for axes in figure.axes}


def line(axes, label):
    (found,) = (line for line in axes.lines if line.get_label() == label)
    return found


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_a_panel_for_each_family():
    found = panels(kgz.plots.history(HISTORY))
    assert list(found) == ["Losses", "Scores", FRECHET, KERNEL, "PRDC", "Learning rate"]
    assert legend(found["Losses"]) == ["d_loss", "g_loss", "d_loss, validation"]
    assert legend(found["Scores"]) == ["real", "fake"]
    assert legend(found["PRDC"]) == ["precision", "recall"]
    assert legend(found["Learning rate"]) == ["g_opt"]
    assert {axes.get_xlabel() for axes in found.values()} == {"epoch"}
    assert len({axes.get_xlim() for axes in found.values()}) == 1


def test_the_lines_are_the_values():
    found = panels(kgz.plots.history(HISTORY))
    drawn = line(found["Losses"], "g_loss")
    np.testing.assert_array_equal(drawn.get_xdata(), [1, 2, 3, 4])
    np.testing.assert_array_equal(drawn.get_ydata(), HISTORY["g_loss"])  # the gap stays
    validated = line(found["Losses"], "d_loss, validation")
    assert validated.get_linestyle() == "--"
    assert validated.get_color() == line(found["Losses"], "d_loss").get_color()
    measured = found[KERNEL].lines[0]  # where there is no measurement, the line goes on
    assert measured.get_xdata().tolist() == [2, 4] and measured.get_ydata().tolist() == [0.4, 0.5]
    (band,) = found[KERNEL].collections
    corners = {(x, round(y, 6)) for x, y in band.get_paths()[0].vertices}
    assert corners == {(2, 0.3), (2, 0.5), (4, 0.3), (4, 0.7)}


def test_best_epochs_and_floors():
    found = panels(
        kgz.plots.history(
            HISTORY, floors={"frechet_grey28": 1.25, "recall": 0.9, "kernel_grey28": None}
        )
    )
    assert legend(found[FRECHET]) == ["best: 3 in epoch 3", "real images: 1.25"]
    floor = line(found[FRECHET], "real images: 1.25")
    assert floor.get_linestyle() == ":" and list(floor.get_ydata()) == [1.25, 1.25]
    assert legend(found[KERNEL]) == ["best: 0.4 in epoch 2"]
    dots = [dot.get_xydata()[0].tolist() for dot in found["PRDC"].lines if dot.get_marker() == "o"]
    assert dots == [[2, 0.5], [4, 0.5]]
    dotted = [axis for axis in found["PRDC"].lines if axis.get_linestyle() == ":"]
    assert [axis.get_ydata()[0] for axis in dotted] == [0.9]


def test_a_steep_fall_is_drawn_on_a_logarithmic_axis():
    steep, flat = {"val_frechet_grey28": [300.0, 30.0, 9.0]}, {"val_frechet_grey28": [30.0, 20.0, 9.0]}
    assert kgz.plots.history(steep).axes[0].get_yscale() == "log"
    assert kgz.plots.history(flat).axes[0].get_yscale() == "linear"
    assert kgz.plots.history({"val_kernel_grey28": [3.0, 0.1, -0.1]}).axes[0].get_yscale() == "linear"


def test_history_its_dict_and_its_log_give_the_same_lines(tmp_path):
    model = tiny("GAN")
    model.compile()
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    history = model.fit(images(), batch_size=8, epochs=2, verbose=0, callbacks=[logger])
    figures = [
        panels(kgz.plots.history(source))
        for source in (history, history.history, tmp_path / "log.csv", str(tmp_path / "log.csv"))
    ]
    for found in figures:
        assert list(found) == ["Losses", "Scores"]
        for label in ("d_loss", "g_loss"):
            drawn = line(found["Losses"], label)
            assert drawn.get_xdata().tolist() == [1, 2]
            np.testing.assert_allclose(drawn.get_ydata(), history.history[label])


def test_a_run_that_went_on_keeps_its_epochs():
    history = keras.callbacks.History()
    history.history, history.epoch = {"d_loss": [1.0, 2.0]}, [7, 8]
    assert kgz.plots.history(history).axes[0].lines[0].get_xdata().tolist() == [8, 9]


def test_a_log_with_gaps_and_half_a_line(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,d_loss,val_frechet_grey28\n0,1.5,NA\n1,1.25,7.5\n2,nan,NA\n3,1.")
    found = panels(kgz.plots.history(path))
    np.testing.assert_array_equal(found["Losses"].lines[0].get_ydata(), [1.5, 1.25, nan])
    assert found[FRECHET].lines[0].get_xdata().tolist() == [2]


def test_a_list_for_every_other_epoch():
    figure = kgz.plots.history({"d_loss": [1.0] * 6, "val_frechet_grey28": [3.0, 2.0, 1.0]})
    assert panels(figure)[FRECHET].lines[0].get_xdata().tolist() == [2, 4, 6]


def test_other_metrics_get_a_panel_without_a_best():
    found = panels(kgz.plots.history({"d_loss": [1.0], "val_sharpness": [0.5], "d_skipped": [0.0]}))
    assert list(found) == ["Losses", "sharpness", "d_skipped"]
    assert len(found["sharpness"].lines) == 1 and found["sharpness"].get_legend() is None


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_files(suffix, tmp_path):
    path = tmp_path / "new" / f"history{suffix}"
    figure = kgz.plots.history(HISTORY, path, {"frechet_grey28": 1.2})
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    if suffix == ".png":
        with Image.open(path) as picture:
            assert picture.size == tuple((figure.get_size_inches() * figure.dpi).round())
    else:
        assert path.read_bytes()[:5] in (b"<?xml", b"%PDF-")


def test_pyplot_is_not_touched():
    kgz.plots.history(HISTORY)
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("history", "message"),
    [
        ("nowhere.csv", "path of a log that exists. Received: 'nowhere.csv'"),
        (3, "Received: int"),
        ({}, "at least one epoch with a finite value"),
        ({"d_loss": [nan, nan]}, "at least one epoch with a finite value"),
        (
            {"d_loss": [1.0] * 5, "val_frechet_grey28": [1.0, 2.0]},
            "2 of 'val_frechet_grey28' in 5 epochs",
        ),
    ],
)
def test_what_is_no_history(history, message):
    with pytest.raises(ValueError, match=f"Argument `history` .*{message}"):
        kgz.plots.history(history)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "epoch,d_loss\n0,1\n1,2,3\n"])
def test_what_is_no_log(text, tmp_path):
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(ValueError, match="must be a log with a column 'epoch'"):
        kgz.plots.history(tmp_path / "log.csv")


def test_a_path_of_another_kind():
    with pytest.raises(ValueError, match=r"`path` must end in \.png, \.svg, \.pdf. Received.*a\.gif"):
        kgz.plots.history(HISTORY, "a.gif")


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    for plot in (lambda: kgz.plots.history(HISTORY), lambda: kgz.plots.nearest(images(), images())):
        with pytest.raises(ImportError, match=r'pip install "keras-gan-zoo\[plots\]"'):
            plot()
    assert kgz.plots.grid(images(4)).size == (38, 38)
