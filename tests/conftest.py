import pathlib

import pytest


@pytest.fixture
def shared_data():
    folder = pathlib.Path(__file__).parents[1] / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real images are not at {folder}")
    return folder
