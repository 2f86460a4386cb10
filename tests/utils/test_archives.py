import os
import zipfile

import h5py
import numpy as np
import pytest

from keras_gan_zoo.utils import archives


def archive(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_needed_memory_is_compared_with_the_size(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(10**6))
    archives.check_needed(path, 21 * 10**6)
    with pytest.raises(archives.ExpansionError, match="has 1,000,000 bytes and asks for 22,000,000 b"):
        archives.check_needed(path, 22 * 10**6)


def test_members_of_archives(tmp_path):
    noise = os.urandom(10**6)
    archives.check_zip(archive(tmp_path / "ordinary.keras", {"a": noise, "b": bytes(10**6)}))
    for members in ({"a": bytes(10**8)}, {f"assets/{k}": bytes(10**6) for k in range(50)}):
        with pytest.raises(ValueError, match=r"bomb\.keras is damaged or harmful"):
            archives.check_model(archive(tmp_path / "bomb.keras", members))
    (tmp_path / "none.keras").write_bytes(noise)
    with pytest.raises(zipfile.BadZipFile):
        archives.check_model(tmp_path / "none.keras")


@pytest.mark.parametrize("packed", [{}, {"compression": "gzip"}])
@pytest.mark.parametrize("suffix", [".weights.h5", ".keras"])
def test_arrays_without_stored_values(tmp_path, packed, suffix):
    weights = tmp_path / "model.weights.h5"

    def checked():
        if suffix == ".weights.h5":
            return archives.check_model(weights)
        path = archive(tmp_path / "x.keras", {weights.name: weights.read_bytes()}, zipfile.ZIP_STORED)
        archives.check_model(path)

    with h5py.File(weights, "w") as file:
        file.create_dataset("layers/kernel", data=np.ones((300, 300)), **packed)
    checked()
    with h5py.File(weights, "a") as file:
        file.create_dataset("layers/huge", (10**9,), "f4", chunks=(1000,), **packed)
    with pytest.raises(archives.ExpansionError, match="asks for 4,000,720,000 bytes of memory"):
        checked()
