import os
import subprocess
import sys

import pytest

from keras_gan_zoo.utils import locks

HOLDER = """
import sys
from keras_gan_zoo.utils import locks
with locks.exclusive(sys.argv[1], "--out"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_lock_names_its_process_and_dies_with_it(tmp_path):
    pytest.importorskip("fcntl")
    path, pipe = tmp_path / ".lock", subprocess.PIPE
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout.readline() == "held\n"
        message = f"`--out`.*in use by process {other.pid} on "
        with pytest.raises(ValueError, match=message), locks.exclusive(path, "--out"):
            pass
        other.kill()
        other.wait()
    with locks.exclusive(path, "--out"):
        assert path.read_text().startswith(f"process {os.getpid()} on ")


def test_without_locks_of_the_system(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with locks.exclusive(tmp_path / ".lock", "--out"), locks.exclusive(tmp_path / ".lock", "--out"):
        assert os.listdir(tmp_path) == []


def test_a_file_system_without_locks(tmp_path, monkeypatch):
    fcntl = pytest.importorskip("fcntl")

    def refuse(file, operation):
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locks.exclusive(tmp_path / ".lock", "--out"), locks.exclusive(tmp_path / ".lock", "--out"):
        assert (tmp_path / ".lock").read_text() == ""
