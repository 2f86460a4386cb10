import json
import resource
import shutil

import numpy as np
import pytest
from damage_tools import flips
from PIL import Image

import keras_gan_zoo as kgz
from keras_gan_zoo.data import folder as folders
from keras_gan_zoo.data import shards
from keras_gan_zoo.utils import machine


@pytest.fixture
def pictures(tmp_path):
    """Eleven pictures of two sizes, in two classes; picture i is of the value i."""
    for i in range(11):
        path = tmp_path / "pictures" / ("a" if i < 6 else "b") / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8 + i % 2), (i,) * 3).save(path)
    return tmp_path / "pictures"


@pytest.fixture
def small_shards(monkeypatch):
    """Four images of 8x8x3 in a shard."""
    monkeypatch.setattr(shards, "_SHARD_BYTES", 4 * 8 * 8 * 3)


def load(source, cache, **kwargs):
    return kgz.data.load(source, **{"image_size": 8, "batch_size": 3, "cache": cache, **kwargs})


def count_reads(monkeypatch):
    """The paths that are decoded from now on."""
    read, seen = folders.read_picture, []

    def watched(path, *more):
        seen.append(path.name)
        return read(path, *more)

    monkeypatch.setattr(folders, "read_picture", watched)
    return seen


def test_serves_what_memory_would_serve(pictures, tmp_path, small_shards):
    kept = load(pictures, tmp_path / "cache", labels=True, flip=True, seed=3)
    held = kgz.data.load(pictures, image_size=8, batch_size=3, labels=True, flip=True, seed=3)
    assert isinstance(kept.images, shards.Shards)
    assert (len(kept), kept.image_shape, kept.class_names) == (3, (8, 8, 3), ("a", "b"))
    for _ in range(2):
        for one, other in zip(kept, held, strict=True):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])
        kept.on_epoch_end()
        held.on_epoch_end()


def test_is_indexed_as_an_array(pictures, tmp_path, small_shards):
    images = load(pictures, tmp_path / "cache").images
    whole = np.asarray(images)
    assert (images.shape, images.ndim, len(images), images.dtype) == ((11, 8, 8, 3), 4, 11, "uint8")
    assert whole[:, 0, 0, 0].tolist() == list(range(11))
    for index in (slice(2, 9, 3), [5, 0, 10, 5], -1, np.arange(11) > 8, np.array([[1, 9], [4, 2]])):
        np.testing.assert_array_equal(images[index], whole[index])
    with pytest.raises(IndexError):
        images[11]
    np.testing.assert_array_equal(images.take([7, 3])[:], whole[[7, 3]])


def test_decodes_once(pictures, tmp_path, monkeypatch, small_shards):
    seen = count_reads(monkeypatch)
    first = load(pictures, tmp_path / "cache").images[:]
    assert len(seen) == 12  # the first one is asked for its shape
    del seen[:]
    np.testing.assert_array_equal(load(pictures, tmp_path / "cache").images[:], first)
    assert seen == ["00.png"]


@pytest.mark.parametrize(
    "change", [{"image_size": 4}, {"channels": 1}, {"samples": 10}, {"aspect": "crop"}]
)
def test_other_settings_have_a_folder_of_their_own(pictures, tmp_path, change):
    before = load(pictures, tmp_path / "cache").images[:]
    other = load(pictures, tmp_path / "cache", **change).images[:]
    assert len(list((tmp_path / "cache").iterdir())) == 2
    memory = load(pictures, None, **change).images
    np.testing.assert_array_equal(other, memory)
    np.testing.assert_array_equal(load(pictures, tmp_path / "cache").images[:], before)


def test_a_changed_picture_is_read_again(pictures, tmp_path):
    load(pictures, tmp_path / "cache")
    Image.new("RGB", (9, 9), (200,) * 3).save(pictures / "a" / "03.png")
    assert load(pictures, tmp_path / "cache").images[3].max() == 200


