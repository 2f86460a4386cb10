import sys

import keras
import numpy as np
import pytest
from PIL import Image
from tools import SHAPE, dataset, images, tiny

import keras_gan_zoo as kgz
from keras_gan_zoo.plots import grids

pytest.importorskip("matplotlib", reason="matplotlib, the extra `plots`, is not installed")

nan = np.nan
HISTORY = {
    "d_loss": [1.2, 1.1, 1.3, 1.0],
    "g_loss": [0.8, nan, 0.7, 0.9],
    "val_d_loss": [1.3, 1.2, 1.4, 1.1],
    "real_score": [0.6, 0.6, 0.7, 0.6],
    "fake_score": [0.4, 0.3, 0.4, 0.4],
    "learning_rate_g_opt": [4e-4, 4e-4, 2e-4, 2e-4],
    "val_fid": [9.0, 5.0, 3.0, 4.0],
    "val_kid": [nan, 0.4, nan, 0.5],
    "val_kid_error": [nan, 0.1, nan, 0.2],
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
    assert list(found) == ["Losses", "Scores", "FID", "KID", "PRDC", "Learning rate"]
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
    measured = found["KID"].lines[0]  # where there is no measurement, the line goes on
    assert measured.get_xdata().tolist() == [2, 4] and measured.get_ydata().tolist() == [0.4, 0.5]
    (band,) = found["KID"].collections
    corners = {(x, round(y, 6)) for x, y in band.get_paths()[0].vertices}
    assert corners == {(2, 0.3), (2, 0.5), (4, 0.3), (4, 0.7)}


def test_best_epochs_and_floors():
    found = panels(kgz.plots.history(HISTORY, floors={"fid": 1.25, "recall": 0.9, "kid": None}))
    assert legend(found["FID"]) == ["best: 3 in epoch 3", "real images: 1.25"]
    floor = line(found["FID"], "real images: 1.25")
    assert floor.get_linestyle() == ":" and list(floor.get_ydata()) == [1.25, 1.25]
    assert legend(found["KID"]) == ["best: 0.4 in epoch 2"]
    dots = [dot.get_xydata()[0].tolist() for dot in found["PRDC"].lines if dot.get_marker() == "o"]
    assert dots == [[2, 0.5], [4, 0.5]]
    dotted = [axis for axis in found["PRDC"].lines if axis.get_linestyle() == ":"]
    assert [axis.get_ydata()[0] for axis in dotted] == [0.9]


def test_a_steep_fall_is_drawn_on_a_logarithmic_axis():
    steep, flat = {"val_fid": [300.0, 30.0, 9.0]}, {"val_fid": [30.0, 20.0, 9.0]}
    assert kgz.plots.history(steep).axes[0].get_yscale() == "log"
    assert kgz.plots.history(flat).axes[0].get_yscale() == "linear"
    assert kgz.plots.history({"val_kid": [3.0, 0.1, -0.1]}).axes[0].get_yscale() == "linear"


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
    path.write_text("epoch,d_loss,val_fid\n0,1.5,NA\n1,1.25,7.5\n2,nan,NA\n3,1.")
    found = panels(kgz.plots.history(path))
    np.testing.assert_array_equal(found["Losses"].lines[0].get_ydata(), [1.5, 1.25, nan])
    assert found["FID"].lines[0].get_xdata().tolist() == [2]


def test_a_list_for_every_other_epoch():
    figure = kgz.plots.history({"d_loss": [1.0] * 6, "val_fid": [3.0, 2.0, 1.0]})
    assert panels(figure)["FID"].lines[0].get_xdata().tolist() == [2, 4, 6]


def test_other_metrics_get_a_panel_without_a_best():
    found = panels(kgz.plots.history({"d_loss": [1.0], "val_sharpness": [0.5], "d_skipped": [0.0]}))
    assert list(found) == ["Losses", "sharpness", "d_skipped"]
    assert len(found["sharpness"].lines) == 1 and found["sharpness"].get_legend() is None


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_files(suffix, tmp_path):
    path = tmp_path / "new" / f"history{suffix}"
    figure = kgz.plots.history(HISTORY, path, {"fid": 1.2})
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
        ({"d_loss": [1.0] * 5, "val_fid": [1.0, 2.0]}, "2 of 'val_fid' in 5 epochs"),
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


# Images -------------------------------------------------------------------------------------------


def test_grid(tmp_path):
    floats = images(6)
    bytes_ = np.rint((floats + 1) * 127.5).astype("uint8")
    expected = np.asarray(grids.grid(floats, 3))
    for given in (floats, bytes_):
        picture = kgz.plots.grid(given, tmp_path / "new" / "grid.png", columns=3)
        np.testing.assert_array_equal(np.asarray(picture), expected)
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "new" / "grid.png")), expected)
    with pytest.raises(ValueError, match=r"`images` must be one or more images.*shape \(8, 8, 1\)"):
        kgz.plots.grid(floats[0])
    with pytest.raises(ValueError, match="`columns` must be a positive integer"):
        kgz.plots.grid(floats, columns=0)


