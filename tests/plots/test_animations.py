import importlib.util
import sys

import numpy as np
import pytest
from PIL import Image

from keras_gan_zoo.plots import animations


def pictures(n=5, mode="L", size=(7, 5)):
    return [Image.new(mode, size, 40 * i if mode == "L" else (40 * i, 0, 255)) for i in range(n)]


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png", ".PNG"])
def test_frames_colours_and_pace(suffix, mode, tmp_path):
    path = tmp_path / f"walk{suffix}"
    animations.save(pictures(mode=mode), path, fps=20)
    with Image.open(path) as animation:
        assert (animation.n_frames, animation.size, animation.info["loop"]) == (5, (7, 5), 0)
        for frame in range(5):
            animation.seek(frame)
            colour = np.asarray(animation.convert("RGB"), "int32")[2, 3]
            expected = [40 * frame] * 3 if mode == "L" else [40 * frame, 0, 255]
            np.testing.assert_allclose(colour, expected, atol=6)
            assert animation.info["duration"] == 50
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_wrong_paths(tmp_path):
    with pytest.raises(
        ValueError, match=r"`--out` must end in .gif, .webp, .png, .mp4. Received: 'w.jpg'"
    ):
        animations.check_path("w.jpg", "--out")
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="`path` must be a folder that can be written to"):
        animations.save(pictures(), tmp_path / "file" / "walk.gif")


def test_mp4_without_a_library(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install \"keras-gan-zoo\[video\]\"`, or use .gif"):
        animations.save(pictures(), tmp_path / "walk.mp4")
    assert not list(tmp_path.iterdir())


def test_mp4(tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    animations.save(pictures(20, "RGB", (37, 25)), tmp_path / "walk.mp4", fps=10)
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "walk.mp4"))
    assert frames == 20 and seconds == pytest.approx(2.0, abs=0.2)


def frames(folder, count):
    paths = [folder / f"{index:03d}.png" for index in range(count)]
    for index, path in enumerate(paths):
        Image.new("L", (4, 4), index).save(path)
    return paths


def test_files_and_a_longer_last_frame(tmp_path):
    animations.save(frames(tmp_path, 3), tmp_path / "a.gif", fps=1000 / 150, last_frame_ms=2000)
    with Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 3
        durations, shades = [], []
        for index in range(3):
            animation.seek(index)
            durations.append(animation.info["duration"])
            shades.append(animation.convert("L").getpixel((0, 0)))
    assert durations == [150, 150, 2000]
    assert shades == [0, 1, 2]


def test_a_long_animation_is_thinned(tmp_path):
    animations.save(frames(tmp_path, 9), tmp_path / "a.gif", fps=10, max_frames=3)
    with Image.open(tmp_path / "a.gif") as animation:
        assert animation.n_frames == 3
        shades = []
        for index in range(3):
            animation.seek(index)
            shades.append(animation.convert("L").getpixel((0, 0)))
    assert shades == [0, 4, 8]


def test_a_longer_last_frame_of_mp4(tmp_path):
    imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg")
    animations.save(pictures(5, "RGB", (37, 25)), tmp_path / "a.mp4", fps=10, last_frame_ms=2000)
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(tmp_path / "a.mp4"))
    assert frames == 4 + 20 and seconds == pytest.approx(2.4, abs=0.2)
