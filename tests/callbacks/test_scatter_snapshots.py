import sys

import numpy as np
import pytest
from PIL import Image
from tools import BACKEND, fit

from keras_gan_zoo.callbacks import ScatterSnapshots
from keras_gan_zoo.data import gaussian_ring
from keras_gan_zoo.models.noise_to_image.point_gan import PointGAN

REAL = gaussian_ring(300)[0]


@pytest.fixture(autouse=True)
def plots(request):
    if "without" not in request.node.name:
        pytest.importorskip("matplotlib", reason='needs pip install "keras-gan-zoo[plots]"')


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class Still:
    """A model that always makes the same points."""

    def __init__(self, points):
        self.points = points

    def generate(self, n, seed):
        return np.resize(self.points, (n, self.points.shape[1]))


def picture(folder, points, name="epoch_00001.png", **arguments):
    snapshots = ScatterSnapshots(folder, REAL, **arguments)
    snapshots.set_model(Still(np.array(points)))
    snapshots.snapshot(name)
    with Image.open(folder / name) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def coloured(pixels, channel):
    """Where a colour clearly wins: 0 is the orange of the real points, 2 the generated ones' blue."""
    inside = pixels[40:-60, 60:-10]  # neither title, legend nor ticks
    return inside[..., channel] - inside[..., 2 - channel] > 40


def test_training_gives_pictures_and_an_animation(tmp_path):
    model = PointGAN(seed=0)
    model.compile()
    snapshots = ScatterSnapshots(tmp_path / "runs" / "a", REAL, samples=20)
    fit(model, REAL[:24], epochs=2, callbacks=[snapshots])
    folder = tmp_path / "runs" / "a"
    assert names(folder) == ["epoch_00001.png", "epoch_00002.png", "training.gif"]
    with Image.open(folder / "training.gif") as animation:
        assert animation.n_frames == 2 and animation.size == (480, 480)


@pytest.mark.parametrize("several", [1] if BACKEND == "torch" else [1, 2])
def test_every_steps(tmp_path, several):
    model = PointGAN(seed=0)
    model.compile(steps_per_execution=several)
    snapshots = ScatterSnapshots(tmp_path, REAL, every_steps=2, samples=5, frame_ms=None)
    fit(model, REAL[:32], callbacks=[snapshots])
    assert names(tmp_path) == ["step_0000002.png", "step_0000004.png"]


def test_points_are_where_they_should_be(tmp_path):
    pixels = picture(tmp_path, [(0.0, 0.0)])
    blue, orange = coloured(pixels, 2), coloured(pixels, 0)
    rows, columns = np.nonzero(blue)
    assert 0 < len(rows) < 200 and np.ptp(rows) < 12 and np.ptp(columns) < 12  # all on one spot ...
    middle = np.array([values.min() + values.max() for values in np.nonzero(orange)]) / 2
    np.testing.assert_allclose([rows.mean(), columns.mean()], middle, atol=3)  # ... inside the ring


def test_generated_points_outside_do_not_move_the_axes(tmp_path):
    near = picture(tmp_path / "a", [(0.0, 0.0), (0.5, 0.5)])
    far = picture(tmp_path / "b", [(0.0, 0.0), (500.0, 0.5)])
    np.testing.assert_array_equal(coloured(near, 0), coloured(far, 0))
    assert coloured(near, 2).sum() > coloured(far, 2).sum() > 0
    assert (near[:40] != far[:40]).any()  # the title counts them


def test_the_same_points_give_the_same_picture(tmp_path):
    one, two = (picture(tmp_path / folder, [(0.3, 0.1)]) for folder in "ab")
    np.testing.assert_array_equal(one, two)
    other = picture(tmp_path / "c", [(0.3, 0.1)], name="epoch_00002.png")
    assert (one[:40] != other[:40]).any() and (one[40:] == other[40:]).all()  # but for the title


def test_of_many_real_points_an_even_choice_is_drawn(tmp_path):
    snapshots = ScatterSnapshots(tmp_path, np.arange(200.0).reshape(100, 2), samples=4)
    assert snapshots.real[:, 0].tolist() == [0, 50, 100, 150]


def test_a_single_real_point_has_axes_too(tmp_path):
    ScatterSnapshots(tmp_path, [(1.0, 2.0)]).scatter(np.zeros((2, 2)), "none")


def test_pyplot_stays_unused(tmp_path):
    loaded = "matplotlib.pyplot" in sys.modules
    picture(tmp_path, [(0.0, 0.0)])
    assert ("matplotlib.pyplot" in sys.modules) == loaded


def test_a_write_that_fails_leaves_the_last_picture(tmp_path, monkeypatch):
    picture(tmp_path, [(0.0, 0.0)], name="one.png")
    before = (tmp_path / "one.png").read_bytes()

    def half(self, target, **kwargs):
        with open(target, "wb") as file:
            file.write(before[:10])
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(OSError, match="disk full"):
        picture(tmp_path, [(0.5, 0.0)], name="one.png")
    assert names(tmp_path) == ["one.png"] and (tmp_path / "one.png").read_bytes() == before


def test_without_matplotlib_the_way_out_is_named_at_once(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'Install it with `pip install "keras-gan-zoo\[plots\]"`'):
        ScatterSnapshots(tmp_path / "folder", REAL)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("real", "received"),
    [
        (np.zeros((5, 3)), r"shape \(5, 3\)\. Pass"),
        (np.zeros(4), r"shape \(4,\)"),
        (np.zeros((0, 2)), r"shape \(0, 2\)"),
        ([(0.0, np.nan)], r"shape \(1, 2\), not all finite"),
    ],
)
def test_real_points_of_another_kind(tmp_path, real, received):
    message = r"Argument `real` must be finite points of shape \(n, 2\)\. Received: "
    with pytest.raises(ValueError, match=message + received):
        ScatterSnapshots(tmp_path, real)


@pytest.mark.parametrize("arguments", [{"every": 0}, {"every_steps": 0}, {"samples": 1.5}])
def test_numbers_that_are_not_positive(tmp_path, arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=f"Argument `{name}` must be a positive integer"):
        ScatterSnapshots(tmp_path, REAL, **arguments)


def test_a_model_of_something_else(tmp_path):
    with pytest.raises(ValueError, match=r"of shape \(4, 2\)\. Received: \(4, 3\)\. `ImageSnapshots`"):
        picture(tmp_path, [(0.0, 0.0, 0.0)], samples=4)
