import os
import time
from pathlib import Path

import pytest

from keras_gan_zoo.utils import files


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_replacing_writes_a_file(tmp_path):
    with files.replacing(tmp_path / "a.keras") as temporary:
        assert temporary.endswith("a.keras") and str(tmp_path) in temporary
        with open(temporary, "w") as file:
            file.write("new")
        assert not (tmp_path / "a.keras").exists()
    assert names(tmp_path) == ["a.keras"]
    assert (tmp_path / "a.keras").read_text() == "new"


def test_folders_and_files_beside_the_file_are_replaced(tmp_path):
    for text in ("old", "new"):
        with files.replacing(tmp_path / "network.xml") as temporary:
            Path(temporary).write_text(text)
            Path(temporary).with_suffix(".bin").write_text(f"{text} weights")
            assert not (tmp_path / "network.bin").exists() or text == "new"
        with files.replacing(tmp_path / "network") as temporary:
            (Path(temporary) / "variables").mkdir(parents=True)
            (Path(temporary) / "variables" / text).write_text(text)
    assert names(tmp_path) == ["network", "network.bin", "network.xml"]
    assert (tmp_path / "network.xml").read_text() == "new"
    assert (tmp_path / "network.bin").read_text() == "new weights"
    assert names(tmp_path / "network/variables") == ["new"]
    with pytest.raises(OSError), files.replacing(tmp_path / "network") as temporary:
        Path(temporary).mkdir()
        raise OSError("disk full")
    assert names(tmp_path / "network/variables") == ["new"]
    assert names(tmp_path) == ["network", "network.bin", "network.xml"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_error_leaves_the_last_file(tmp_path, error):
    path = tmp_path / "a.keras"
    path.write_text("old")
    with pytest.raises(type(error)), files.replacing(path) as temporary:
        with open(temporary, "w") as file:
            file.write("ha")
        raise error
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.keras"]


def test_a_link_of_the_old_temporary_name_is_not_followed(tmp_path):
    (tmp_path / "victim").write_text("precious")
    (tmp_path / f".{os.getpid()}.a").symlink_to(tmp_path / "victim")
    with files.replacing(tmp_path / "a") as one, files.replacing(tmp_path / "a") as other:
        assert one != other
        for temporary in (one, other):
            with open(temporary, "x") as file:  # did not exist
                file.write("new")
    assert (tmp_path / "victim").read_text() == "precious"
    assert (tmp_path / "a").read_text() == "new"


def test_folders_of_killed_processes_are_removed_after_an_hour(tmp_path):
    old, recent, other = (tmp_path / name for name in (".a.writing-1", ".a.writing-2", ".b.writing-1"))
    for folder, age in ((old, 4000), (recent, 3000), (other, 4000)):
        folder.mkdir()
        (folder / "part").write_text("ha")
        os.utime(folder, (time.time() - age,) * 2)
    with files.replacing(tmp_path / "a") as temporary, open(temporary, "w") as file:
        file.write("new")
    assert names(tmp_path) == [".a.writing-2", "a"]


def test_a_folder_is_searched_once(tmp_path, monkeypatch):
    """A search for each of many pictures took quadratic time."""
    searched, glob = [], type(tmp_path).glob
    monkeypatch.setattr(type(tmp_path), "glob", lambda *args: searched.append(args) or glob(*args))
    for name in ("a", "b", "c"):
        with files.replacing(tmp_path / name) as temporary, open(temporary, "w") as file:
            file.write("new")
    assert len(searched) == 1


def test_sealed_files(tmp_path):
    path = tmp_path / "a\x1b"
    for content in (b"", b"x" * 3_000_000):
        path.write_bytes(content)
        files.check_seal(path)  # without a checksum
        files.seal(path)
        files.check_seal(path)
        sealed = path.read_bytes()
        assert sealed.startswith(content) and len(sealed) < len(content) + 100
        path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
        with pytest.raises(OSError, match=r"a\\x1b is damaged: its contents differ from its checksum"):
            files.check_seal(path)


def test_abandoned_folders_of_all_files_are_removed(tmp_path):
    for name, age in ((".a.writing-1", 4000), (".b.writing-1", 4000), (".b.writing-2", 3000)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    files.remove_abandoned(tmp_path)
    assert names(tmp_path) == [".b.writing-2"]


def test_without_overwrite_the_writer_gets_the_existing_file(tmp_path):
    path = tmp_path / "a"
    with files.replacing(path, overwrite=False) as temporary:
        assert temporary != str(path)
        with open(temporary, "w") as file:
            file.write("new")
    with files.replacing(path, overwrite=False) as given:
        assert given == str(path)
    assert path.read_text() == "new"


def test_writable_folder_is_created_with_its_parents(tmp_path):
    assert files.writable_folder(tmp_path / "a" / "b", "folder") == tmp_path / "a" / "b"
    assert names(tmp_path / "a") == ["b"] and names(tmp_path / "a" / "b") == []


def test_unwritable_folder(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(
            ValueError, match=r"`out` must be a folder that can be written to\. Rec.*file"
        ):
            files.writable_folder(path, "out")