def test_goes_on_after_an_interruption(pictures, tmp_path, monkeypatch, small_shards):
    read = folders.read_picture

    def interrupted(path, *more):
        if path.name == "09.png":
            raise KeyboardInterrupt
        return read(path, *more)

    monkeypatch.setattr(folders, "read_picture", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(pictures, tmp_path / "cache")
    monkeypatch.setattr(folders, "read_picture", read)
    (prepared,) = (tmp_path / "cache").iterdir()
    assert sorted(path.name for path in prepared.iterdir()) == [
        "00000.json",
        "00000.npy",
        "00001.json",
        "00001.npy",
    ]
    seen = count_reads(monkeypatch)
    assert load(pictures, tmp_path / "cache").images[:][:, 0, 0, 0].tolist() == list(range(11))
    assert sorted(seen) == ["00.png", "08.png", "09.png", "10.png"]


def test_corrupt_pictures_are_named_each_time(pictures, tmp_path, small_shards):
    (pictures / "b" / "07.png").write_bytes(b"no image")
    for _ in range(2):
        with pytest.warns(UserWarning, match=r"Skipped 1 of 11 .*07\.png"):
            dataset = load(pictures, tmp_path / "cache", labels=True, shuffle=False)
        assert dataset.images[:][:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]
        assert dataset.labels.tolist() == [0] * 6 + [1] * 4
    notes = [json.loads(path.read_text()) for path in sorted((tmp_path / "cache").glob("*/*.json"))]
    assert [list(note["skipped"]) for note in notes] == [[], ["7"], []]


def test_transparent_pictures_are_counted_while_they_are_prepared(pictures, tmp_path, small_shards):
    for name in ("00.png", "03.png"):
        Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(pictures / "a" / name)
    with pytest.warns(UserWarning, match="^2 of 11 pictures have transparent") as caught:
        load(pictures, tmp_path / "cache")
    assert len(caught) == 1
    load(pictures, tmp_path / "cache")


def test_pictures_of_several_sizes_need_a_size(pictures, tmp_path):
    with pytest.raises(ValueError, match=r"`image_size` must be given .*\(8, 8\).*\(9, 8\)"):
        load(pictures, tmp_path / "cache", image_size=None)


def test_is_for_folders(tmp_path):
    with pytest.raises(ValueError, match=r"`cache` must be None for all but folders.*'digits'"):
        load("digits", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_file_in_the_way(pictures, tmp_path):
    (tmp_path / "cache").write_text("mine")
    with pytest.raises(ValueError, match="`cache` must be a folder that can be written to"):
        load(pictures, tmp_path / "cache")
    assert (tmp_path / "cache").read_text() == "mine"


def test_a_full_disk_is_seen_before(pictures, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shards.shutil, "disk_usage", lambda path: usage._replace(free=2000))
    with pytest.raises(ValueError, match="`cache` must be a folder on a disk with room"):
        load(pictures, tmp_path / "cache")
    monkeypatch.setattr(shards.shutil, "disk_usage", lambda path: usage._replace(free=2112))
    assert len(load(pictures, tmp_path / "cache")) == 3


@pytest.mark.parametrize("what", ["*.npy", "*.json"])
@pytest.mark.filterwarnings("ignore:The file of prepared images")
@pytest.mark.filterwarnings("ignore:Skipped 1 of 11")
def test_every_flipped_bit_is_noticed_or_harmless(pictures, tmp_path, what):
    (pictures / "a" / "02.png").write_bytes(b"no picture")
    expected = load(pictures, tmp_path / "cache").images[:]
    (path,) = (tmp_path / "cache").glob(f"*/{what}")
    noticed = 0
    for position in flips(path):
        damaged = path.read_bytes()
        try:
            images = load(pictures, tmp_path / "cache").images[:]
        except OSError as error:
            assert str(path) in str(error) and "Delete it" in str(error)
            noticed += 1
        else:
            np.testing.assert_array_equal(images, expected, str(position))
            noticed += path.read_bytes() != damaged  # prepared again
    assert noticed >= (28 if what == "*.npy" else 20)


@pytest.mark.parametrize("damage", ["cut", "empty", "other size", "no json", "bad json"])
def test_a_damaged_file_is_prepared_again(pictures, tmp_path, small_shards, damage):
    expected = load(pictures, tmp_path / "cache").images[:]
    path = sorted((tmp_path / "cache").glob("*/*.npy"))[1]
    content = path.read_bytes()
    if damage == "no json":
        path.with_suffix(".json").unlink()
    elif damage == "bad json":
        path.with_suffix(".json").write_text('{"skipped": {"3": "x"}, "checksum": 0}')
    elif damage == "other size":
        np.save(path, np.zeros(4, shards._record((4, 4, 3))))
    else:
        path.write_bytes(content[:-50] if damage == "cut" else b"")
    with pytest.warns(UserWarning, match=rf"prepared images '{path}' is damaged .* Now preparing"):
        found = load(pictures, tmp_path / "cache").images[:]
    np.testing.assert_array_equal(found, expected)
    assert path.read_bytes() == content


def test_a_file_that_is_damaged_later_is_named(pictures, tmp_path, small_shards):
    images = load(pictures, tmp_path / "cache").images
    path = images.paths[1]
    content = path.read_bytes()
    for damaged in (content[:-50], content[:-50] + bytes(50), b""):
        path.write_bytes(damaged)
        with pytest.raises(OSError, match=rf"'{path}' is damaged \(.*\)\. Delete it: the next run"):
            images[4:8]
        assert images[:4][:, 0, 0, 0].tolist() == [0, 1, 2, 3]
    path.unlink()
    with pytest.raises(OSError, match=r"is damaged \(No such file"):
        images[4]


def test_a_write_that_fails_names_file_and_room(pictures, tmp_path, small_shards, monkeypatch):
    def save(path, records):
        raise OSError("737280 requested and 102272 written")

    monkeypatch.setattr(shards.np, "save", save)
    message = r"00000\.npy' of `cache` cannot .* \(737.*\): it takes 784 bytes, with [\d,]+ bytes free"
    with pytest.raises(OSError, match=message):
        load(pictures, tmp_path / "cache")


def test_a_write_that_numpy_believes_complete(pictures, tmp_path, small_shards):
    """The error of the last block is lost: its bytes are counted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, hard))
    try:
        with pytest.raises(
            OSError, match=r"00000\.npy' of `cache` cannot be written \(500 bytes are wr"
        ):
            load(pictures, tmp_path / "cache")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(load(pictures, tmp_path / "cache")) == 3


def test_more_than_memory_holds(pictures, monkeypatch):
    monkeypatch.setattr(machine, "memory", lambda: 2000 / machine.GIGABYTE)
    with pytest.raises(ValueError, match=r"11 images of \(8, 8, 3\) take .*memory.*folder as `cache`"):
        load(pictures, None)


def test_trains_and_is_measured(pictures, tmp_path, small_shards):
    dataset = load(pictures, tmp_path / "cache", batch_size=4)
    model = kgz.GAN(dataset.image_shape, latent_dim=4, seed=0)
    model.compile()
    model.fit(dataset, epochs=1, verbose=0)
    assert model.steps == 2
    found = kgz.metrics.reference.real_images(dataset, 5)
    assert found[:, 0, 0, 0].tolist() == [0, 2, 4, 6, 8]