def pixels(shape=SHAPE):
    """An extractor whose distances are those of the pixels."""
    return keras.Sequential([keras.Input(shape), keras.layers.Flatten()])


def shown(axes):
    return np.asarray(axes.images[0].get_array())


def test_nearest_finds_planted_copies(tmp_path):
    real, generated = images(40), images(12, seed=1)
    generated[7] = real[31]
    generated[2] = real[5] + 0.01
    found = kgz.plots.nearest(generated, real, tmp_path / "n.png", pixels(), k=2, columns=3)
    assert found.indices.shape == found.distances.shape == (12, 2)
    assert (found.indices[7, 0], found.indices[2, 0]) == (31, 5)
    np.testing.assert_allclose(found.distances[[7, 2], 0], [0.0, 0.08], atol=1e-4)
    # The nearest pairs come first: the copy, then the copy with noise.
    cells = np.reshape(found.figure.axes, (3, 3))
    for column, (index, original) in enumerate([(7, 31), (2, 5)]):
        for row, image in enumerate([generated[index], real[original]]):
            expected = np.clip(np.rint((image[..., 0] + 1) * 127.5), 0, 255)
            np.testing.assert_array_equal(shown(cells[row, column]), expected)
    assert [axes.get_ylabel() for axes in cells[:, 0]] == ["generated", "nearest", "2nd"]
    assert cells[1, 1].get_xlabel() == f"{found.distances[2, 0]:.3g}"
    with Image.open(tmp_path / "n.png") as picture:
        assert min(picture.size) > 200


def test_nearest_compares_medians():
    # On a line, 1 apart; the last is far away. Generated images lie 0.25 beside the first two.
    places = np.array([0.0, 1.0, 2.0, 3.0, 10.0])
    real = np.zeros((5, *SHAPE), "float32")
    real[:, 0, 0, 0] = places / 10
    found = kgz.plots.nearest(real[:2] + 0.025 / 8, real, extractor=pixels())
    assert found.generated_to_real == pytest.approx(0.025, rel=1e-3)
    assert found.real_to_real == pytest.approx(0.1, rel=1e-3)  # of 1, 1, 1, 1, 7
    assert "generated: 0.025     real, to another: 0.1" in found.figure.get_suptitle()
    doubled = kgz.plots.nearest(real, np.concatenate([real, real]), extractor=pixels())
    assert doubled.real_to_real == pytest.approx(0.0, abs=1e-3)


def test_nearest_takes_datasets_bytes_and_colours():
    data = dataset()
    found = kgz.plots.nearest(data.images[3:5], data, extractor=pixels(), samples=4)
    assert found.indices[:, 0].tolist() == [3, 4] and found.real_to_real > 0
    colours = images(6, (8, 8, 3))
    found = kgz.plots.nearest(colours[:1], colours, extractor=pixels((8, 8, 3)), k=5)
    assert shown(found.figure.axes[0]).shape == (8, 8, 3) and len(found.figure.axes) == 6


@pytest.mark.parametrize(
    ("generated", "real", "k", "message"),
    [
        (images(2)[0], images(), 3, "`generated` must be one or more images"),
        (images(2), np.zeros((4, 8, 8, 1), "int64"), 3, "`real` must be one or more images.*int64"),
        (images(2) * nan, images(), 3, "`generated` must be finite"),
        (images(2), images(4, (8, 8, 3)), 3, "images of one shape. Received.*1.* and .*3"),
        (images(2), images(2), 3, "`real` must hold at least 3 images with k=3. Received: 2"),
        (images(2), images(1), 1, "`real` must hold at least 2 images"),
        (images(2), images(), 0, "`k` must be a positive integer"),
        (images(2), images(), 1, "must fit the extractor"),
    ],
)
def test_nearest_refuses(generated, real, k, message):
    extractor = pixels((9, 9, 1)) if "extractor" in message else pixels()
    with pytest.raises(ValueError, match=message):
        kgz.plots.nearest(generated, real, extractor=extractor, k=k)
