"""A short run of the fuzzer of the readers."""

import fuzz_readers
import pytest
from tools import BACKEND, importable

NEEDS = {"pth": "torch", "safetensors": "safetensors"}
EXECUTIONS = {"keras": 30}


@pytest.mark.parametrize("name", fuzz_readers.READERS)
def test_only_the_promised_error(name):
    if name in NEEDS and not importable(NEEDS[name]):
        pytest.skip(f"writing the files needs {NEEDS[name]}")
    if BACKEND != "torch":
        pytest.skip("the readers of files do not depend on the backend")
    assert fuzz_readers.run(name, EXECUTIONS.get(name, 300)) == []


def test_findings_are_found(monkeypatch):
    def read(path):
        content = path.read_bytes()
        if len(content) < 300:
            raise KeyError("short")
        if len(content) % 7 == 0:
            while True:
                pass

    monkeypatch.setitem(fuzz_readers.READERS, "bad", fuzz_readers.Reader(fuzz_readers.arrays, read))
    monkeypatch.setattr(fuzz_readers, "SECONDS", 0.05)
    kinds = {finding.what.split(":")[0] for finding in fuzz_readers.run("bad", 100)}
    assert kinds == {"KeyError", "TooSlow"}
