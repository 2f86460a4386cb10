import math
import zipfile

import numpy as np
import pytest

from keras_gan_zoo.utils import checkpoint_files as files

STATE = {
    "epoch": 2,
    "best": math.inf,
    "names": ["a", None],
    "weights": [np.arange(3.0), np.ones((2, 2))],
}


def write(path, state=STATE):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", '{"class_name": "GAN"}')
        archive.writestr("model.weights.h5", bytes(range(256)))
    files.complete(path, state)
    return path


def test_what_is_written_is_read(tmp_path):
    path = write(tmp_path / files.name(2, 15))
    assert path.name == "epoch_00002_step_0000015.keras" and files.is_whole(path)
    read = files.read(path)
    assert {key: read[key] for key in ("epoch", "best", "names")} == {
        key: STATE[key] for key in ("epoch", "best", "names")
    }
    for left, right in zip(read["weights"], STATE["weights"], strict=True):
        np.testing.assert_array_equal(left, right)
    assert files.config(path) == {"class_name": "GAN"}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None and archive.read("model.weights.h5") == bytes(range(256))


def test_a_flip_of_any_byte_is_noticed(tmp_path):
    path = write(tmp_path / "a.keras")
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        path.write_bytes(damaged)
        assert not files.is_whole(path)
    path.write_bytes(whole)
    assert files.is_whole(path)


@pytest.mark.parametrize(
    "change", [lambda b: b[:-1], lambda b: b + b"0", lambda b: b"", lambda b: b[:64]]
)
def test_another_length_is_noticed(change, tmp_path):
    path = write(tmp_path / "a.keras")
    path.write_bytes(change(path.read_bytes()))
    assert not files.is_whole(path)


def test_the_newest_whole_one_is_taken(tmp_path):
    paths = [write(tmp_path / files.name(*place)) for place in ((1, 7), (1, 10), (10, 0), (9, 3))]
    assert files.listed(tmp_path) == [paths[0], paths[1], paths[3], paths[2]]
    assert files.newest(tmp_path) == paths[2]
    paths[2].write_bytes(b"damaged")
    with pytest.warns(UserWarning, match=r"epoch_00010_step_0000000\.keras is damaged.*one before it"):
        assert files.newest(tmp_path) == paths[3]
    assert files.newest(tmp_path) == paths[3]  # without a second warning
    assert (tmp_path / "epoch_00010_step_0000000.keras.damaged").read_bytes() == b"damaged"


def test_all_damaged(tmp_path):
    (tmp_path / files.name(0, 1)).write_bytes(b"")
    with (
        pytest.warns(UserWarning, match="damaged"),
        pytest.raises(ValueError, match="All checkpoints in"),
    ):
        files.newest(tmp_path)
    assert files.newest(tmp_path / "missing") is None


def test_older_ones_are_deleted(tmp_path):
    paths = [write(tmp_path / files.name(epoch, 0)) for epoch in range(5)]
    files.keep_newest(tmp_path, 2)
    assert files.listed(tmp_path) == paths[3:]
    files.keep_newest(tmp_path, 3)
    assert files.listed(tmp_path) == paths[3:]
