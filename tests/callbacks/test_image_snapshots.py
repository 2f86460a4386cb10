import keras
import pytest
from PIL import Image
from tools import BACKEND, Linear, fit, frozen, stripes, tiny

from keras_gan_zoo.callbacks import ImageSnapshots
from keras_gan_zoo.plots import grids


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def frames(path):
    with Image.open(path) as animation:
        return animation.n_frames


def test_a_grid_for_each_epoch_and_an_animation(tmp_path):
    snapshots = ImageSnapshots(tmp_path / "runs" / "a", samples=4)
    model = tiny("DCGAN")
    model.compile(g_opt=keras.optimizers.SGD(10.0))  # so that pictures differ: Pillow drops equal ones
    fit(model, epochs=2, callbacks=[snapshots])
    folder = tmp_path / "runs" / "a"
    assert names(folder) == ["epoch_00001.png", "epoch_00002.png", "training.gif"]
    with Image.open(folder / "epoch_00001.png") as picture:
        assert picture.size == (2 * (16 + 2) + 2,) * 2  # 2 x 2 images of 8 pixels, doubled
    assert (folder / "epoch_00001.png").read_bytes() != (folder / "epoch_00002.png").read_bytes()
    assert frames(folder / "training.gif") == 2


def test_the_latents_are_fixed(tmp_path):
    model = frozen(tiny("DCGAN"), ema=0.5)
    model.ema_generator.layers[0].set_weights(model.generator.layers[0].get_weights())
    for folder in ("a", "b"):
        snapshots = ImageSnapshots(tmp_path / folder, samples=2, seed=3)
        snapshots.set_model(model)
        snapshots.snapshot("one.png")
        snapshots.snapshot("two.png")
    pictures = {path.read_bytes() for path in tmp_path.glob("*/*.png")}
    assert len(list(tmp_path.glob("*/*.png"))) == 4 and len(pictures) == 1
    other = ImageSnapshots(tmp_path / "c", samples=2, seed=4)
    other.set_model(model)
    other.snapshot("one.png")
    assert (tmp_path / "c" / "one.png").read_bytes() not in pictures


def test_an_untrained_generator_gives_the_same_picture_each_epoch(tmp_path):
    fit(frozen(Linear()), stripes(), epochs=2, callbacks=[ImageSnapshots(tmp_path, samples=2)])
    assert (tmp_path / "epoch_00001.png").read_bytes() == (tmp_path / "epoch_00002.png").read_bytes()


def test_every(tmp_path):
    model = frozen(Linear())
    fit(model, stripes(), epochs=5, callbacks=[ImageSnapshots(tmp_path, every=2, samples=1)])
    assert names(tmp_path) == ["epoch_00002.png", "epoch_00004.png", "training.gif"]


@pytest.mark.parametrize("several", [1] if BACKEND == "torch" else [1, 2])
def test_every_steps_counts_over_epochs_and_fits(tmp_path, several):
    model = frozen(Linear(), steps_per_execution=several)
    for _ in range(2):
        snapshots = ImageSnapshots(tmp_path, every_steps=4, samples=1, frame_ms=50)
        fit(model, stripes(48), callbacks=[snapshots])
    expected = ["step_0000004.png", "step_0000008.png", "step_0000012.png", "training.gif"]
    assert names(tmp_path) == expected


def test_the_animation_goes_on_after_an_interruption(tmp_path):
    model = tiny("DCGAN")
    model.compile(g_opt=keras.optimizers.SGD(10.0))  # so that pictures differ: Pillow drops equal ones
    fit(model, epochs=2, callbacks=[ImageSnapshots(tmp_path, samples=1)])
    fit(model, epochs=3, initial_epoch=2, callbacks=[ImageSnapshots(tmp_path, samples=1)])
    assert len(names(tmp_path)) == 3 + 1
    assert frames(tmp_path / "training.gif") == 3


def test_without_animation(tmp_path):
    fit(frozen(Linear()), stripes(), callbacks=[ImageSnapshots(tmp_path, samples=1, frame_ms=None)])
    assert names(tmp_path) == ["epoch_00001.png"]


def test_a_folder_that_cannot_be_written_is_found_at_once(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match=r"Argument `folder` must be a folder that can be written to"):
        ImageSnapshots(tmp_path / "file" / "below")


@pytest.mark.parametrize("arguments", [{"every": 0}, {"every_steps": 0}, {"samples": 1.5}])
def test_numbers_that_are_not_positive(tmp_path, arguments):
    (name,) = arguments
    with pytest.raises(ValueError, match=f"Argument `{name}` must be a positive integer"):
        ImageSnapshots(tmp_path, **arguments)


def test_a_write_that_fails_leaves_the_last_picture(tmp_path, monkeypatch):
    snapshots = ImageSnapshots(tmp_path, samples=1)
    snapshots.set_model(tiny("DCGAN"))
    snapshots.snapshot("one.png")
    before = (tmp_path / "one.png").read_bytes()

    def half(self, target, **kwargs):
        with open(target, "wb") as file:
            file.write(before[:10])
        raise OSError("disk full")

    monkeypatch.setattr(Image.Image, "save", half)
    with pytest.raises(OSError, match="disk full"):
        snapshots.snapshot("one.png")
    assert names(tmp_path) == ["one.png"]
    assert (tmp_path / "one.png").read_bytes() == before


def test_a_row_for_each_class(tmp_path):
    model = frozen(tiny("ConditionalGAN"))
    fit(model, callbacks=[ImageSnapshots(tmp_path, samples=14)])
    with Image.open(tmp_path / "epoch_00001.png") as picture:
        assert picture.size == (4 * 18 + 2, 3 * 18 + 2)
        expected = grids.grid(model.generate_grid(12, seed=0)[0], columns=4)
        assert picture.tobytes() == expected.tobytes()


def test_rows_of_chosen_labels(tmp_path):
    model = frozen(tiny("ConditionalGAN"))
    fit(model, callbacks=[ImageSnapshots(tmp_path, samples=4, labels=[2, 0])])
    with Image.open(tmp_path / "epoch_00001.png") as picture:
        assert picture.size == (2 * 18 + 2, 2 * 18 + 2)
    with pytest.raises(ValueError, match=r"Labels must be integers in 0\.\.2"):
        fit(model, callbacks=[ImageSnapshots(tmp_path, labels=[3])])
    with pytest.raises(ValueError, match="`labels` must be None: DCGAN is not conditional"):
        fit(frozen(tiny("DCGAN")), callbacks=[ImageSnapshots(tmp_path, labels=[0])])
